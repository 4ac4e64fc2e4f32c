// What the slot path asks of stack/nr takes no memory from the heap.

#include "radio/realtime.h"
#include "stack/nr/coreset0.h"
#include "stack/nr/dmrs.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/prach_preamble.h"
#include "stack/nr/pucch_resource.h"
#include "stack/nr/resource_allocation.h"
#include "stack/nr/tbs.h"
#include "stack/nr/tdd_pattern.h"
#include "stack/nr/time_allocation.h"

#include "doctest/doctest.h"

using namespace ravi;
using namespace ravi::nr;

TEST_CASE("Slot path: queries of a whole frame allocate nothing")
{
  const TddConfig tdd;
  const PrachConfig prach = *prach_config(Duplex::tdd, 160);
  unsigned sum = 0;
  {
    const RealtimeScope realtime;
    for (unsigned n = 0; n < slots_per_frame(Scs::khz30); ++n) {
      const Slot slot(Scs::khz30, 0, n);
      sum += slot_direction(tdd, slot).num_downlink;
      for (const PrachOccasion& occasion : prach_occasions(prach, Scs::khz30, slot)) {
        sum += is_valid_occasion(occasion, Scs::khz30, slot, tdd) ? 1U : 0U;
        sum += prach_sequence(occasion.format, 5, 13, 63).u;
      }
      const auto time = pdsch_default_time_allocation(PdschDefaultTdra::a, 12, 2);
      const auto symbols = pdsch_dmrs_symbols({.symbols = time->symbols});
      const unsigned num_re = num_re_for_tbs(51, time->symbols.count, dmrs_re_per_prb(DmrsType::type1, 3, 2));
      sum += transport_block_bits(num_re, *mcs(McsTable::qam256, n)) + *symbols;
      sum += *mcs_of_cqi(CqiTable::table2, 1 + n % 15, McsTable::qam256);
      sum += prb_of_riv(riv_of({n, 10}, 51), 51)->begin + symbols_of_sliv(sliv_of({2, 12}))->count;
      sum += pucch_common_resource(11, n % 16, 51)->first_hop_prb + pusch_default_time_allocation(1, Scs::khz30)->k_2;
      const auto monitoring = type0_monitoring(*search_space0(0), {48, 1, 12}, Scs::khz30, 0);
      sum += is_monitored(monitoring, slot) ? 1U : 0U;
    }
  }
  CHECK(sum > 0);
}
