#pragma once
// PUCCH format 2: more than two bits on one or two symbols. TS 38.211 §6.3.2.5, §6.4.1.3.2; TS 38.212 §6.3.1.

#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"
#include "stack/phy/resource_grid.h"
#include "stack/phy/uci.h"

#include <array>
#include <cstdint>

namespace ravi::phy {

/// Encoder and decoder of format 2, with their memory (16 PRBs x 2 symbols at most). One thread at a time, real time.
class PucchFormat2 {
public:
  /// Adds the transmission to port 0 of `grid`, magnitude 1 a resource element. HARQ-ACK, SR and CSI part 1 follow one another
  /// (TS 38.212 §6.3.1.1); their sizes must be the PDU's. False, nothing written: the resource lies outside the grid, the
  /// sizes differ, or they do not fit the resource.
  bool encode(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, const nr::Uci& uci, GridSpan grid) noexcept;

  /// Decodes `antenna` of `grid`. With a CRC (12 bits and more) that decides whether there is a transmission; without, the
  /// share of the received power that the decided word explains, against what the best of as many words explains of noise once
  /// in some 1000 receptions.
  [[nodiscard]] nr::UciResult decode(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier, ConstGridSpan grid,
                                     unsigned antenna) noexcept;

private:
  static constexpr unsigned kMaxPrb = 16;
  static constexpr unsigned kMaxSymbols = 2;
  static constexpr unsigned kDataPerPrb = 8;
  static constexpr unsigned kPilotsPerPrb = 4;
  static constexpr unsigned kMaxData = kMaxPrb * kMaxSymbols * kDataPerPrb;

  /// What one reception works on: the allocation's rows of the grid.
  struct Received {
    std::array<std::span<const Cf32>, kMaxSymbols> rows;
    unsigned num_symbols = 0;
    unsigned num_prb = 0;
    float step = 0.0F;       ///< phase from pilot to pilot, turns: the delay
    float power = 0.0F;      ///< of a pilot, with noise
    float noise_var = 1.0F;
  };

  void estimate(Received& received) noexcept;
  void demodulate(const Received& received, std::uint32_t scrambling) noexcept;
  [[nodiscard]] bool map(std::span<const std::uint8_t> bits, std::uint32_t scrambling, std::size_t num_data) noexcept;
  [[nodiscard]] bool is_there(const Received& received, bool is_word_known, unsigned num_bits) const noexcept;

  UciCodec codec_;
  std::array<std::array<Cf32, kMaxPrb * kPilotsPerPrb>, kMaxSymbols> pilots_{};
  std::array<std::array<Cf32, kMaxPrb * kPilotsPerPrb>, kMaxSymbols> estimates_{};
  std::array<Cf32, kMaxPrb * nr::kSubcarriersPerPrb> channel_{};
  std::array<std::uint8_t, 2 * kMaxData> bits_{};
  std::array<std::int8_t, 2 * kMaxData> llrs_{};
  std::array<Cf32, kMaxData> data_{};
  std::array<float, kMaxData> noise_{};
};

}  // namespace ravi::phy
