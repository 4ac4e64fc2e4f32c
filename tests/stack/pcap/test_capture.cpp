#include "radio/realtime.h"
#include "stack/ngap/codec.h"
#include "stack/pcap/capture.h"
#include "tests/realtime_guard.h"
#include "tests/stack/ngap/samples.h"
#include "tests/stack/pcap/blocks.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace ravi::pcap {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// A file that goes with the test.
struct TemporaryFile {
  explicit TemporaryFile(const char* name) : path(std::filesystem::temp_directory_path() / name) { std::filesystem::remove(path); }
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

std::unique_ptr<Capture> open(const TemporaryFile& file, std::size_t ring_octets = 1U << 16U)
{
  auto capture = Capture::open({.file = file.path, .ring_octets = ring_octets});
  REQUIRE(capture);
  return std::move(*capture);
}

std::vector<test::Block> packets_of(const TemporaryFile& file)
{
  std::vector<test::Block> blocks = test::blocks_of(test::read_file(file.path));
  std::erase_if(blocks, [](const test::Block& block) { return block.type != test::kPacket; });
  return blocks;
}

MacPdu mac_pdu(nanoseconds time, std::span<const std::uint8_t> octets) { return {.rnti = nr::Rnti(0x4601), .time = time, .octets = octets}; }

}  // namespace

TEST_CASE("capture: a tap neither allocates nor locks, full or not, and counts what it drops")
{
  const TemporaryFile file("ravi_test_capture_realtime.pcapng");
  const auto capture = open(file, 4096);
  Tap& tap = capture->add_tap(Node::gnb, "gNB");
  const std::vector<std::uint8_t> octets(1000);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (int i = 0; i < 10; ++i) tap.mac(mac_pdu(nanoseconds(i), octets));
    tap.rrc(RrcChannel::dl_ccch, nr::Rnti(1), octets);
  }
  const testing::RealtimeViolations violations = testing::realtime_violations();
  CHECK(violations.allocations + violations.frees + violations.locks == 0);
  CHECK(tap.num_dropped() == 8);
  capture->finish();
  CHECK(capture->counters().packets == 3);
  CHECK(capture->counters().dropped == 8);
  tap.mac(mac_pdu(0ns, octets));  // there is room again
  capture->finish();
  CHECK(capture->counters().packets == 4);
}

TEST_CASE("capture: packets of several nodes stand in the order of network time")
{
  const TemporaryFile file("ravi_test_capture_order.pcapng");
  const auto capture = open(file);
  Tap& gnb = capture->add_tap(Node::gnb, "gNB");
  Tap& core = capture->add_tap(Node::core, "core");
  const std::vector<std::uint8_t> octets{1, 2, 3};
  for (int slot = 0; slot < 300; ++slot) {
    gnb.mac(mac_pdu(slot * 1ms + 2ms, octets));  // made ahead of its time
    core.set_time(slot * 1ms);
    core.nas(nr::LinkDirection::uplink, 1, octets);
    if (slot % 20 == 0) capture->drain();
  }
  capture->drain();
  const std::vector<test::Block> so_far = packets_of(file);
  CHECK(so_far.size() > 480);
  CHECK(so_far.size() < 600);  // the last wait for older ones
  capture->finish();
  const std::vector<test::Block> all = packets_of(file);
  CHECK(all.size() == 600);
  CHECK(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.packet_time() < b.packet_time(); }));
}

TEST_CASE("capture: each node's kinds of messages have interfaces of their own, with the node's name")
{
  const TemporaryFile file("ravi_test_capture_interfaces.pcapng");
  const auto capture = open(file);
  Tap& gnb = capture->add_tap(Node::gnb, "gNB");
  Tap& ue = capture->add_tap(Node::ue, "UE 1");
  const std::vector<std::uint8_t> octets(20);
  gnb.mac(mac_pdu(0ns, octets));
  gnb.gtpu(nr::LinkDirection::uplink, {127, 0, 0, 2}, {127, 0, 0, 1}, octets);
  ue.mac(mac_pdu(0ns, octets));
  gnb.mac(mac_pdu(0ns, octets));
  capture->finish();
  std::vector<std::string> names;
  for (const test::Block& block : test::blocks_of(test::read_file(file.path))) {
    if (block.type != test::kInterface) continue;
    CHECK(block.word(8) % 0x10000 == 2);
    const std::size_t length = block.word(8) >> 16U;
    names.emplace_back(block.body.begin() + 12, block.body.begin() + 12 + static_cast<std::ptrdiff_t>(length));
    CHECK(block.word(0) == (names.back() == "gNB N3" ? 101 : 252));
  }
  CHECK(names == std::vector<std::string>{"gNB Uu", "gNB N3", "UE 1 Uu"});
}

TEST_CASE("capture: no key that NGAP carries comes into the file")
{
  const TemporaryFile file("ravi_test_capture_keys.pcapng");
  const auto capture = open(file);
  Tap& tap = capture->add_tap(Node::gnb, "gNB");
  std::vector<std::uint8_t> key;
  for (const ngap::Message& message : ngap::test::sample_messages()) {
    if (const auto* request = std::get_if<ngap::InitialContextSetupRequest>(&message)) key.assign(request->k_gnb.bytes().begin(), request->k_gnb.bytes().end());
    tap.ngap(nr::LinkDirection::downlink, ngap::encode(message));
  }
  tap.ngap(nr::LinkDirection::downlink, std::vector<std::uint8_t>{0, 14, 0, 0xC1});  // fragmented: cannot be walked through
  capture->finish();
  CHECK(capture->counters().unreadable == 1);
  CHECK(capture->counters().packets == ngap::test::sample_messages().size());
  REQUIRE(key.size() == 32);
  const std::vector<std::uint8_t> octets = test::read_file(file.path);
  CHECK(std::search(octets.begin(), octets.end(), key.begin(), key.end()) == octets.end());
}

TEST_CASE("capture: read and written by two threads at once, every record arrives whole and in order")
{
  const TemporaryFile file("ravi_test_capture_threads.pcapng");
  const auto capture = open(file, 8192);
  Tap& tap = capture->add_tap(Node::gnb, "gNB");
  constexpr unsigned kNumRecords = 20'000;
  std::thread node([&tap] {
    std::vector<std::uint8_t> octets;
    for (unsigned i = 0; i < kNumRecords; ++i) {
      octets.assign(1 + i % 700, static_cast<std::uint8_t>(i));
      tap.set_time(i * 1us);
      tap.rrc(RrcChannel::ul_dcch, nr::Rnti(1), octets);
    }
  });
  while (capture->counters().packets + capture->counters().dropped < kNumRecords) capture->finish();
  node.join();
  capture->finish();
  CHECK(capture->counters().packets + capture->counters().dropped == kNumRecords);
  const std::vector<test::Block> packets = packets_of(file);
  CHECK(packets.size() == capture->counters().packets);
  for (const test::Block& block : packets) {
    const auto i = static_cast<unsigned>(block.packet_time() / 1000);
    const std::string packet = block.packet();
    constexpr std::size_t kTags = 4 + 16 + 4;
    REQUIRE(packet.size() == kTags + 1 + i % 700);
    REQUIRE(packet.substr(kTags) == std::string(1 + i % 700, static_cast<char>(i)));
  }
}

TEST_CASE("capture: a file that cannot be made is refused")
{
  const auto capture = Capture::open({.file = "/proc/no/such/folder.pcapng"});
  REQUIRE_FALSE(capture);
  CHECK(capture.error().code == ErrorCode::io);
}

}  // namespace ravi::pcap
