// RLC PDUs of a foreign gNB and a foreign UE: SRB1 with 12 bits, DRB1 (logical channel 4) with 18 bits of sequence number.

#include "stack/mac/mac_pdu.h"
#include "stack/rlc/am.h"

#include "tests/stack/foreign_attach.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace ravi::rlc {

TEST_CASE("Foreign attach: SRB1 and DRB1 reassemble to PDCP PDUs with consecutive numbers, and its STATUS PDUs are understood")
{
  const auto pdus = ravi::test::read_foreign_attach();
  if (pdus.empty()) return;
  const AmConfig srb{.capacity = kSrbCapacity};
  const AmConfig drb{.sn_size = SnSize::bits18};
  struct End {
    AmEntity srb1, drb1;
    std::uint32_t next_srb_sn = 0, next_drb_sn = 0;
    unsigned status_pdus = 0;
  };
  std::array<End, 2> receivers{End{AmEntity(srb), AmEntity(drb)}, End{AmEntity(srb), AmEntity(drb)}};
  for (const auto& foreign : pdus) {
    if (foreign.rnti_type != ravi::test::RntiType::c) continue;
    End& end = receivers[foreign.is_downlink ? 1 : 0];
    mac::MacPduReader reader(foreign.is_downlink ? mac::Direction::downlink : mac::Direction::uplink, foreign.pdu);
    while (const auto sub_pdu = reader.next()) {
      if (sub_pdu->lcid != 1 && sub_pdu->lcid != 4) continue;
      const bool is_srb = sub_pdu->lcid == 1;
      const SnSize size = is_srb ? SnSize::bits12 : SnSize::bits18;
      if (is_control_pdu(sub_pdu->payload)) {
        StatusReader status(size, sub_pdu->payload);
        CHECK(status.is_valid());
        while (status.next()) {
        }
        CHECK_FALSE(status.is_truncated());
        ++end.status_pdus;
        continue;
      }
      const auto read = read_am_pdu(size, sub_pdu->payload);
      REQUIRE(read.has_value());
      std::vector<std::uint8_t> again(am_header_size(size, read->header.segmentation));
      write_am_header(size, read->header, again);
      again.insert(again.end(), read->data.begin(), read->data.end());
      CHECK(std::equal(again.begin(), again.end(), sub_pdu->payload.begin(), sub_pdu->payload.end()));

      const auto sdu = (is_srb ? end.srb1 : end.drb1).receive(sub_pdu->payload, Time(0));
      if (sdu.empty()) continue;
      if (is_srb) {  // TS 38.323 §6.2.2.1: four reserved bits, 12 bits of number
        CHECK((sdu[0] & 0xF0) == 0);
        CHECK((((sdu[0] & 0x0FU) << 8) | sdu[1]) == end.next_srb_sn++);
      } else {
        CHECK((sdu[0] & 0x80) != 0);
        const std::uint32_t sn = ((sdu[0] & 3U) << 16) | (static_cast<std::uint32_t>(sdu[1]) << 8) | sdu[2];
        CHECK(sn == end.next_drb_sn++);
      }
    }
  }
  CHECK(receivers[0].next_srb_sn == 9);  // uplink RRC messages
  CHECK(receivers[1].next_srb_sn == 7);  // downlink RRC messages
  CHECK(receivers[0].next_drb_sn > 900);
  CHECK(receivers[1].next_drb_sn == 8);
  for (auto& end : receivers) {
    CHECK(end.status_pdus > 10);
    CHECK(end.srb1.rx().malformed == 0);
    CHECK(end.drb1.rx().malformed == 0);
    CHECK(end.srb1.rx().dropped == 0);
  }
  MESSAGE("PDCP PDUs on DRB1: ", receivers[0].next_drb_sn, " up, ", receivers[1].next_drb_sn, " down");
}

}  // namespace ravi::rlc
