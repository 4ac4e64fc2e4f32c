#include "stack/nr/channel_bandwidth.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/ssb_position.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <cmath>

using namespace ravi;
using namespace ravi::nr;

namespace {

Carrier carrier(Scs scs, unsigned num_prb, double center_hz)
{
  return {.scs = scs, .num_prb = num_prb, .center = Hertz(center_hz)};
}

}  // namespace

TEST_CASE("SSB position: foreign cells' k_SSB follows from their carrier and SSB frequency")
{
  // foreign-n78-20m: 51 PRB of 30 kHz around 3600 MHz; foreign-n1-20m: 106 PRB of 15 kHz around 2140 MHz.
  const auto n78 = ssb_position(carrier(Scs::khz30, 51, 3.6e9), SsbCase::c, *gscn_of(Hertz(3'594'720'000.0)));
  REQUIRE(n78);
  CHECK(n78->k_ssb == 20);
  CHECK(n78->offset_to_point_a == 0);
  CHECK(n78->first_subcarrier == 10);
  const auto n1 = ssb_position(carrier(Scs::khz15, 106, 2.14e9), SsbCase::a, *gscn_of(Hertz(2'132'650'000.0)));
  REQUIRE(n1);
  CHECK(n1->k_ssb == 2);
  CHECK(n1->offset_to_point_a == 2);
  CHECK(n1->first_subcarrier == 26);
}

TEST_CASE("SSB position: a foreign cell's SIB1 says the same offsetToPointA, point A and bandwidth part")
{
  // n3-fdd-pci500-sib1, decoded by an independent ASN.1 codec: offsetToPointA 13, 52 PRB, locationAndBandwidth 14025,
  // uplink absoluteFrequencyPointA 348564 (carrier around 1747.5 MHz). 52 PRB around 1842.5 MHz, SSB at 1842.05 MHz;
  // CORESET#0 index 6: 48 PRB, offset 12.
  const Carrier n3 = carrier(Scs::khz15, 52, 1.8425e9);
  const auto ssb = ssb_position(n3, SsbCase::a, *gscn_of(Hertz(1'842'050'000.0)));
  REQUIRE(ssb);
  CHECK(ssb->offset_to_point_a == 13);
  CHECK(ssb->k_ssb == 6);  // 1842.05 - 1.8 MHz - (1842.5 - 4.68) MHz = 2.43 MHz = (13 * 12 + 6) * 15 kHz
  CHECK(point_a_arfcn(carrier(Scs::khz15, 52, 1.7475e9)) == Arfcn(348'564));
  CHECK(location_and_bandwidth_of({0, 52}) == 14'025);
  const auto coreset = coreset0(Scs::khz15, Scs::khz15, MinimumBandwidth::mhz5_or_10, 6);
  REQUIRE(coreset);
  CHECK(coreset0_crbs(n3, *ssb, *coreset) == PrbRange{1, 48});
}

TEST_CASE(
    "SSB position: every band, bandwidth and spacing: numbers and frequencies agree, the block is inside, nearest "
    "first")
{
  unsigned num_carriers = 0;
  for (const Band& band : fr1_bands()) {
    if (!band.downlink) continue;
    for (const SsRaster& raster : ss_rasters(band.number)) {
      const Scs scs = scs_of(raster.ssb_case);
      for (const Hertz bandwidth : channel_bandwidths(band.number, scs)) {
        if (!raster.allows(bandwidth)) continue;
        const Hertz middle((band.downlink->low.value() + band.downlink->high.value()) / 2);
        const auto center = nearest_on_raster(middle, band.number, LinkDirection::downlink, scs);
        REQUIRE(center);
        const Carrier c = carrier(scs, *max_num_prb(bandwidth, scs), frequency(*center).value());
        double before = 0.0;
        for (const SsbPosition& p : ssb_positions(c, raster, c.center)) {
          const double begin = ss_ref(p.gscn).value() - 120.0 * static_cast<double>(spacing_hz(scs));
          REQUIRE(point_a(c).value() + (p.offset_to_point_a * 12.0 + p.k_ssb) * 15e3 == begin);
          REQUIRE(p.k_ssb < 12U << mu_of(scs));
          REQUIRE(p.first_subcarrier + kSsbNumSubcarriers <= c.num_prb * 12);
          REQUIRE(point_a(c).value() + p.first_subcarrier * static_cast<double>(spacing_hz(scs)) == begin);
          REQUIRE(ssb_crb_frequency(p.gscn, raster.ssb_case, p.k_ssb).value() ==
                  point_a(c).value() + p.offset_to_point_a * 180e3);
          const double away = std::abs((ss_ref(p.gscn) - c.center).value());
          REQUIRE(away >= before);
          before = away;
        }
        ++num_carriers;
      }
    }
  }
  CHECK(num_carriers > 200);
}

TEST_CASE("SSB position: the carriers of the profiles have a block and a CORESET#0 of 48 PRBs")
{
  struct Profile {
    unsigned band;
    Scs scs;
    double bandwidth_hz, wanted_hz;
  };
  for (const Profile& p : {Profile{3, Scs::khz15, 10e6, 1.8425e9}, Profile{3, Scs::khz15, 20e6, 1.8425e9},
                           Profile{1, Scs::khz15, 20e6, 2.14e9}, Profile{40, Scs::khz30, 20e6, 2.35e9},
                           Profile{78, Scs::khz30, 20e6, 3.5e9}, Profile{78, Scs::khz30, 40e6, 3.5e9}}) {
    CAPTURE(p.band);
    CAPTURE(p.bandwidth_hz);
    const auto center = nearest_on_raster(Hertz(p.wanted_hz), p.band, LinkDirection::downlink, p.scs);
    REQUIRE(center);
    const Carrier c = carrier(p.scs, *max_num_prb(Hertz(p.bandwidth_hz), p.scs), frequency(*center).value());
    bool has_both = false;
    for (const SsRaster& raster : ss_rasters(p.band)) {
      for (const SsbPosition& ssb : ssb_positions(c, raster, c.center)) {
        for (unsigned index = 0; index < 16; ++index) {
          const auto coreset = coreset0(p.scs, p.scs, MinimumBandwidth::mhz5_or_10, index);
          has_both = has_both || (coreset && coreset->num_prb == 48 && coreset0_crbs(c, ssb, *coreset));
        }
      }
    }
    CHECK(has_both);
  }
}

TEST_CASE("SSB position: blocks outside the carrier or between its subcarriers are refused")
{
  const Carrier n3 = carrier(Scs::khz15, 52, 1.8425e9);
  CHECK_FALSE(ssb_position(n3, SsbCase::a, nearest_gscn(Hertz(1.8385e9))));
  CHECK_FALSE(ssb_position(n3, SsbCase::a, nearest_gscn(Hertz(1.8465e9))));
  CHECK_FALSE(ssb_position(n3, SsbCase::a, Gscn(Gscn::kMax)));
  unsigned num_refused = 0;
  for (std::uint32_t n = 4610; n < 4616; ++n) num_refused += ssb_position(n3, SsbCase::a, Gscn(n)) ? 0 : 1;
  CHECK(num_refused > 0);  // of three neighbors 50 kHz + 50 kHz apart only one falls on subcarriers
  CHECK(num_refused < 6);
  // At 30 kHz an odd number of 15 kHz steps would lie between the carrier's subcarriers.
  CHECK_FALSE(ssb_position(carrier(Scs::khz30, 51, 3.6e9 + 15e3), SsbCase::c, *gscn_of(Hertz(3'594'720'000.0))));
}

TEST_CASE("SSB position: CORESET#0 has to lie inside the carrier, and a carrier may begin above point A")
{
  Carrier c = carrier(Scs::khz15, 52, 1.8425e9);
  const auto ssb = ssb_position(c, SsbCase::a, *gscn_of(Hertz(1'842'050'000.0)));
  REQUIRE(ssb);
  CHECK_FALSE(coreset0_crbs(c, *ssb, {48, 1, 16}));
  CHECK_FALSE(coreset0_crbs(c, *ssb, {96, 1, 0}));
  c.offset_to_carrier = 10;
  const auto shifted = ssb_position(c, SsbCase::a, ssb->gscn);
  REQUIRE(shifted);
  CHECK(shifted->offset_to_point_a == ssb->offset_to_point_a + 10);
  CHECK(shifted->k_ssb == ssb->k_ssb);
  CHECK(shifted->first_subcarrier == ssb->first_subcarrier);
  CHECK(coreset0_crbs(c, *shifted, {48, 1, 12}) == PrbRange{11, 48});
  CHECK(point_a_arfcn(carrier(Scs::khz15, 52, 1.8425e9)) == arfcn_of(Hertz(1'837'820'000.0)));
}
