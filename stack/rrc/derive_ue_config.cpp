#include "stack/rrc/derive_ue_config.h"

#include "stack/nr/choose_pucch.h"
#include "stack/nr/pucch_resource.h"
#include "stack/rrc/enumerated.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace ravi::rrc {
namespace {

constexpr unsigned kNumCyclicShifts = 12;
constexpr unsigned kShiftDistance = 3;       // a quarter of a symbol of delay spread between two UEs
constexpr unsigned kNumOcc = 7;              // N_SF of 14 symbols without hopping, TS 38.211 Table 6.3.2.4.1-1
constexpr unsigned kFormat2Symbols = 2;
constexpr unsigned kFormat2PerSlot = nr::kSymbolsPerSlot / kFormat2Symbols;
constexpr unsigned kMaxFormat2Prb = 16;
constexpr unsigned kMaxK1 = 8;               // of DCI 1_0, TS 38.213 §9.2.3

bool is_uplink_slot(const nr::Cell& cell, unsigned slot)
{
  return !cell.tdd || nr::slot_direction(*cell.tdd, nr::Slot::from_count(cell.uplink.scs, slot)).is_all_uplink();
}

bool is_downlink_slot(const nr::Cell& cell, unsigned slot)
{
  return !cell.tdd || nr::slot_direction(*cell.tdd, nr::Slot::from_count(cell.downlink.scs, slot)).num_downlink > cell.coreset0.duration;
}

/// Slots after which a TDD pattern is where it was: TS 38.213 §11.1.
unsigned pattern_slots(const nr::Cell& cell) { return 20 * nr::slots_per_subframe(cell.uplink.scs); }

/// Is every slot `offset` + n `period` one for the uplink?
bool is_always_uplink(const nr::Cell& cell, unsigned period, unsigned offset)
{
  for (unsigned slot = offset; slot < period * pattern_slots(cell); slot += period) {
    if (!is_uplink_slot(cell, slot)) return false;
  }
  return true;
}

struct Occasions {
  unsigned period = 0;
  std::vector<unsigned> offsets;
};

/// The shortest of `periods`, at least `wanted` slots, that has uplink slots.
std::optional<Occasions> find_occasions(const nr::Cell& cell, std::span<const unsigned> periods, unsigned wanted)
{
  for (const unsigned period : periods) {
    if (period < wanted) continue;
    Occasions found{.period = period, .offsets = {}};
    for (unsigned offset = 0; offset < period; ++offset) {
      if (is_always_uplink(cell, period, offset)) found.offsets.push_back(offset);
    }
    if (!found.offsets.empty()) return found;
  }
  return std::nullopt;
}

/// Cyclic shifts of one PRB that keep their distance from those of the common resources.
std::vector<unsigned> free_shifts(const nr::Cell& cell, unsigned prb)
{
  std::vector<unsigned> shifts;
  for (unsigned shift = 0; shift < kNumCyclicShifts; shift += kShiftDistance) {
    bool is_free = true;
    for (unsigned r = 0; r < 2; ++r) {  // of PUCCH resource indicator 0
      const auto common = nr::pucch_common_resource(cell.pucch_resource_common, r, cell.uplink_bwp_crb.count);
      if (!common || (common->first_hop_prb != prb && common->second_hop_prb != prb)) continue;
      const unsigned apart = (shift + kNumCyclicShifts - common->initial_cyclic_shift) % kNumCyclicShifts;
      is_free &= std::min(apart, kNumCyclicShifts - apart) >= kShiftDistance;
    }
    if (is_free) shifts.push_back(shift);
  }
  return shifts;
}

/// The number-th format 1 resource of the cell.
std::optional<nr::PucchResource> format1_resource(const nr::Cell& cell, unsigned number, unsigned id)
{
  for (unsigned prb = 0; prb < cell.random_access.msg1_frequency_start; ++prb) {
    const std::vector<unsigned> shifts = free_shifts(cell, prb);
    const unsigned here = static_cast<unsigned>(shifts.size()) * kNumOcc;
    if (number < here) {
      return nr::PucchResource{.id = id, .format = 1, .starting_prb = prb, .symbols = {0, nr::kSymbolsPerSlot},
                               .initial_cyclic_shift = shifts[number % shifts.size()],
                               .time_domain_occ = number / static_cast<unsigned>(shifts.size())};
    }
    number -= here;
  }
  return std::nullopt;
}

std::optional<nr::PucchResource> format2_resource(const nr::Cell& cell, unsigned index, unsigned num_prb, unsigned id)
{
  const unsigned from_top = 1 + (index / kFormat2PerSlot + 1) * num_prb;
  if (from_top > cell.uplink_bwp_crb.count / 2) return std::nullopt;
  return nr::PucchResource{.id = id, .format = 2, .starting_prb = cell.uplink_bwp_crb.count - from_top,
                           .symbols = {index % kFormat2PerSlot * kFormat2Symbols, kFormat2Symbols}, .num_prb = num_prb};
}

std::vector<unsigned> choose_k1s(const nr::Cell& cell, unsigned min_k1)
{
  if (!cell.tdd) return {min_k1};
  std::vector<unsigned> k1s;
  for (unsigned k1 = min_k1; k1 <= kMaxK1; ++k1) {
    bool is_useful = false;
    for (unsigned slot = 0; slot < pattern_slots(cell); ++slot) {
      is_useful |= is_downlink_slot(cell, slot) && is_uplink_slot(cell, slot + k1);
    }
    if (is_useful) k1s.push_back(k1);
  }
  return k1s;
}

/// HARQ-ACK bits that can meet in one slot.
unsigned max_harq_ack_bits(const nr::Cell& cell, const std::vector<unsigned>& k1s)
{
  unsigned most = 0;
  for (unsigned slot = kMaxK1; slot < kMaxK1 + pattern_slots(cell); ++slot) {
    if (!is_uplink_slot(cell, slot)) continue;
    const auto bits = std::ranges::count_if(k1s, [&](unsigned k1) { return is_downlink_slot(cell, slot - k1); });
    most = std::max(most, static_cast<unsigned>(bits));
  }
  return most;
}

nr::SearchSpace dedicated_search_space(const nr::Cell& cell, const UeConfigOptions& options)
{
  const unsigned num_cce = cell.coreset0.num_cce();
  const auto candidates = [num_cce](unsigned level, unsigned most) { return static_cast<std::uint8_t>(std::min(most, num_cce / level)); };
  return {.id = 2, .coreset_id = 0, .num_candidates = {0, candidates(2, 4), candidates(4, 4), candidates(8, 2), 0},
          .is_common = options.is_search_space_common};
}

}  // namespace

