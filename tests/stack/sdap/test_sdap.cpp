#include "stack/sdap/sdap.h"

#include <doctest/doctest.h>

#include <vector>

namespace ravi::sdap {

using Bytes = std::vector<std::uint8_t>;

TEST_CASE("SDAP: header octets of TS 37.324 §6.2.2, and every octet read and written again")
{
  CHECK(encode(DownlinkHeader{true, false, 5}) == 0x85);
  CHECK(encode(DownlinkHeader{false, true, 63}) == 0x7F);
  CHECK(encode(UplinkHeader{true, 1}) == 0x81);
  CHECK(encode(UplinkHeader{false, 9}) == 0x09);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const auto o = static_cast<std::uint8_t>(octet);
    CHECK(encode(decode_downlink(o)) == o);
    CHECK(encode(decode_uplink(o)) == (o & 0xBF));  // the reserved bit is not kept
  }
}

TEST_CASE("SDAP: PDUs with and without header give the packet, empty ones nothing, an end marker its flow")
{
  const Bytes packet{0x45, 0, 0, 20};
  Bytes out(5);
  CHECK(write(encode(DownlinkHeader{false, false, 1}), packet, out) == 5);
  CHECK(out == Bytes{0x01, 0x45, 0, 0, 20});
  CHECK(read_downlink(true, out)->header == DownlinkHeader{false, false, 1});
  CHECK(read_downlink(true, out)->packet.size() == 4);
  CHECK(read_downlink(false, out)->packet.size() == 5);
  CHECK_FALSE(read_downlink(true, std::span(out).first(1)).has_value());
  CHECK_FALSE(read_downlink(false, {}).has_value());
  CHECK(write(std::nullopt, packet, out) == 4);
  CHECK(write(std::uint8_t{1}, packet, std::span(out).first(4)) == 0);
  const Bytes marker{0x07};
  const auto read = read_uplink(true, marker);
  REQUIRE(read.has_value());
  CHECK(read->header == UplinkHeader{false, 7});
  CHECK(read->packet.empty());
  CHECK_FALSE(read_uplink(true, Bytes{0x87}).has_value());
  CHECK_FALSE(read_uplink(true, {}).has_value());
}

TEST_CASE("SDAP: flows follow RRC and reflective mapping, and an end marker closes the DRB left behind [TS 37.324 §5.3]")
{
  QosFlowMapping flows;
  CHECK_FALSE(flows.drb_of(1).has_value());
  flows.set_default_drb(1);
  CHECK(flows.drb_of(1) == 1);
  CHECK(flows.map(1, 2).end_marker_on == 1);
  CHECK(flows.drb_of(1) == 2);
  CHECK_FALSE(flows.map(1, 2).end_marker_on.has_value());
  CHECK_FALSE(flows.reflect({false, true, 1}, 3).end_marker_on.has_value());
  CHECK(flows.drb_of(1) == 2);
  CHECK(flows.reflect({true, false, 1}, 3).end_marker_on == 2);
  CHECK(flows.drb_of(1) == 3);
  flows.unmap(1);
  CHECK(flows.drb_of(1) == 1);
}

}  // namespace ravi::sdap
