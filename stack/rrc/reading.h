#pragma once
// What the readers of a cell group's parts share (read_cell_group.cpp, read_downlink.cpp).

#include "radio/result.h"
#include "stack/asn1/rrc.h"
#include "stack/nr/cell.h"
#include "stack/rrc/enumerated.h"

#include <algorithm>
#include <optional>
#include <string>

namespace ravi::rrc {

/// What was wrong, if anything.
using Fault = std::optional<Error>;

inline Error malformed(std::string what) { return {ErrorCode::bad_input, "CellGroupConfig: " + std::move(what)}; }
inline Error unsupported(std::string what) { return {ErrorCode::unsupported, "CellGroupConfig: " + std::move(what) + " is not built"}; }

/// The content of a SetupRelease that is there and set up.
template <class T>
const T* setup_of(const asn1::Optional<asn1::SetupRelease<T>>& field)
{
  return field ? field->setup() : nullptr;
}

template <class List, class Item, class Id>
void add_or_change(List& list, const Item& item, Id id)
{
  const auto found = std::ranges::find(list, item.*id, id);
  if (found == list.end()) {
    list.push_back(item);
  } else {
    *found = item;
  }
}

template <class Ie>
unsigned additional_position_of(const asn1::Optional<Ie>& field)
{
  if (!field) return 2;
  return *field == Ie::pos0 ? 0 : *field == Ie::pos1 ? 1 : 3;
}

/// Period and offset of a CHOICE of `sl…`/`slots…`; `first`: number of its alternative for the first of `periods`.
template <std::size_t N>
std::optional<nr::PeriodicResource> periodic_of(const asn1::Choice& choice, unsigned first, const Numbers<unsigned, N>& periods)
{
  if (choice.index() < first || choice.index() - first >= N) return std::nullopt;
  return nr::PeriodicResource{.period_slots = periods[choice.index() - first],
                              .offset_slots = *static_cast<const std::uint32_t*>(choice.raw())};
}

/// What is not built of the DM-RS of either direction, and a scrambling identity that is not the PCI.
template <class Dmrs>
Fault check_dmrs(const Dmrs& dmrs, const char* channel)
{
  if (dmrs.dmrs_type) return unsupported(std::string("DM-RS type 2 of the ") + channel);
  if (dmrs.max_length) return unsupported(std::string("DM-RS in two symbols of the ") + channel);
  if (setup_of(dmrs.phase_tracking_rs) != nullptr) return unsupported(std::string("phase tracking of the ") + channel);
  return std::nullopt;
}

// read_downlink.cpp
[[nodiscard]] Fault read_pdcch(const asn1::rrc::PdcchConfig& in, const nr::Cell& cell, nr::UeConfig& ue);
[[nodiscard]] Fault read_pdsch(const asn1::rrc::PdschConfig& in, const nr::Cell& cell, nr::UeConfig& ue);
/// CSI-RS that a PDSCH leaves out.
[[nodiscard]] Fault read_csi_rs(const asn1::rrc::CsiMeasConfig& in, nr::UeConfig& ue);

}  // namespace ravi::rrc
