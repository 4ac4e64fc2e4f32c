#pragma once
// The SS/PBCH block: PSS, SSS, PBCH with its DM-RS, sent and received. TS 38.211 §7.4.2, §7.4.3, §7.3.3.

#include "radio/iq.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/ssb_pattern.h"
#include "stack/phy/resource_grid.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace ravi::phy {

inline constexpr unsigned kSyncLength = 127;           ///< PSS and SSS
inline constexpr unsigned kSyncFirstSubcarrier = 56;   ///< of the block

/// One block, [symbol][subcarrier].
using SsbBlock = std::array<std::array<Cf32, nr::kSsbNumSubcarriers>, nr::kSsbNumSymbols>;

/// d_PSS(n), +-1. TS 38.211 §7.4.2.2.1. n_id_2: 0..2.
[[nodiscard]] std::array<float, kSyncLength> pss_sequence(unsigned n_id_2) noexcept;
/// d_SSS(n), +-1. TS 38.211 §7.4.2.3.1.
[[nodiscard]] std::array<float, kSyncLength> sss_sequence(nr::Pci pci) noexcept;

/// i_SSB + 4 n_hf with L_max = 4, else i_SSB: what the DM-RS of the PBCH tells. TS 38.211 §7.4.1.4.1.
[[nodiscard]] constexpr unsigned i_ssb_bar(unsigned ssb_block_index, unsigned half_frame, unsigned l_max)
{
  return l_max == 4 ? ssb_block_index % 4 + 4 * half_frame : ssb_block_index % 8;
}

/// Correlation of the block's SSS with every cell that has this N_ID(2), |.|^2 over the power of the elements: 0..1.
struct SssMatch {
  nr::Pci pci;
  float metric = 0.0F;
};
/// The best cells, best first. The channel is taken from the PSS in symbol 0.
[[nodiscard]] std::array<SssMatch, 3> detect_sss(const SsbBlock& block, unsigned n_id_2) noexcept;

/// What one received block says.
struct PbchResult {
  unsigned ssb_block_index = 0;
  unsigned half_frame = 0;
  unsigned sfn = 0;
  unsigned k_ssb = 0;            ///< 0..31
  std::uint32_t mib = 0;         ///< 24 bits as received, first bit highest
  float snr_db = 0.0F;           ///< of a resource element
  float ss_rsrp = 0.0F;          ///< mean power of an SSS element, linear, noise taken off
  float delay_s = 0.0F;          ///< positive: the block came later than the FFT windows lay
  float cfo_hz = 0.0F;           ///< from the phase between the symbols; unambiguous within +-0.4 of the spacing
};

/// Working memory and tables of the PBCH, both directions.
class SsbCodec {
public:
  SsbCodec();
  ~SsbCodec();
  SsbCodec(SsbCodec&&) noexcept;
  SsbCodec& operator=(SsbCodec&&) noexcept;

  /// Writes the block into the slot's grid. Elements of the block that carry nothing are set to zero. False, and nothing
  /// written: it does not fit the grid.
  [[nodiscard]] bool encode(const nr::SsbPdu& pdu, unsigned port, GridSpan grid) noexcept;

  /// Reads the PBCH of a cell whose timing is known; nothing where its CRC fails.
  [[nodiscard]] std::optional<PbchResult> decode(const SsbBlock& block, nr::Pci pci, unsigned l_max, nr::Scs scs) noexcept;

private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

/// The block's elements in a slot's grid. first_subcarrier + 240 within the grid, first_symbol <= 10.
[[nodiscard]] SsbBlock ssb_block(ConstGridSpan grid, unsigned antenna, unsigned first_subcarrier, unsigned first_symbol) noexcept;

}  // namespace ravi::phy
