#pragma once
// From a found cell to its SIB1: CORESET#0, the DCI with SI-RNTI, the PDSCH. TS 38.213 §13.

#include "stack/nr/coreset0.h"
#include "stack/nr/phy_mac.h"
#include "stack/phy/cell_search.h"
#include "stack/nr/dci.h"
#include "stack/phy/sub_band.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::phy {

/// The MIB's fields. TS 38.331 §6.2.2.
struct Mib {
  unsigned sfn_msb = 0;                         ///< upper six bits
  nr::Scs subcarrier_spacing_common = nr::Scs::khz15;
  unsigned ssb_subcarrier_offset = 0;           ///< lower four bits of k_SSB
  unsigned dmrs_type_a_position = 2;            ///< 2, 3
  unsigned controlresourceset_zero = 0;         ///< 0..15
  unsigned search_space_zero = 0;               ///< 0..15
  bool is_cell_barred = false;
  bool is_intra_freq_reselection_allowed = false;
  friend constexpr bool operator==(const Mib&, const Mib&) = default;
};

/// From the 24 bits of BCCH-BCH-Message (FR1); nothing for a message that is not the MIB.
[[nodiscard]] std::optional<Mib> parse_mib(std::uint32_t bits) noexcept;
[[nodiscard]] std::uint32_t to_bits(const Mib& mib) noexcept;

/// How a cell's CORESET#0 is received: a carrier made of its PRBs alone, CRBs counted from its lowest.
struct Coreset0Reception {
  nr::Carrier carrier;
  nr::Coreset coreset;
  nr::Type0Monitoring monitoring;
  unsigned dmrs_type_a_position = 2;
};

/// Nothing where the cell has no CORESET#0 (k_SSB > 23) or the MIB's numbers are reserved.
[[nodiscard]] std::optional<Coreset0Reception> coreset0_reception(const FoundCell& cell, const Mib& mib,
                                                                  nr::MinimumBandwidth minimum) noexcept;

enum class Sib1Status : std::uint8_t {
  read,
  no_coreset0,     ///< the MIB has none here
  out_of_span,     ///< CORESET#0 lies outside what was received
  no_dci,          ///< monitored slots were there, but no DCI in them (or none of the slots)
  bad_transport_block,  ///< DCI read, CRC of the transport block failed each time
};

struct Sib1Result {
  Sib1Status status = Sib1Status::no_coreset0;
  std::vector<std::uint8_t> transport_block;  ///< BCCH-DL-SCH-Message and its padding
  nr::Dci10 dci;                                  ///< where one was found
  float snr_db = 0.0F;
};

/// Reads SIB1 in every monitored slot of the stretch until one transport block is right. `ssb_case`: of the cell's block.
/// Allocates; not for the slot path.
[[nodiscard]] Sib1Result read_sib1(const SubBand& stretch, Hertz tuned, const FoundCell& cell, nr::SsbCase ssb_case,
                                   nr::MinimumBandwidth minimum);

}  // namespace ravi::phy
