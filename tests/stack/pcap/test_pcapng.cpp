#include "stack/pcap/frame.h"
#include "stack/pcap/pcapng.h"
#include "tests/stack/pcap/blocks.h"

#include "doctest/doctest.h"

#include <string>
#include <string_view>
#include <vector>

namespace ravi::pcap {
namespace {

using std::chrono::nanoseconds;

std::string text(const Octets& octets) { return {octets.begin(), octets.end()}; }

MacPdu sample_pdu(const std::vector<std::uint8_t>& octets)
{
  return {.rnti = nr::Rnti(0x4601),
          .rnti_type = RntiType::c,
          .direction = nr::LinkDirection::uplink,
          .slot = nr::Slot(nr::Scs::khz30, 1023, 19),
          .harq_process = 7,
          .time = nanoseconds(12'345'678'901),
          .octets = octets};
}

}  // namespace

TEST_CASE("pcapng: section, interface and packet have the octets that the draft prescribes")
{
  Octets file;
  append_section("ab", file);
  CHECK(file == Octets{0x0A, 0x0D, 0x0D, 0x0A, 40, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                       0xFF, 0xFF, 0xFF, 0xFF, 4, 0, 2, 0, 'a', 'b', 0, 0, 0, 0, 0, 0, 40, 0, 0, 0});
  file.clear();
  append_interface({.link = LinkType::upper_pdu, .name = "x"}, file);
  CHECK(file == Octets{1, 0, 0, 0, 40, 0, 0, 0, 252, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 'x', 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0});
  file.clear();
  const std::vector<std::uint8_t> octets{1, 2, 3, 4, 5};
  append_packet({.interface = 3, .time = nanoseconds(0x1122334455667788), .is_sent = true, .octets = octets, .comment = "hi!"}, file);
  CHECK(file == Octets{6, 0, 0, 0, 60, 0, 0, 0, 3, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 0x88, 0x77, 0x66, 0x55, 5, 0, 0, 0, 5, 0, 0, 0,
                       1, 2, 3, 4, 5, 0, 0, 0, 2, 0, 4, 0, 2, 0, 0, 0, 1, 0, 3, 0, 'h', 'i', '!', 0, 0, 0, 0, 0, 60, 0, 0, 0});
}

TEST_CASE("frames: a MAC PDU as a line of a log, as Wireshark's DCT2000 dissector takes it")
{
  Octets frame;
  append_mac(sample_pdu({0x3E, 0xFF, 0x00}), MacForm::text, nr::Duplex::tdd, "gNB", false, frame);
  using namespace std::string_literals;
  CHECK(text(frame) == "\0\x0c\0\x08"s + "dct2000\0"s + "\0\0\0\0"s + "gNB\0\x01"s + "12.3456\0comment\0"s + "1\0\0\x01\0"s +
                           "NRMAC PDU: direction=0 rntiType=5 rnti=17921 ueid=17921 SN=19 SFN=1023 length=3 TDD HARQ=7 $3eff00"s);
}

TEST_CASE("frames: a MAC PDU with its context as tags, for a dissector and for a heuristic")
{
  using namespace std::string_literals;
  const std::string context = "\x02\0\x03\x02\x46\x01\x03\x46\x01\x07\x03\xff\0\x13\x06\x07\x01"s + "\x3e\xff\0"s;
  Octets frame;
  append_mac(sample_pdu({0x3E, 0xFF, 0x00}), MacForm::framed, nr::Duplex::tdd, "gNB", false, frame);
  CHECK(text(frame) == "\0\x0c\0\x10"s + "mac-nr-framed\0\0\0"s + "\0\0\0\0"s + context);
  frame.clear();
  append_mac(sample_pdu({0x3E, 0xFF, 0x00}), MacForm::heuristic, nr::Duplex::tdd, "gNB", false, frame);
  CHECK(text(frame) == "\0\x0d\0\x0c"s + "mac_nr_udp\0\0"s + "\0\0\0\0"s + "mac-nr" + context);
}

TEST_CASE("frames: a GTP-U datagram has IPv4 and UDP headers that hold")
{
  Octets frame;
  append_gtpu({10, 0, 0, 1}, {10, 0, 0, 2}, std::vector<std::uint8_t>{0x30, 0xFF, 0, 0, 0, 0, 0, 1}, frame);
  CHECK(frame == Octets{0x45, 0, 0, 36, 0, 0, 0x40, 0, 64, 17, 0x26, 0xC7, 10, 0, 0, 1, 10, 0, 0, 2,
                        0x08, 0x68, 0x08, 0x68, 0, 16, 0, 0, 0x30, 0xFF, 0, 0, 0, 0, 0, 1});
}

}  // namespace ravi::pcap
