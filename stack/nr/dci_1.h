#pragma once
// DCI formats 1_1 and 0_1, whose fields depend on what the UE has been told. TS 38.212 §7.3.1.1.2, §7.3.1.2.2, §7.3.1.0.
// One serving cell, one bandwidth part, one code word, no code block groups, resource allocation type 1, DM-RS type 1 with one
// front-loaded symbol, dynamic HARQ-ACK codebook.

#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/phy_mac.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::nr {

/// Widths of the fields that are not always the same, and the sizes with padding.
struct Dci1Layout {
  unsigned dl_bits = 0;                 ///< of format 1_1
  unsigned ul_bits = 0;                 ///< of format 0_1
  std::uint8_t dl_fdra = 0;
  std::uint8_t dl_time_allocation = 0;
  std::uint8_t vrb_mapping = 0;
  std::uint8_t prb_bundling = 0;
  std::uint8_t zp_trigger = 0;
  std::uint8_t harq_timing = 0;
  std::uint8_t tci = 0;
  std::uint8_t ul_fdra = 0;
  std::uint8_t ul_time_allocation = 0;
  std::uint8_t srs_resource = 0;
  std::uint8_t csi_request = 0;
  friend constexpr bool operator==(const Dci1Layout&, const Dci1Layout&) = default;
};

/// Of the UE search space in this CORESET; another search space may have formats 1_0 and 0_0.
[[nodiscard]] Dci1Layout dci_1_layout(const Cell& cell, const UeConfig& config, const DedicatedCoreset& coreset) noexcept;

/// Different sizes of DCIs with C-RNTI that `config` has the UE look for, the RA search space included. With more than three the
/// sizes would be aligned further (§7.3.1.0 step 4), which is not done here.
inline constexpr unsigned kMaxDciSizes = 3;
[[nodiscard]] unsigned num_dci_sizes(const Cell& cell, const UeConfig& config) noexcept;

struct Dci11 {
  unsigned fdra = 0;             ///< RIV
  unsigned time_allocation = 0;
  bool is_interleaved = false;
  unsigned prb_bundling = 0;
  unsigned zp_trigger = 0;
  unsigned mcs = 0;
  unsigned ndi = 0;
  unsigned redundancy_version = 0;
  unsigned harq_process = 0;
  unsigned dai = 0;
  unsigned tpc = 0;
  unsigned pucch_resource = 0;
  unsigned harq_timing = 0;      ///< entry of dl-DataToUL-ACK
  unsigned antenna_ports = 0;
  unsigned tci = 0;
  unsigned srs_request = 0;
  unsigned n_scid = 0;
  friend constexpr bool operator==(const Dci11&, const Dci11&) = default;
};

struct Dci01 {
  unsigned fdra = 0;
  unsigned time_allocation = 0;
  unsigned mcs = 0;
  unsigned ndi = 0;
  unsigned redundancy_version = 0;
  unsigned harq_process = 0;
  unsigned dai = 0;              ///< first downlink assignment index
  unsigned tpc = 0;
  unsigned srs_resource = 0;
  unsigned antenna_ports = 0;
  unsigned srs_request = 0;
  unsigned csi_request = 0;
  unsigned n_scid = 0;
  bool has_ul_sch = true;
  friend constexpr bool operator==(const Dci01&, const Dci01&) = default;
};

[[nodiscard]] SmallBits pack_dci_1_1(const Dci11& dci, const Dci1Layout& layout) noexcept;
[[nodiscard]] SmallBits pack_dci_0_1(const Dci01& dci, const Dci1Layout& layout) noexcept;
/// Nothing where the length is not the layout's or the identifier says the other direction.
[[nodiscard]] std::optional<Dci11> unpack_dci_1_1(std::span<const std::uint8_t> bits, const Dci1Layout& layout) noexcept;
[[nodiscard]] std::optional<Dci01> unpack_dci_0_1(std::span<const std::uint8_t> bits, const Dci1Layout& layout) noexcept;

/// One layer's DM-RS port and the CDM groups without data. Nothing for values of more layers, or reserved ones.
struct AntennaPort {
  unsigned port = 0;
  unsigned num_cdm_groups_without_data = 2;
  friend constexpr bool operator==(const AntennaPort&, const AntennaPort&) = default;
};
/// TS 38.212 Table 7.3.1.2.2-1, one code word.
[[nodiscard]] std::optional<AntennaPort> pdsch_antenna_port(unsigned value) noexcept;
/// TS 38.212 Table 7.3.1.1.2-8: rank 1, no transform precoding.
[[nodiscard]] std::optional<AntennaPort> pusch_antenna_port(unsigned value) noexcept;

}  // namespace ravi::nr
