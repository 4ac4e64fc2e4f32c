#pragma once
// From what an operator wants (`band: n78`, `bandwidth: 20 MHz`) to a full cell, each value with the clause it follows from.

#include "radio/result.h"
#include "stack/nr/cell.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi::rrc {

/// Only `band` and `bandwidth` are needed; whatever is absent is derived.
struct CellIntent {
  unsigned band = 3;                       ///< 78 for n78
  Hertz bandwidth{10e6};                   ///< of the channel
  std::optional<unsigned> scs_khz;         ///< 15, 30
  std::optional<unsigned> arfcn;           ///< of the downlink carrier's reference frequency
  std::optional<Hertz> frequency;          ///< the same as a frequency; only one of the two
  std::optional<unsigned> gscn;            ///< of the SS/PBCH block
  unsigned pci = 1;
  nr::Plmn plmn;
  unsigned tracking_area_code = 7;         ///< 24 bits
  std::uint64_t nr_cell_identity = 0x66C000;  ///< 36 bits
  std::optional<nr::TddPattern> tdd_pattern;  ///< in slots of the carrier's spacing
  unsigned ssb_period_ms = 10;
  std::optional<unsigned> coreset0_index;
  unsigned search_space0_index = 0;
  std::optional<unsigned> prach_configuration_index;
  unsigned root_sequence_index = 1;
  unsigned zero_correlation_zone = 0;
  unsigned num_preambles = 64;             ///< 64, or fewer in steps of 4
  unsigned pucch_resource_common = 11;     ///< 3..15: of format 1
  std::vector<nr::AccessBarring> access_barring;
  std::optional<unsigned> min_k2;          ///< slots a UE needs from grant to PUSCH; 4, TDD 2
};

struct DerivedValue {
  std::string name;
  std::string value;
  std::string clause;  ///< "TS 38.104 §5.3.2"
  std::string reason;
};

struct DerivedCell {
  nr::Cell cell;
  std::vector<DerivedValue> values;  ///< in the order of derivation
};

/// Refuses what cannot be: every fault on a line of the message, with the nearest valid choice. Allocates; for set-up.
[[nodiscard]] Result<DerivedCell> derive_cell(const CellIntent& intent);

/// The table of `ravi config explain`.
[[nodiscard]] std::string explain(const DerivedCell& derived);

}  // namespace ravi::rrc
