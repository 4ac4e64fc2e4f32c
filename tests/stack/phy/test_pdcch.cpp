#include "stack/phy/pdcch.h"

#include "doctest/doctest.h"
#include "radio/realtime.h"
#include "stack/nr/dci.h"

#include <cmath>
#include <random>
#include <set>

namespace ravi::phy {
namespace {

void add_noise(GridSpan grid, float variance, std::mt19937& random)
{
  std::normal_distribution<float> noise(0.0F, std::sqrt(variance / 2.0F));
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    for (Cf32& element : grid(0, symbol)) element += Cf32(noise(random), noise(random));
  }
}

nr::SmallBits random_bits(unsigned count, std::mt19937& random)
{
  nr::SmallBits bits;
  for (unsigned i = 0; i < count; ++i) bits.push_back(static_cast<std::uint8_t>(random() & 1U));
  return bits;
}

bool same(const nr::SmallBits& a, const nr::SmallBits& b)
{
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

TEST_CASE("PDCCH: interleaved CCEs cover a CORESET once, each six resource element groups [TS 38.211 §7.3.2.2]")
{
  const nr::Carrier carrier{.num_prb = 106};
  for (const unsigned duration : {1U, 2U, 3U}) {
    for (const unsigned bundle : {2U, 3U, 6U}) {
      for (const unsigned rows : {2U, 3U, 6U}) {
        const nr::Coreset coreset{.frequency_domain_resources = 0x5FBD, .first_crb = 3, .duration = duration,
                                  .cce_reg_mapping = nr::CceRegMapping::interleaved, .reg_bundle_size = bundle,
                                  .interleaver_size = rows, .shift_index = 501};
        std::set<unsigned> seen;
        bool is_known = true;
        for (unsigned cce = 0; cce < coreset.num_cce(); ++cce) {
          const auto prbs = cce_prbs(coreset, carrier, cce, 1);
          is_known = prbs.has_value();
          if (!prbs) break;
          if (duration == 1) CHECK(prbs->count() == 6);
          for (unsigned prb = 0; prb < 106; ++prb) {
            if ((*prbs)[prb]) seen.insert(prb);
          }
        }
        CHECK(is_known == (bundle == 6 || bundle == (duration == 3 ? 3 : 2)) );
        if (is_known) CHECK(seen.size() == coreset.num_prb());
      }
    }
  }
}

TEST_CASE("PDCCH: CORESET#0 of the standard's example lies as it should")
{
  // 48 PRB, one symbol, PCI 0: eight bundles, f(x) = (x mod 2) 4 + x / 2.
  const nr::Coreset coreset{.frequency_domain_resources = 0xFF, .duration = 1,
                            .cce_reg_mapping = nr::CceRegMapping::interleaved};
  const nr::Carrier carrier{.num_prb = 48};
  const unsigned expected[] = {0, 4, 1, 5, 2, 6, 3, 7};
  for (unsigned cce = 0; cce < 8; ++cce) {
    const auto prbs = cce_prbs(coreset, carrier, cce, 1);
    REQUIRE(prbs);
    CHECK((*prbs)[6 * expected[cce]]);
    CHECK(prbs->count() == 6);
  }
}

TEST_CASE("PDCCH: a DCI is found again at every aggregation level near its limit, blindly and in real time")
{
  std::mt19937 random(3);
  PdcchCodec codec;
  const float snr_db[] = {7.0F, 4.0F, 1.0F, -2.0F, -4.5F};
  for (const unsigned duration : {1U, 2U, 3U}) {
    for (unsigned level = 0; level < nr::kNumAggregationLevels; ++level) {
      CAPTURE(duration);
      CAPTURE(level);
      const nr::Carrier carrier{.scs = nr::Scs::khz30, .num_prb = 106, .offset_to_carrier = 7};
      PdcchSearch search{.coreset = {.frequency_domain_resources = 0x1FFFE, .first_crb = 8, .duration = duration,
                                     .cce_reg_mapping = duration == 2 ? nr::CceRegMapping::non_interleaved : nr::CceRegMapping::interleaved,
                                     .shift_index = 77, .dmrs_id = 33},
                         .search_space = {.id = 3, .coreset_id = 2, .first_symbol = 1, .num_candidates = {2, 2, 2, 2, 1}, .is_common = false},
                         .scrambling_id = 99, .scrambling_rnti = 0x4601, .c_rnti = nr::Rnti(0x4601)};
      if ((1U << level) > search.coreset.num_cce()) continue;
      for (const nr::Rnti rnti : {nr::Rnti(0x4601), nr::kSiRnti}) search.rntis.push_back(rnti);
      for (const std::uint8_t size : {std::uint8_t{39}, std::uint8_t{44}}) search.sizes.push_back(size);
      const nr::Slot slot(nr::Scs::khz30, 5, 13);
      unsigned num_found = 0;
      constexpr unsigned kTrials = 20;
      for (unsigned trial = 0; trial < kTrials; ++trial) {
        const auto cce = nr::candidate_cce(nr::search_space_hash(2, search.c_rnti, 13), 0, search.search_space.num_candidates[level],
                                       1U << level, search.coreset.num_cce());
        REQUIRE(cce);
        const nr::PdcchPdu pdu{.coreset = search.coreset, .first_symbol = 1, .cce_index = *cce, .aggregation_level = 1U << level,
                               .rnti = nr::Rnti(0x4601), .scrambling_id = 99, .scrambling_rnti = 0x4601,
                               .payload = random_bits(44, random)};
        ResourceGrid grid(1, 106);
        FoundDcis found;
        {
          const RealtimeScope realtime;
          REQUIRE(codec.encode(pdu, carrier, slot, 0, grid.span()));
        }
        add_noise(grid.span(), std::pow(10.0F, -snr_db[level] / 10.0F), random);
        {
          const RealtimeScope realtime;
          codec.search(search, carrier, slot, 0, grid.span(), found);
        }
        if (found.size() == 1 && found[0].rnti == pdu.rnti && same(found[0].payload, pdu.payload)) ++num_found;
      }
      CHECK(num_found >= kTrials - 1);
    }
  }
}

TEST_CASE("PDCCH: noise gives no DCI, and nonsense is refused")
{
  std::mt19937 random(4);
  PdcchCodec codec;
  const nr::Carrier carrier{.num_prb = 52};
  ResourceGrid grid(1, 52);
  PdcchSearch search{.coreset = {.frequency_domain_resources = 0xFF, .duration = 1},
                     .search_space = {.num_candidates = {8, 4, 2, 1, 0}}};
  search.rntis.push_back(nr::Rnti(1));
  search.sizes.push_back(39);
  FoundDcis found;
  for (unsigned n = 0; n < 200; ++n) {
    grid.clear();
    add_noise(grid.span(), 1.0F, random);
    codec.search(search, carrier, nr::Slot(nr::Scs::khz15, 0, n % 10), 0, grid.span(), found);
  }
  grid.clear();
  codec.search(search, carrier, nr::Slot(nr::Scs::khz15, 0, 0), 0, grid.span(), found);
  CHECK(found.empty());
  const nr::Slot slot(nr::Scs::khz15, 0, 0);
  nr::PdcchPdu pdu{.coreset = search.coreset, .payload = random_bits(39, random)};
  CHECK(codec.encode(pdu, carrier, slot, 0, grid.span()));
  pdu.cce_index = 5;  // 5 + 4 > 8
  CHECK_FALSE(codec.encode(pdu, carrier, slot, 0, grid.span()));
  pdu.cce_index = 0;
  pdu.coreset.first_crb = 40;  // up to 63
  CHECK_FALSE(codec.encode(pdu, carrier, slot, 0, grid.span()));
  pdu.coreset.first_crb = 0;
  pdu.coreset.duration = 4;
  CHECK_FALSE(codec.encode(pdu, carrier, slot, 0, grid.span()));
  pdu.coreset.duration = 1;
  pdu.first_symbol = 14;
  CHECK_FALSE(codec.encode(pdu, carrier, slot, 0, grid.span()));
}

TEST_CASE("Search space: hash and candidates follow TS 38.213 §10.1")
{
  // Y_(p,-1) = n_RNTI, A_0 = 39827, A_1 = 39829, A_2 = 39839, D = 65537.
  CHECK(nr::search_space_hash(0, nr::Rnti(1), 0) == 39827);
  CHECK(nr::search_space_hash(1, nr::Rnti(2), 0) == 39829U * 2 % 65537);
  CHECK(nr::search_space_hash(3, nr::Rnti(1), 1) == 39827ULL * 39827 % 65537);
  CHECK(nr::candidate_cce(0, 0, 2, 4, 8) == 0U);
  CHECK(nr::candidate_cce(0, 1, 2, 4, 8) == 4U);
  CHECK(nr::candidate_cce(3, 0, 1, 4, 8) == 4U);
  CHECK_FALSE(nr::candidate_cce(0, 0, 1, 16, 8));
  nr::SearchSpace space{.period_slots = 5, .offset_slots = 3, .duration_slots = 2};
  const nr::Slot start(nr::Scs::khz15, 0, 0);
  for (unsigned n = 0; n < 40; ++n) CHECK(nr::is_monitored(space, start + n) == (n % 5 == 3 || n % 5 == 4));
}

}  // namespace
}  // namespace ravi::phy
