#pragma once
// What `ravi cells` found, for people and for programs.

#include "stack/nr/band.h"
#include "stack/nr/gscn.h"
#include "stack/phy/cell_search.h"
#include "stack/phy/sib1.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::apps {

/// What SIB1 says of the cell (TS 38.331 §6.2.2).
struct Sib1Summary {
  std::vector<std::string> plmns;                ///< "001-01"
  std::optional<std::uint64_t> tac;              ///< of the first PLMN; none: not sent
  std::uint64_t nr_cell_identity = 0;            ///< 36 bits
  std::vector<unsigned> bands;
  std::optional<unsigned> carrier_prb;
  std::optional<unsigned> carrier_scs_khz;
  std::optional<unsigned> offset_to_carrier;     ///< PRBs
  std::optional<unsigned> offset_to_point_a;     ///< PRBs of 15 kHz
  std::optional<unsigned> ssb_period_ms;
  std::optional<int> ss_pbch_block_power_dbm;
  std::optional<int> q_rx_lev_min_dbm;
};

/// Nothing for bytes that are not a BCCH-DL-SCH-Message with SIB1.
[[nodiscard]] std::optional<Sib1Summary> read_sib1_message(std::span<const std::uint8_t> transport_block);

struct CellReport {
  phy::FoundCell cell;
  unsigned band = 0;              ///< as SIB1 says, else the likeliest; 0: none holds the frequency
  std::optional<nr::Gscn> gscn;
  std::int64_t sample_offset = 0; ///< in the recording, or since the radio's start
  double ss_rsrp_dbfs = 0.0;      ///< of an SSS element, over what a full-scale signal spread over all sampled spectrum has there
  phy::Sib1Result sib1;
  std::optional<Sib1Summary> summary;  ///< of sib1.transport_block
};

[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<CellReport>& cells);
[[nodiscard]] std::string to_text(const CellReport& cell);

}  // namespace ravi::apps
