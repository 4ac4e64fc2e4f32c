#include "drivers/ip/n3_udp.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ravi {
namespace {

constexpr int kSocketBuffer = 4 << 20;   ///< octets; the kernel may give less
constexpr int kMaxUnusable = 64;         ///< in one call, so that a flood of them does not hold the slot up

class UdpN3 final : public ngap::N3Link {
public:
  UdpN3(int fd, const Ipv4& own, std::uint16_t port) : fd_(fd), own_(own), port_(port) {}
  ~UdpN3() override { close(fd_); }
  UdpN3(const UdpN3&) = delete;
  UdpN3& operator=(const UdpN3&) = delete;

  Ipv4 address() const noexcept override { return own_; }

  bool send(const Ipv4& to, std::span<const std::uint8_t> datagram) noexcept override
  {
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port_);
    std::memcpy(&peer.sin_addr, to.data(), to.size());
    const bool is_sent = !datagram.empty() && datagram.size() <= ngap::kMaxDatagram &&
                         sendto(fd_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&peer),
                                sizeof peer) == static_cast<ssize_t>(datagram.size());
    ++(is_sent ? counters_.sent : counters_.dropped);
    return is_sent;
  }

  ngap::N3Datagram receive() noexcept override
  {
    for (int i = 0; i < kMaxUnusable; ++i) {
      sockaddr_in from{};
      socklen_t from_size = sizeof from;
      const ssize_t size = recvfrom(fd_, datagram_.data(), datagram_.size(), MSG_DONTWAIT | MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size < 0 && errno == ECONNREFUSED) continue;  // nobody was there for one of ours
      if (size < 0) return {};
      if (size == 0 || static_cast<std::size_t>(size) > ngap::kMaxDatagram) {
        ++counters_.dropped;
        continue;
      }
      ++counters_.received;
      ngap::N3Datagram received{.from = {}, .octets = std::span(datagram_).first(static_cast<std::size_t>(size))};
      std::memcpy(received.from.data(), &from.sin_addr, received.from.size());
      return received;
    }
    return {};
  }

  const ngap::N3Counters& counters() const noexcept override { return counters_; }

private:
  int fd_;
  Ipv4 own_;
  std::uint16_t port_;
  std::array<std::uint8_t, ngap::kMaxDatagram> datagram_{};   ///< received last
  ngap::N3Counters counters_;
};

}  // namespace

Result<std::unique_ptr<ngap::N3Link>> open_n3(const Ipv4& own, std::uint16_t port)
{
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(ErrorCode::io, fmt::format("no UDP socket: {}", std::strerror(errno)));
  auto link = std::make_unique<UdpN3>(fd, own, port);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  std::memcpy(&address.sin_addr, own.data(), own.size());
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(ErrorCode::busy, fmt::format("cannot take {} for GTP-U: {}", to_text(IpEndpoint{own, port}), std::strerror(errno)));
  }
  return link;
}

}  // namespace ravi
