#pragma once
// Fields of DCI formats 0_0 and 1_0, and their sizes. TS 38.212 §7.3.1.

#include "stack/nr/phy_mac.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::nr {

/// Which RNTI scrambles the CRC of a DCI 1_0: it decides the fields. The formats with C-RNTI, CS-RNTI and MCS-C-RNTI are one.
enum class DciRnti : std::uint8_t { c, tc, ra, si, p };

/// Bandwidths that decide sizes. TS 38.212 §7.3.1.0.
struct DciBandwidths {
  unsigned initial_dl = 0;  ///< PRBs of CORESET#0 where there is one, else of the initial DL BWP
  unsigned initial_ul = 0;
  unsigned active_dl = 0;   ///< 0: no UE search space
  unsigned active_ul = 0;
};

/// Bits of one format in one kind of search space.
struct DciSize {
  unsigned num_bits = 0;
  unsigned fdra_bits = 0;   ///< of the frequency domain resource assignment, after truncation
  friend constexpr bool operator==(const DciSize&, const DciSize&) = default;
};

/// The two formats always end up equally long, so one blind decode serves both; the first bit tells them apart.
struct DciSizes {
  DciSize dl;  ///< 1_0
  DciSize ul;  ///< 0_0
  /// TS 38.212 §7.3.1.0 step 0.
  [[nodiscard]] static DciSizes common(const DciBandwidths& bandwidths) noexcept;
  /// Step 1: formats 0_0 and 1_0 monitored in a UE search space.
  [[nodiscard]] static DciSizes ue(const DciBandwidths& bandwidths) noexcept;
};

/// TS 38.212 §7.3.1.2.1. Fields that an RNTI does not have are left 0.
struct Dci10 {
  unsigned fdra = 0;                    ///< RIV
  unsigned time_allocation = 0;         ///< 0..15
  bool is_interleaved = false;          ///< VRB-to-PRB mapping
  unsigned mcs = 0;                     ///< 0..31
  unsigned ndi = 0;
  unsigned redundancy_version = 0;
  unsigned harq_process = 0;
  unsigned dai = 0;
  unsigned tpc = 0;
  unsigned pucch_resource = 0;
  unsigned harq_timing = 0;             ///< PDSCH-to-HARQ_feedback timing indicator: k1 - 1
  unsigned tb_scaling = 0;              ///< RA, P
  unsigned system_information = 0;      ///< SI: 0 SIB1, 1 another
  unsigned short_message_indicator = 0; ///< P
  unsigned short_message = 0;           ///< P
  friend constexpr bool operator==(const Dci10&, const Dci10&) = default;
};

/// TS 38.212 §7.3.1.1.1.
struct Dci00 {
  unsigned fdra = 0;  ///< RIV
  unsigned time_allocation = 0;
  bool is_hopping = false;
  unsigned mcs = 0;
  unsigned ndi = 0;
  unsigned redundancy_version = 0;
  unsigned harq_process = 0;
  unsigned tpc = 0;
  friend constexpr bool operator==(const Dci00&, const Dci00&) = default;
};

[[nodiscard]] SmallBits pack_dci_1_0(const Dci10& dci, DciRnti rnti, const DciSize& size) noexcept;
[[nodiscard]] SmallBits pack_dci_0_0(const Dci00& dci, const DciSize& size) noexcept;

/// Nothing where the length is not that of `size`, or the identifier says the other format (which SI, RA and P-RNTI do not
/// have). Whether the RIV stands for an allocation is for the caller to see.
[[nodiscard]] std::optional<Dci10> unpack_dci_1_0(std::span<const std::uint8_t> bits, DciRnti rnti, const DciSize& size) noexcept;
[[nodiscard]] std::optional<Dci00> unpack_dci_0_0(std::span<const std::uint8_t> bits, const DciSize& size) noexcept;

/// A PDCCH order (random access started by the network): the assignment is all ones in a format 1_0 with C-RNTI.
[[nodiscard]] constexpr bool is_pdcch_order(const Dci10& dci, const DciSize& size)
{
  return size.fdra_bits > 0 && dci.fdra == (1U << size.fdra_bits) - 1U;
}

}  // namespace ravi::nr
