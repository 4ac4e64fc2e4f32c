// Both ways of usrsctp over loopback; the kernel's where there is one. Waiting here is for the link's own threads: bounded, and
// ended by what is waited for.

#include "drivers/ip/n2_sctp.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace ravi;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kPort = 48412;       // not the standard's, so that a core that runs is not disturbed
constexpr std::uint16_t kUdpPort = 19899;
constexpr Ipv4 kAmf{127, 0, 0, 81};
constexpr Ipv4 kGnb{127, 0, 0, 82};

bool comes_true(const std::function<bool()>& what, std::chrono::seconds patience = 20s)
{
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!what()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

struct Log {
  std::mutex mutex;
  std::vector<std::string> lines;
  LinkLog writer()
  {
    return [this](const std::string& line) {
      const std::lock_guard lock(mutex);
      lines.push_back(line);
    };
  }
  bool has(const std::string& word)
  {
    const std::lock_guard lock(mutex);
    for (const std::string& line : lines) {
      if (line.find(word) != std::string::npos) return true;
    }
    return false;
  }
};

N2ClientConfig client_of(SctpKind kind)
{
  return {.sctp = kind, .amf = {kAmf, kPort}, .bind = kGnb, .udp_port = kUdpPort, .patience = 500ms, .first_retry = 20ms, .last_retry = 200ms};
}

N2ListenerConfig listener_of(SctpKind kind)
{
  return {.sctp = kind, .listen = {kAmf, kPort}, .udp_port = kUdpPort};
}

std::unique_ptr<ngap::N2Link> accept(N2Listener& listener)
{
  std::unique_ptr<ngap::N2Link> link;
  REQUIRE(comes_true([&] { return (link = listener.accept()) != nullptr; }));
  return link;
}

std::optional<ngap::N2Message> receive(ngap::N2Link& link)
{
  std::optional<ngap::N2Message> message;
  comes_true([&] { return (message = link.receive()).has_value() || !link.is_up(); });
  return message ? message : link.receive();
}

std::vector<std::uint8_t> octets_of(std::size_t size, unsigned seed)
{
  std::vector<std::uint8_t> octets(size);
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 31 + seed * 17 + i / 256);
  return octets;
}

/// The ways that this machine and user have.
std::vector<SctpKind> kinds()
{
  std::vector<SctpKind> result{SctpKind::usrsctp_udp};
  if (has_raw_sctp() && !has_kernel_sctp()) result.push_back(SctpKind::usrsctp);
  if (has_kernel_sctp()) result.push_back(SctpKind::kernel);
  return result;
}

void send_udp(const Ipv4& from, std::span<const std::uint8_t> octets)
{
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, from.data(), from.size());
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  std::memcpy(&address.sin_addr, kAmf.data(), kAmf.size());
  address.sin_port = htons(kUdpPort);
  sendto(fd, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  close(fd);
}

}  // namespace

TEST_CASE("N2 over SCTP: messages of every size go both ways, in order, on their streams")
{
  for (const SctpKind kind : kinds()) {
    CAPTURE(static_cast<int>(kind));
    Log log;
    auto client_config = client_of(kind);
    client_config.log = log.writer();
    auto listener = N2Listener::open(listener_of(kind));
    REQUIRE(listener);
    auto gnb = connect_n2(client_config);
    REQUIRE(gnb);
    auto amf = accept(**listener);
    REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
    CHECK(amf->is_up());
    CHECK(comes_true([&] { return log.has("127.0.0.81:48412"); }));
    for (unsigned n = 0; n < 40; ++n) {
      const auto up = octets_of(1 + n * n * 41, n);        // to 62 kB: in many packets
      const auto down = octets_of(1 + n * 7, n + 100);
      const auto stream = static_cast<std::uint16_t>(n % 3 == 0 ? 0 : 1);
      REQUIRE((*gnb)->send(stream, up));
      REQUIRE(amf->send(stream, down));
      const auto got_up = receive(*amf);
      const auto got_down = receive(**gnb);
      REQUIRE(got_up);
      REQUIRE(got_down);
      CHECK(got_up->bytes == up);
      CHECK(got_up->stream == stream);
      CHECK(got_down->bytes == down);
      CHECK(got_down->stream == stream);
    }
    CHECK((*gnb)->counters().sent == 40);
    CHECK(amf->counters().received == 40);
  }
}

TEST_CASE("N2 over SCTP: a gNB that comes before the AMF gets through, and again after the AMF was started anew")
{
  for (const SctpKind kind : kinds()) {
    CAPTURE(static_cast<int>(kind));
    auto gnb = connect_n2(client_of(kind));
    REQUIRE(gnb);
    CHECK_FALSE((*gnb)->is_up());
    CHECK_FALSE((*gnb)->send(0, octets_of(10, 1)));
    std::this_thread::sleep_for(100ms);  // a few attempts at nobody
    for (int round = 0; round < 3; ++round) {
      auto listener = N2Listener::open(listener_of(kind));
      REQUIRE(listener);
      auto amf = accept(**listener);
      REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
      REQUIRE((*gnb)->send(0, octets_of(100, 1)));
      CHECK(receive(*amf)->bytes == octets_of(100, 1));
      REQUIRE(amf->send(0, octets_of(50, 2)));
      CHECK(receive(**gnb)->bytes == octets_of(50, 2));
      listener->reset();                      // the AMF ends: its associations are cut
      CHECK_FALSE(amf->is_up());
      REQUIRE(comes_true([&] { return !(*gnb)->is_up(); }));
    }
  }
}

