#include "stack/nr/dci.h"

#include "doctest/doctest.h"

#include <random>

namespace ravi::nr {
namespace {

TEST_CASE("DCI: sizes of common search spaces for the usual carriers [TS 38.212 §7.3.1.0]")
{
  // 28 bits beside the assignment, 11 for 48 PRB, 9 for 24 PRB, 13 for 96 PRB.
  CHECK(DciSizes::common({.initial_dl = 48, .initial_ul = 52}).dl == DciSize{39, 11});
  CHECK(DciSizes::common({.initial_dl = 48, .initial_ul = 52}).ul == DciSize{39, 11});
  CHECK(DciSizes::common({.initial_dl = 24, .initial_ul = 25}).dl == DciSize{37, 9});
  CHECK(DciSizes::common({.initial_dl = 96, .initial_ul = 106}).dl == DciSize{41, 13});
  // 24 PRB give 37 bits; format 0_0 over 275 PRB wants 20 + 16 and fits.
  CHECK(DciSizes::common({.initial_dl = 24, .initial_ul = 275}).ul == DciSize{37, 16});
  // Four PRB give 32 bits: of the 16 bits that 275 PRB take twelve stay.
  CHECK(DciSizes::common({.initial_dl = 4, .initial_ul = 275}).ul == DciSize{32, 12});
}

TEST_CASE("DCI: in a UE search space the shorter format is filled up")
{
  const DciSizes even = DciSizes::ue({.active_dl = 106, .active_ul = 106});
  CHECK(even.dl == DciSize{41, 13});
  CHECK(even.ul == DciSize{41, 13});
  const DciSizes uneven = DciSizes::ue({.active_dl = 4, .active_ul = 275});
  CHECK(uneven.dl == DciSize{36, 4});
  CHECK(uneven.ul == DciSize{36, 16});
}

TEST_CASE("DCI: every field comes back, whatever the RNTI")
{
  std::mt19937 random(1);
  const auto draw = [&random](unsigned mask) { return static_cast<unsigned>(random()) & mask; };
  const DciSize size{.num_bits = 44, .fdra_bits = 13};
  for (unsigned trial = 0; trial < 200; ++trial) {
    Dci10 dci{.fdra = draw(0x1FFFU), .time_allocation = draw(15U), .is_interleaved = (draw(1U)) != 0,
              .mcs = draw(31U)};
    for (const DciRnti rnti : {DciRnti::c, DciRnti::tc, DciRnti::ra, DciRnti::si, DciRnti::p}) {
      Dci10 sent = dci;
      if (rnti == DciRnti::c || rnti == DciRnti::tc) {
        sent.ndi = draw(1U);
        sent.harq_process = draw(15U);
        sent.dai = draw(3U);
        sent.tpc = draw(3U);
        sent.pucch_resource = draw(7U);
        sent.harq_timing = draw(7U);
      }
      if (rnti == DciRnti::c || rnti == DciRnti::tc || rnti == DciRnti::si) sent.redundancy_version = draw(3U);
      if (rnti == DciRnti::si) sent.system_information = draw(1U);
      if (rnti == DciRnti::ra || rnti == DciRnti::p) sent.tb_scaling = draw(3U);
      if (rnti == DciRnti::p) {
        sent.short_message_indicator = draw(3U);
        sent.short_message = draw(255U);
      }
      const SmallBits bits = pack_dci_1_0(sent, rnti, size);
      REQUIRE(bits.size() == 44);
      CHECK(unpack_dci_1_0(bits.span(), rnti, size) == sent);
    }
    const Dci00 uplink{.fdra = draw(0x1FFFU), .time_allocation = draw(15U), .is_hopping = (draw(1U)) != 0,
                       .mcs = draw(31U), .ndi = draw(1U), .redundancy_version = draw(3U),
                       .harq_process = draw(15U), .tpc = draw(3U)};
    const SmallBits bits = pack_dci_0_0(uplink, size);
    REQUIRE(bits.size() == 44);
    CHECK(unpack_dci_0_0(bits.span(), size) == uplink);
    CHECK_FALSE(unpack_dci_1_0(bits.span(), DciRnti::c, size));
  }
}

TEST_CASE("DCI: a wrong length is refused")
{
  const SmallBits bits = pack_dci_1_0({}, DciRnti::c, {.num_bits = 39, .fdra_bits = 11});
  for (unsigned length = 0; length < 39; ++length) {
    CHECK_FALSE(unpack_dci_1_0(bits.span().first(length), DciRnti::c, {.num_bits = 39, .fdra_bits = 11}));
    CHECK_FALSE(unpack_dci_0_0(bits.span().first(length), {.num_bits = 39, .fdra_bits = 11}));
  }
}

}  // namespace
}  // namespace ravi::nr
