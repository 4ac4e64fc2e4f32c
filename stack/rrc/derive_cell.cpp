#include "stack/rrc/derive_cell.h"

#include "stack/nr/arfcn.h"
#include "stack/nr/channel_bandwidth.h"
#include "stack/nr/dmrs.h"
#include "stack/nr/prach_preamble.h"
#include "stack/nr/pucch_resource.h"
#include "stack/nr/timing.h"
#include "stack/rrc/access_control.h"
#include "stack/rrc/choose_prach.h"
#include "stack/rrc/place_carrier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace ravi::rrc {
namespace {

using nr::Scs;

struct Derivation {
  const CellIntent& intent;
  nr::Cell cell;
  std::vector<DerivedValue> values;
  std::vector<std::string> faults;

  void note(std::string name, std::string value, std::string clause, std::string reason)
  {
    values.push_back({std::move(name), std::move(value), std::move(clause), std::move(reason)});
  }
  void fault(std::string text) { faults.push_back(std::move(text)); }
};

std::string mhz(Hertz f) { return fmt::format("{:g} MHz", f.value() / 1e6); }
unsigned khz(Scs scs) { return 15U << nr::mu_of(scs); }

// -- frequency --------------------------------------------------------------------------------------------------------

bool is_supported(const nr::Band& band)
{
  // n46, n96 and n102 are shared spectrum, with CORESET#0 tables of their own (TS 38.213 Tables 13-1A, 13-4A).
  const bool is_shared = band.number == 46 || band.number == 96 || band.number == 102;
  return band.downlink && band.uplink && (band.duplex == nr::Duplex::fdd || band.duplex == nr::Duplex::tdd) && !is_shared;
}

bool derive_band(Derivation& d)
{
  const nr::Band* const band = nr::find_band(d.intent.band);
  if (band == nullptr || !is_supported(*band)) {
    const nr::Band* nearest = nullptr;
    for (const nr::Band& other : nr::fr1_bands()) {
      const auto distance = [&d](const nr::Band& b) { return std::abs(int{b.number} - static_cast<int>(d.intent.band)); };
      if (is_supported(other) && (nearest == nullptr || distance(other) < distance(*nearest))) nearest = &other;
    }
    d.fault(fmt::format("band n{} {}; the nearest that can is n{}", d.intent.band,
                        band == nullptr ? "does not exist in FR1" : "cannot carry a cell by itself here", nearest->number));
    return false;
  }
  d.cell.band = band->number;
  d.cell.duplex = band->duplex;
  d.note("band", fmt::format("n{}", d.cell.band), "TS 38.104 §5.2", "as asked");
  d.note("duplex", d.cell.duplex == nr::Duplex::tdd ? "TDD" : "FDD", "TS 38.104 §5.2", "of the band");
  return true;
}

/// A block of the carrier's own spacing must be allowed in the band.
bool has_ssb(const Derivation& d, Scs scs)
{
  return std::ranges::any_of(nr::ss_rasters(d.cell.band), [&](const nr::SsRaster& raster) {
    return nr::scs_of(raster.ssb_case) == scs && raster.allows(d.intent.bandwidth);
  });
}

bool can_use(const Derivation& d, Scs scs)
{
  return nr::is_channel_bandwidth(d.intent.bandwidth, d.cell.band, scs) && has_ssb(d, scs);
}

void fault_of_bandwidth(Derivation& d, std::span<const Scs> spacings)
{
  std::optional<Hertz> nearest;
  for (const Scs scs : spacings) {
    for (const Hertz candidate : nr::channel_bandwidths(d.cell.band, scs)) {
      const auto distance = [&d](Hertz f) { return std::abs((f - d.intent.bandwidth).value()); };
      if (!nearest || distance(candidate) < distance(*nearest)) nearest = candidate;
    }
  }
  if (nearest && *nearest != d.intent.bandwidth) {
    d.fault(fmt::format("band n{} has no channel of {}; the nearest is {}", d.cell.band, mhz(d.intent.bandwidth), mhz(*nearest)));
  } else {
    d.fault(fmt::format("band n{} has no SS/PBCH block of {} kHz for a channel of {}; leave scs out", d.cell.band,
                        khz(spacings.front()), mhz(d.intent.bandwidth)));
  }
}

bool derive_spacing(Derivation& d)
{
  const Scs usual = d.cell.duplex == nr::Duplex::tdd ? Scs::khz30 : Scs::khz15;
  std::vector<Scs> spacings{usual, usual == Scs::khz30 ? Scs::khz15 : Scs::khz30};
  if (d.intent.scs_khz) {
    if (*d.intent.scs_khz != 15 && *d.intent.scs_khz != 30) {
      d.fault(fmt::format("subcarrier spacing {} kHz is not built; the nearest is {} kHz", *d.intent.scs_khz,
                          *d.intent.scs_khz < 23 ? 15 : 30));
      return false;
    }
    spacings = {*d.intent.scs_khz == 15 ? Scs::khz15 : Scs::khz30};
  }
  const auto chosen = std::ranges::find_if(spacings, [&d](Scs scs) { return can_use(d, scs); });
  if (chosen == spacings.end()) {
    fault_of_bandwidth(d, spacings);
    return false;
  }
  d.cell.bandwidth = d.intent.bandwidth;
  d.cell.downlink = {.scs = *chosen, .num_prb = nr::max_num_prb(d.intent.bandwidth, *chosen).value_or(0), .offset_to_carrier = 0};
  d.note("channel bandwidth", mhz(d.cell.bandwidth), "TS 38.104 §5.3.5", "as asked");
  d.note("subcarrier spacing", fmt::format("{} kHz", khz(*chosen)), "TS 38.104 §5.4.3.3",
         d.intent.scs_khz ? "as asked" : "the usual one of the duplex mode where the band's SS raster and bandwidths have it");
  d.note("N_RB", fmt::format("{} PRB", d.cell.downlink.num_prb), "TS 38.104 §5.3.2", "bandwidth and spacing");
  return true;
}

/// Refuses a carrier asked for that is off the raster, outside the band, or has no place for a block.
bool check_wanted(Derivation& d, Hertz wanted, const PlacementWishes& wishes)
{
  const auto arfcn = nr::arfcn_of(wanted);
  nr::Carrier carrier = d.cell.downlink;
  carrier.center = wanted;
  const bool is_on_raster = arfcn && nr::is_on_raster(*arfcn, d.cell.band, nr::LinkDirection::downlink, carrier.scs);
  const bool is_inside = is_in_band(wanted, d.cell.bandwidth, d.cell.band, nr::LinkDirection::downlink);
  if (is_on_raster && is_inside && place_ssb(carrier, wishes)) return true;
  const auto nearest = nearest_usable_arfcn(carrier, wanted, wishes);
  const std::string hint = nearest ? fmt::format("the nearest that can is ARFCN {} ({})", nearest->value(), mhz(nr::frequency(*nearest)))
                                   : std::string("with this gscn and coreset0_index there is none: leave them out");
  const std::string_view why = !is_inside      ? "does not lie in the band"
                               : !is_on_raster ? "is not on the channel raster"
                                               : "has no place for this SS/PBCH block and CORESET#0";
  d.fault(fmt::format("a carrier of {} at {} {}; {}", mhz(d.cell.bandwidth), mhz(wanted), why, hint));
  return false;
}

bool derive_carrier(Derivation& d)
{
  const PlacementWishes wishes{.band = d.cell.band,
                               .bandwidth = d.cell.bandwidth,
                               .gscn = d.intent.gscn ? std::optional(nr::Gscn(*d.intent.gscn)) : std::nullopt,
                               .coreset0_index = d.intent.coreset0_index};
  if (d.intent.arfcn && d.intent.frequency) {
    d.fault("arfcn and frequency are both given: leave one out");
    return false;
  }
  std::optional<Hertz> wanted = d.intent.frequency;
  if (d.intent.arfcn) wanted = nr::frequency(nr::Arfcn(std::min(*d.intent.arfcn, nr::Arfcn::kMax)));
  if (wanted && !check_wanted(d, *wanted, wishes)) return false;
  if (!wanted) {
    const nr::FrequencyRange& range = *nr::find_band(d.cell.band)->downlink;
    const auto middle = nearest_usable_arfcn(d.cell.downlink, (range.low + range.high) * 0.5, wishes);
    if (!middle) {
      d.fault(fmt::format("nowhere in n{} is there a place for {} in both directions with an SS/PBCH block and CORESET#0 (with this gscn or coreset0_index, if given)", d.cell.band, mhz(d.cell.bandwidth)));
      return false;
    }
    wanted = nr::frequency(*middle);
  }
  d.cell.downlink.center = *wanted;
  const nr::Arfcn arfcn = *nr::arfcn_of(*wanted);
  d.note("downlink ARFCN", fmt::format("{} ({})", arfcn.value(), mhz(*wanted)), "TS 38.104 §5.4.2",
         d.intent.arfcn || d.intent.frequency ? "as asked" : "nearest to the band's middle where a block and CORESET#0 fit");
  d.cell.uplink = d.cell.downlink;
  const auto uplink = nr::default_uplink(arfcn, d.cell.band);
  if (uplink) d.cell.uplink.center = nr::frequency(*uplink);
  if (!uplink || !is_in_band(d.cell.uplink.center, d.cell.bandwidth, d.cell.band, nr::LinkDirection::uplink)) {
    d.fault(fmt::format("the uplink of a carrier at {} would lie outside n{}", mhz(*wanted), d.cell.band));
    return false;
  }
  d.note("uplink ARFCN", fmt::format("{} ({})", uplink->value(), mhz(d.cell.uplink.center)), "TS 38.104 §5.4.4",
         d.cell.duplex == nr::Duplex::tdd ? "TDD: the downlink's" : "the band's default distance");
  d.note("point A", fmt::format("ARFCN {} down, {} up", nr::nearest_arfcn(nr::point_a(d.cell.downlink)).value(),
                                nr::nearest_arfcn(nr::point_a(d.cell.uplink)).value()),
         "TS 38.211 §4.4.4.2", "lowest subcarrier of the carrier, offsetToCarrier 0");
  d.cell.downlink_bwp_crb = {.begin = d.cell.downlink.offset_to_carrier, .count = d.cell.downlink.num_prb};
  d.cell.uplink_bwp_crb = {.begin = d.cell.uplink.offset_to_carrier, .count = d.cell.uplink.num_prb};
  d.note("initial bandwidth parts", fmt::format("{} PRB each", d.cell.downlink.num_prb), "TS 38.213 §12", "the whole carrier");

  const SsbPlacement placement = *place_ssb(d.cell.downlink, wishes);
  d.cell.ssb = placement.ssb;
  d.cell.coreset0_index = placement.coreset0_index;
  d.cell.coreset0 = coreset0_of(placement.coreset0, placement.coreset0_crb.begin, nr::Pci(d.intent.pci));
  d.note("SS/PBCH block", fmt::format("GSCN {} ({}, ARFCN {})", placement.ssb.gscn.value(), mhz(nr::ss_ref(placement.ssb.gscn)),
                                      nr::nearest_arfcn(nr::ss_ref(placement.ssb.gscn)).value()),
         "TS 38.104 §5.4.3", d.intent.gscn ? "as asked" : "nearest to the carrier's middle");
  d.note("k_SSB, offsetToPointA", fmt::format("{}, {}", placement.ssb.k_ssb, placement.ssb.offset_to_point_a), "TS 38.211 §7.4.3.1",
         "from point A to the block's lowest subcarrier");
  d.note("CORESET#0", fmt::format("index {}: {} PRB from PRB {}, {} symbol{}", placement.coreset0_index, placement.coreset0.num_prb,
                                  placement.coreset0_crb.begin, placement.coreset0.num_symbols,
                                  placement.coreset0.num_symbols == 1 ? "" : "s"),
         "TS 38.213 §13, Tables 13-1 to 13-6", d.intent.coreset0_index ? "as asked" : "the widest that fits, then the shortest");
  return true;
}

// -- identity ---------------------------------------------------------------------------------------------------------

bool is_digits(std::string_view text, std::size_t low, std::size_t high)
{
  return text.size() >= low && text.size() <= high && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void derive_access_barring(Derivation& d)
{
  d.cell.access_barring = d.intent.access_barring;
  for (std::string& fault : faults_of(d.cell.access_barring)) d.fault(std::move(fault));
  for (const nr::AccessBarring& barring : d.cell.access_barring) {
    d.note("access barring", fmt::format("category {}: {} % go on, the others wait some {} s", barring.category, barring.factor_percent, barring.time_s),
           "TS 38.331 §5.3.14.5", "as asked");
  }
}

void derive_identity(Derivation& d)
{
  const CellIntent& intent = d.intent;
  if (intent.pci >= nr::Pci::kCount) d.fault(fmt::format("PCI {} does not exist; the nearest is 1007", intent.pci));
  if (intent.tracking_area_code > 0xFFFFFF) d.fault("the tracking area code has 24 bits; the largest is 16777215");
  if (intent.nr_cell_identity >> 36 != 0) d.fault("the NR cell identity has 36 bits; the largest is 68719476735");
  if (!is_digits(intent.plmn.mcc, 3, 3) || !is_digits(intent.plmn.mnc, 2, 3)) {
    d.fault(fmt::format("PLMN {}-{}: MCC has three digits, MNC two or three; test networks use 001-01", intent.plmn.mcc, intent.plmn.mnc));
  }
  constexpr std::array kSsbPeriods{5U, 10U, 20U, 40U, 80U, 160U};
  if (std::ranges::find(kSsbPeriods, intent.ssb_period_ms) == kSsbPeriods.end()) {
    const unsigned nearest = *std::ranges::min_element(kSsbPeriods, {}, [&intent](unsigned ms) {
      return std::abs(static_cast<int>(ms) - static_cast<int>(std::min(intent.ssb_period_ms, 1000U)));
    });
    d.fault(fmt::format("SSB period {} ms does not exist; the nearest is {} ms", intent.ssb_period_ms, nearest));
  }
  d.cell.pci = nr::Pci(std::min(intent.pci, nr::Pci::kCount - 1));
  d.cell.plmn = intent.plmn;
  derive_access_barring(d);
  d.cell.tracking_area_code = intent.tracking_area_code;
  d.cell.nr_cell_identity = intent.nr_cell_identity;
  d.cell.ssb_period_ms = intent.ssb_period_ms;
  d.note("PCI", fmt::format("{}", intent.pci), "TS 38.211 §7.4.2.1", "as asked");
  d.note("SSB period", fmt::format("{} ms", intent.ssb_period_ms), "TS 38.213 §4.1", "srsUE tracks blocks at most 10 ms apart");
}

// -- TDD and time allocations -----------------------------------------------------------------------------------------

nr::TddPattern usual_pattern(Scs scs)
{
  // Seven downlink slots, a special one, two uplink slots in 5 ms; at 15 kHz slots are twice as long.
  return scs == Scs::khz30 ? nr::TddPattern{std::chrono::microseconds(5000), 7, 6, 2, 4}
                           : nr::TddPattern{std::chrono::microseconds(5000), 3, 6, 1, 4};
}

void derive_tdd(Derivation& d)
{
  if (d.cell.duplex != nr::Duplex::tdd) {
    if (d.intent.tdd_pattern) d.fault(fmt::format("n{} is FDD: leave the TDD pattern out", d.cell.band));
    return;
  }
  const Scs scs = d.cell.downlink.scs;
  d.cell.tdd = nr::TddConfig{.reference_scs = scs, .pattern1 = d.intent.tdd_pattern.value_or(usual_pattern(scs))};
  const nr::TddPattern& p = d.cell.tdd->pattern1;
  if (const auto checked = nr::check(*d.cell.tdd, scs); !checked) {
    d.fault(checked.error().message);
    d.cell.tdd.reset();
    return;
  }
  if (p.num_downlink_slots == 0 || p.num_uplink_slots == 0) {
    d.fault("a TDD pattern needs a whole downlink and a whole uplink slot, here for SS/PBCH block and PUSCH");
    d.cell.tdd.reset();
    return;
  }
  d.note("TDD pattern", fmt::format("{} us: {} downlink slots + {} symbols, {} uplink slots + {} symbols", p.period.count(),
                                    p.num_downlink_slots, p.num_downlink_symbols, p.num_uplink_slots, p.num_uplink_symbols),
         "TS 38.213 §11.1", d.intent.tdd_pattern ? "as asked" : "usual for mobile broadband");
}

nr::SlotDirection direction(const nr::Cell& cell, unsigned slot)
{
  return cell.tdd ? nr::slot_direction(*cell.tdd, nr::Slot::from_count(cell.downlink.scs, slot))
                  : nr::SlotDirection{nr::kSymbolsPerSlot, nr::kSymbolsPerSlot};
}

void derive_pdsch_times(Derivation& d)
{
  const unsigned first = d.cell.coreset0.duration;
  std::vector<nr::PdschTimeAllocation>& rows = d.cell.pdsch_time_allocations;
  rows = {{.mapping_type = nr::MappingType::a, .k_0 = 0, .symbols = {first, nr::kSymbolsPerSlot - first}}};
  if (d.cell.tdd) {
    const unsigned end = d.cell.tdd->pattern1.num_downlink_symbols;
    const nr::SymbolRange symbols{first, end > first ? end - first : 0};
    if (symbols.count >= 3 && nr::pdsch_dmrs_symbols({.symbols = symbols, .type_a_position = d.cell.dmrs_type_a_position})) {
      rows.push_back({.mapping_type = nr::MappingType::a, .k_0 = 0, .symbols = symbols});
    }
  }
  std::string text;
  for (const auto& row : rows) text += fmt::format("{}S {} L {}", text.empty() ? "" : ", ", row.symbols.begin, row.symbols.count);
  d.note("PDSCH time allocations", "k0 0, type A: " + text, "TS 38.214 §5.1.2.1",
         d.cell.tdd ? "after CORESET#0 to the slot's end, and in the special slot" : "after CORESET#0 to the slot's end");
}

/// TDD: every k_2 that leads from some downlink slot to an uplink slot, for grants and for Msg3 (with its Delta).
void derive_pusch_times(Derivation& d)
{
  constexpr unsigned kMaxK2 = 32;
  constexpr std::size_t kMaxRows = 16;
  const unsigned min_k2 = d.intent.min_k2.value_or(d.cell.tdd ? 2 : 4);
  if (min_k2 < 1 || min_k2 > 8) {
    d.fault(fmt::format("min_k2 {} is out of range; the nearest is {}", min_k2, min_k2 < 1 ? 1 : 8));
    return;
  }
  std::vector<unsigned> k2s{min_k2};
  if (d.cell.tdd) {
    k2s.clear();
    const unsigned slots = static_cast<unsigned>(d.cell.tdd->pattern1.period.count() * nr::slots_per_subframe(d.cell.downlink.scs) / 1000);
    const unsigned delta = nr::msg3_delta(d.cell.uplink.scs);
    for (unsigned k2 = min_k2; k2 <= std::min(kMaxK2, min_k2 + slots - 1) && k2s.size() < kMaxRows; ++k2) {
      bool is_useful = false;
      for (unsigned slot = 0; slot < slots; ++slot) {
        if (direction(d.cell, slot).num_downlink <= d.cell.coreset0.duration) continue;
        is_useful |= direction(d.cell, slot + k2).is_all_uplink() || direction(d.cell, slot + k2 + delta).is_all_uplink();
      }
      if (is_useful) k2s.push_back(k2);
    }
  }
  for (const unsigned k2 : k2s) {
    d.cell.pusch_time_allocations.push_back({.mapping_type = nr::MappingType::a, .k_2 = k2, .symbols = {0, nr::kSymbolsPerSlot}});
  }
  d.note("PUSCH time allocations", fmt::format("type A, S 0 L 14, k2 {}", fmt::join(k2s, ", ")), "TS 38.214 §6.1.2.1",
         d.cell.tdd ? "each leads from a downlink slot to an uplink slot" : "what a UE needs to prepare; srsUE: 4");
}

// -- control ----------------------------------------------------------------------------------------------------------

void derive_search_spaces(Derivation& d)
{
  // Beside the block a narrow carrier has no room for SIB1: index 2 puts it 2 ms later.
  constexpr unsigned kNarrow = 36;
  const bool is_moved = d.intent.search_space0_index == 0 && d.cell.downlink.num_prb < kNarrow;
  d.cell.search_space0_index = is_moved ? 2 : d.intent.search_space0_index;
  const auto ss0 = nr::search_space0(d.cell.search_space0_index);
  if (!ss0) {
    d.fault(fmt::format("searchSpaceZero {} does not exist; the nearest is 15", d.intent.search_space0_index));
    return;
  }
  const auto row = nr::coreset0(d.cell.downlink.scs, d.cell.downlink.scs, nr::minimum_bandwidth_of(d.cell.band), d.cell.coreset0_index);
  const nr::Type0Monitoring type0 = nr::type0_monitoring(*ss0, *row, d.cell.downlink.scs, 0);
  if (!direction(d.cell, type0.slot_in_frame).is_all_downlink() && !direction(d.cell, type0.slot_in_frame + 1).is_all_downlink()) {
    d.fault(fmt::format("searchSpaceZero {} lies in slots that the TDD pattern gives to the uplink; 0 does not", d.intent.search_space0_index));
  }
  d.note("SearchSpace#0", fmt::format("index {}: slots {} and {} of every second frame", d.cell.search_space0_index,
                                      type0.slot_in_frame, type0.slot_in_frame + 1),
         "TS 38.213 §13, Table 13-11", "SIB1 is scheduled there");

  const unsigned num_cce = d.cell.coreset0.num_cce();
  const auto candidates = [num_cce](unsigned level, unsigned most) {
    return static_cast<std::uint8_t>(std::min(most, num_cce / level));
  };
  d.cell.ra_search_space = {.id = 1, .coreset_id = 0, .num_candidates = {0, 0, candidates(4, 4), candidates(8, 2), 0}};
  d.note("search space 1", fmt::format("common, CORESET#0, every slot, {} x AL4, {} x AL8", d.cell.ra_search_space.num_candidates[2],
                                       d.cell.ra_search_space.num_candidates[3]),
         "TS 38.213 §10.1", "random access and paging; what CORESET#0's CCEs hold");
  d.cell.ssb_l_max = nr::ssb_l_max(d.cell.ssb.ssb_case, d.cell.downlink.center, d.cell.duplex);
  d.note("SSB candidates", fmt::format("L_max {}, index 0 sent", d.cell.ssb_l_max), "TS 38.213 §4.1", "case and frequency");
}

/// PRBs at the carrier's lower edge that the common PUCCH resources take.
unsigned num_common_pucch_prb(const nr::Cell& cell)
{
  unsigned prbs = 0;
  for (unsigned r = 0; r < 16; ++r) {
    const auto resource = nr::pucch_common_resource(cell.pucch_resource_common, r, cell.uplink_bwp_crb.count);
    if (resource) prbs = std::max(prbs, std::min(resource->first_hop_prb, resource->second_hop_prb) + 1);
  }
  return prbs;
}

void derive_pucch(Derivation& d)
{
  d.cell.pucch_resource_common = d.intent.pucch_resource_common;
  if (d.intent.pucch_resource_common < 3 || d.intent.pucch_resource_common > 15) {
    d.fault(fmt::format("pucch-ResourceCommon {} is of format 0, which is not built; the nearest of format 1 is {}",
                        d.intent.pucch_resource_common, d.intent.pucch_resource_common < 3 ? 3 : 15));
    d.cell.pucch_resource_common = 11;
  }
  const auto resource = nr::pucch_common_resource(d.cell.pucch_resource_common, 0, d.cell.uplink_bwp_crb.count);
  if (!resource) {
    d.fault(fmt::format("pucch-ResourceCommon {} does not fit {} PRB; 11 does", d.cell.pucch_resource_common, d.cell.uplink_bwp_crb.count));
    return;
  }
  d.note("common PUCCH", fmt::format("row {}: format {}, symbols {}..{}, PRBs {} and {} hopping", d.cell.pucch_resource_common,
                                     resource->format, resource->symbols.begin, resource->symbols.end() - 1, resource->first_hop_prb,
                                     resource->second_hop_prb),
         "TS 38.213 §9.2.1, Table 9.2.1-1", "HARQ-ACK before dedicated resources");
}

void check_preambles(Derivation& d, nr::PrachFormat format)
{
  const CellIntent& intent = d.intent;
  const unsigned length = nr::prach_lengths(format).sequence_length;
  if (!nr::prach_n_cs(format, intent.zero_correlation_zone)) {
    d.fault(fmt::format("zeroCorrelationZoneConfig {} does not exist; the nearest is 15", intent.zero_correlation_zone));
  }
  if (intent.root_sequence_index >= length - 1) {
    d.fault(fmt::format("root sequence index {} is too large for a sequence of {}; the nearest is {}", intent.root_sequence_index, length,
                        length - 2));
  }
  if (intent.num_preambles < 4 || intent.num_preambles > 64 || intent.num_preambles % 4 != 0) {
    d.fault(fmt::format("num_preambles {} cannot be; the nearest is {}", intent.num_preambles,
                        std::clamp((intent.num_preambles + 2) / 4 * 4, 4U, 64U)));
  }
}

void derive_random_access(Derivation& d)
{
  const Scs scs = d.cell.uplink.scs;
  nr::RandomAccess& ra = d.cell.random_access;
  const auto index = d.intent.prach_configuration_index ? d.intent.prach_configuration_index : choose_prach(d.cell.duplex, scs, d.cell.tdd);
  if (!index || !is_usable_prach(*index, d.cell.duplex, scs, d.cell.tdd)) {
    const auto nearest = nearest_usable_prach(index.value_or(0), d.cell.duplex, scs, d.cell.tdd);
    d.fault(nearest ? fmt::format("prach-ConfigurationIndex {} has no valid occasion of a format built here; the nearest is {}",
                                  index.value_or(0), *nearest)
                    : std::string("the TDD pattern has no room for any PRACH: give it a whole uplink slot more"));
    return;
  }
  const nr::PrachConfig config = *nr::prach_config(d.cell.duplex, *index);
  check_preambles(d, config.format);
  ra.prach_configuration_index = *index;
  ra.root_sequence_index = d.intent.root_sequence_index;
  ra.zero_correlation_zone = d.intent.zero_correlation_zone;
  ra.num_preambles = d.intent.num_preambles;
  ra.msg1_scs = scs;
  ra.response_window_slots = 10U << nr::mu_of(scs);
  constexpr unsigned kLeastStart = 4;  // srsUE needs 1, 2 or 3 at 10, 15, 20 MHz
  ra.msg1_frequency_start = std::max(kLeastStart, num_common_pucch_prb(d.cell));
  const auto placement = nr::prach_placement(config.format, scs, scs);
  if (!placement || ra.msg1_frequency_start + placement->num_prb > d.cell.uplink_bwp_crb.count / 2) {
    d.fault(fmt::format("PRACH configuration {} does not fit beside the common PUCCH in {} PRB", *index, d.cell.uplink_bwp_crb.count));
    return;
  }
  d.note("prach-ConfigurationIndex", fmt::format("{}: one slot or more each {} ms", *index, 10 * config.x), "TS 38.211 §6.3.3.2",
         d.intent.prach_configuration_index ? "as asked"
         : d.cell.tdd                       ? "every occasion lies in uplink slots (TS 38.213 §8.1)"
                                            : "format 0 each 20 ms, in subframe 4; srsUE needs 0..15");
  d.note("PRACH sequences", fmt::format("root {}, zone {} (N_CS {}), {} preambles", ra.root_sequence_index, ra.zero_correlation_zone,
                                        nr::prach_n_cs(config.format, ra.zero_correlation_zone).value_or(0), ra.num_preambles),
         "TS 38.211 §6.3.3.1", "as asked or by default");
  d.note("msg1-FrequencyStart", fmt::format("PRB {}, {} PRB", ra.msg1_frequency_start, placement->num_prb), "TS 38.211 §6.3.3.2",
         "clear of the common PUCCH");
  d.note("ra-ResponseWindow", fmt::format("{} slots", ra.response_window_slots), "TS 38.321 §5.1.4", "10 ms, the longest allowed");
}

void derive_uplink_time(Derivation& d)
{
  d.cell.n_ta_offset_tc = nr::n_ta_offset_tc(d.cell.duplex);
  d.note("N_TA,offset", fmt::format("{} T_c", d.cell.n_ta_offset_tc), "TS 38.133 §7.1.2, Table 7.1.2-2", "FR1 without LTE in the band");
}

}  // namespace

Result<DerivedCell> derive_cell(const CellIntent& intent)
{
  Derivation d{.intent = intent, .cell = {}, .values = {}, .faults = {}};
  derive_identity(d);
  if (derive_band(d) && derive_spacing(d) && derive_carrier(d)) {
    derive_tdd(d);
    derive_pucch(d);
    if (d.cell.tdd || d.cell.duplex == nr::Duplex::fdd) {
      derive_search_spaces(d);
      derive_pdsch_times(d);
      derive_pusch_times(d);
      derive_random_access(d);
      derive_uplink_time(d);
    }
  }
  if (!d.faults.empty()) return fail(ErrorCode::bad_input, fmt::format("{}", fmt::join(d.faults, "\n")));
  return DerivedCell{.cell = std::move(d.cell), .values = std::move(d.values)};
}

std::string explain(const DerivedCell& derived)
{
  std::size_t name = 0;
  std::size_t value = 0;
  for (const DerivedValue& v : derived.values) {
    name = std::max(name, v.name.size());
    value = std::max(value, v.value.size());
  }
  std::string text;
  for (const DerivedValue& v : derived.values) {
    text += fmt::format("{:<{}}  {:<{}}  {}: {}\n", v.name, name, v.value, value, v.clause, v.reason);
  }
  return text;
}

}  // namespace ravi::rrc