TEST_CASE("N2 over SCTP: a loss is seen by the owner before the next association, however late it looks")
{
  auto gnb = connect_n2(client_of(SctpKind::usrsctp_udp));
  REQUIRE(gnb);
  auto listener = N2Listener::open(listener_of(SctpKind::usrsctp_udp));
  REQUIRE(listener);
  auto amf = accept(**listener);
  REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
  amf.reset();                                // given up by its owner: cut
  std::this_thread::sleep_for(300ms);         // much longer than a retry takes
  CHECK_FALSE((*gnb)->is_up());
  amf = accept(**listener);
  REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
}

TEST_CASE("N2 over SCTP: a gNB that ends is gone at the AMF, and another may come")
{
  for (const SctpKind kind : kinds()) {
    CAPTURE(static_cast<int>(kind));
    auto listener = N2Listener::open(listener_of(kind));
    REQUIRE(listener);
    for (int round = 0; round < 3; ++round) {
      auto gnb = connect_n2(client_of(kind));
      REQUIRE(gnb);
      auto amf = accept(**listener);
      REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
      REQUIRE((*gnb)->send(1, octets_of(30, 3)));
      CHECK(receive(*amf).has_value());
      gnb->reset();
      CHECK(comes_true([&] { return !amf->is_up(); }));
    }
  }
}

TEST_CASE("N2 over SCTP: several gNBs at once, also by different ways, and no more than allowed")
{
  auto config = listener_of(has_kernel_sctp() || !has_raw_sctp() ? SctpKind::usrsctp_udp : SctpKind::automatic);
  config.max_gnbs = 3;
  auto listener = N2Listener::open(config);
  REQUIRE(listener);
  std::vector<std::unique_ptr<ngap::N2Link>> gnbs, amfs;
  for (int n = 0; n < 3; ++n) {
    const bool is_raw = config.sctp == SctpKind::automatic && n == 1;
    gnbs.push_back(*connect_n2(client_of(is_raw ? SctpKind::usrsctp : SctpKind::usrsctp_udp)));
    amfs.push_back(accept(**listener));
    REQUIRE(comes_true([&] { return gnbs.back()->is_up(); }));
  }
  for (unsigned n = 0; n < 3; ++n) {
    REQUIRE(gnbs[n]->send(0, octets_of(20 + n, n)));
    CHECK(receive(*amfs[n])->bytes == octets_of(20 + n, n));
  }
  auto fourth = connect_n2(client_of(SctpKind::usrsctp_udp));
  REQUIRE(fourth);
  CHECK_FALSE(comes_true([&] { return (*listener)->accept() != nullptr; }, 1s));
  CHECK(amfs[0]->is_up());
}

TEST_CASE("N2 over SCTP: garbage at the port disturbs nobody")
{
  auto listener = N2Listener::open(listener_of(SctpKind::usrsctp_udp));
  REQUIRE(listener);
  auto gnb = connect_n2(client_of(SctpKind::usrsctp_udp));
  REQUIRE(gnb);
  auto amf = accept(**listener);
  REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
  std::mt19937 random(1);
  for (int n = 0; n < 2000; ++n) {
    std::vector<std::uint8_t> octets(random() % 200);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
    if (n % 2 == 0 && octets.size() >= 12) {  // to the right port, with a chunk type of SCTP
      octets[2] = kPort >> 8;
      octets[3] = kPort & 0xFF;
      if (octets.size() > 16) octets[12] = static_cast<std::uint8_t>(random() % 16);
    }
    send_udp({127, 0, 0, static_cast<std::uint8_t>(100 + n % 50)}, octets);
  }
  CHECK((*listener)->accept() == nullptr);
  REQUIRE((*gnb)->send(0, octets_of(40, 9)));
  CHECK(receive(*amf)->bytes == octets_of(40, 9));
}

TEST_CASE("N2 over SCTP: an owner that does not take its messages stops the sender, and then gets all of them")
{
  auto listener = N2Listener::open(listener_of(SctpKind::usrsctp_udp));
  REQUIRE(listener);
  auto gnb = connect_n2(client_of(SctpKind::usrsctp_udp));
  REQUIRE(gnb);
  auto amf = accept(**listener);
  REQUIRE(comes_true([&] { return (*gnb)->is_up(); }));
  unsigned num_sent = 0;
  const auto end = std::chrono::steady_clock::now() + 1s;
  while (std::chrono::steady_clock::now() < end && num_sent < 3000) {
    if ((*gnb)->send(1, octets_of(2000, num_sent))) {
      ++num_sent;
    } else {
      std::this_thread::sleep_for(1ms);
    }
  }
  CHECK(num_sent > 256);
  CHECK(num_sent < 3000);
  for (unsigned n = 0; n < num_sent; ++n) {
    const auto message = receive(*amf);
    REQUIRE(message);
    REQUIRE(message->bytes == octets_of(2000, n));
  }
}

TEST_CASE("N2 over SCTP: an address that is not ours, or that is taken, is refused by name")
{
  auto config = listener_of(SctpKind::usrsctp_udp);
  config.listen.address = {203, 0, 113, 7};
  const auto foreign = N2Listener::open(config);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().message.find("203.0.113.7") != std::string::npos);
  auto first = N2Listener::open(listener_of(SctpKind::usrsctp_udp));
  REQUIRE(first);
  CHECK_FALSE(N2Listener::open(listener_of(SctpKind::usrsctp_udp)));
  if (!has_kernel_sctp()) CHECK_FALSE(connect_n2(client_of(SctpKind::kernel)));
}