std::optional<nr::UeConfig> derive_ue_config(const nr::Cell& cell, nr::Rnti c_rnti, unsigned index, const UeConfigOptions& options)
{
  nr::UeConfig ue{.c_rnti = c_rnti};
  ue.has_limited_soft_buffer = options.has_limited_soft_buffer;
  ue.search_spaces = {dedicated_search_space(cell, options)};
  ue.dl_data_to_ul_ack = choose_k1s(cell, options.min_k1.value_or(cell.tdd && !options.is_search_space_common ? 2 : 4));
  if (ue.dl_data_to_ul_ack.empty()) return std::nullopt;

  const unsigned slots_per_ms = nr::slots_per_subframe(cell.uplink.scs);
  const auto sr = find_occasions(cell, kSrPeriodSlots, options.sr_period_ms * slots_per_ms);
  if (!sr) return std::nullopt;
  ue.scheduling_request = {.period_slots = sr->period, .offset_slots = sr->offsets[index % sr->offsets.size()], .pucch_resource_id = 1};

  if (options.csi_period_ms) {
    const auto csi = find_occasions(cell, kCsiPeriodSlots, *options.csi_period_ms * slots_per_ms);
    if (!csi) return std::nullopt;
    std::vector<unsigned> offsets = csi->offsets;  // apart from the scheduling request where possible
    std::erase_if(offsets, [&ue](unsigned offset) {
      return offset % ue.scheduling_request->period_slots == ue.scheduling_request->offset_slots;
    });
    if (offsets.empty()) offsets = csi->offsets;
    ue.csi_report = {.period_slots = csi->period, .offset_slots = offsets[index % offsets.size()], .pucch_resource_id = 2};
  }

  const unsigned num_bits = max_harq_ack_bits(cell, ue.dl_data_to_ul_ack) + 1 + (ue.csi_report ? nr::kWidebandCqiBits : 0);
  const unsigned num_prb = nr::pucch_format2_num_prb(num_bits, kFormat2Symbols, ue.pucch_format2_max_code_rate, kMaxFormat2Prb);
  const auto harq = format1_resource(cell, 2 * index, 0);
  const auto request = format1_resource(cell, 2 * index + 1, 1);
  const auto long_uci = format2_resource(cell, index, num_prb, 2);
  if (!harq || !request || !long_uci) return std::nullopt;
  ue.pucch_resources = {*harq, *request, *long_uci};
  ue.pucch_resource_sets = {std::vector<unsigned>{0}, std::vector<unsigned>{2}};
  return ue;
}

}  // namespace ravi::rrc
