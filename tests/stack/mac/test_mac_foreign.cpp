// The MAC PDUs of a foreign gNB and a foreign UE, judged by Wireshark's reading of the same file.

#include "stack/mac/mac_ce.h"
#include "stack/mac/mac_pdu.h"
#include "stack/mac/rar.h"

#include "tests/stack/foreign_attach.h"

#include <doctest/doctest.h>

#include <map>

namespace ravi::mac {

TEST_CASE("Foreign attach: all 400 MAC PDUs are understood to the last octet and written again the same")
{
  const auto pdus = ravi::test::read_foreign_attach();
  if (pdus.empty()) return;
  REQUIRE(pdus.size() == 400);
  unsigned num_sub_pdus = 0;
  unsigned num_transport_blocks = 0;
  for (const auto& foreign : pdus) {
    if (foreign.rnti_type != ravi::test::RntiType::c) continue;
    ++num_transport_blocks;
    const Direction direction = foreign.is_downlink ? Direction::downlink : Direction::uplink;
    MacPduReader reader(direction, foreign.pdu);
    std::vector<std::uint8_t> again(foreign.pdu.size());
    MacPduWriter writer(direction, again);
    while (const auto sub_pdu = reader.next()) {
      ++num_sub_pdus;
      REQUIRE(writer.add(sub_pdu->lcid, sub_pdu->payload));
    }
    CHECK_FALSE(reader.is_malformed());
    CHECK(writer.remaining() == reader.padding_octets());
    writer.finish();
    CHECK(again == foreign.pdu);
  }
  CHECK(num_transport_blocks == 398);  // all but SIB1 and the RAR
  CHECK(num_sub_pdus > 1000);
}

TEST_CASE("Foreign attach: RAR, Msg3, contention resolution, BSR and timing advance carry what Wireshark shows")
{
  const auto pdus = ravi::test::read_foreign_attach();
  if (pdus.empty()) return;
  const auto rar = decode_rar(pdus[1].pdu);
  REQUIRE(rar.has_value());
  CHECK(pdus[1].rnti_type == ravi::test::RntiType::ra);
  REQUIRE(rar->num_responses == 1);
  CHECK(rar->responses[0].rapid == 0);
  CHECK(rar->responses[0].timing_advance == 0);
  CHECK(rar->responses[0].temporary_c_rnti == nr::Rnti(17921));

  MacPduReader msg3(Direction::uplink, pdus[2].pdu);
  const auto ccch = msg3.next();
  REQUIRE(ccch.has_value());
  CHECK(ccch->lcid == lcid::ccch_48_bits);
  const auto bsr = msg3.next();
  REQUIRE(bsr.has_value());
  CHECK(bsr->lcid == lcid::short_bsr);
  CHECK(decode_short_bsr(bsr->payload)->index == 1);

  MacPduReader msg4(Direction::downlink, pdus[3].pdu);
  const auto identity = msg4.next();
  REQUIRE(identity.has_value());
  CHECK(identity->lcid == lcid::contention_resolution);
  CHECK(std::equal(ccch->payload.begin(), ccch->payload.end(), identity->payload.begin(), identity->payload.end()));

  MacPduReader fourteenth(Direction::downlink, pdus[13].pdu);
  const auto advance = fourteenth.next();
  REQUIRE(advance.has_value());
  CHECK(advance->lcid == lcid::timing_advance_command);
  CHECK(decode_timing_advance_command(advance->payload)->command == 30);
}

}  // namespace ravi::mac
