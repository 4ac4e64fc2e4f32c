#pragma once
// Bits to constellation points and back to log-likelihood ratios. TS 38.211 §5.1.

#include "radio/iq.h"
#include "stack/nr/modulation.h"

#include <cstdint>
#include <span>

namespace ravi::phy {

/// LLR units in one nat: an LLR of 8 says that 0 is e times as likely as 1. With it QPSK at -10 dB still spreads over some five
/// units (rounding costs about 0.01 dB), and the limit of 120 units = 15 nats stands for an error in three million bits: less
/// than any code here needs from one bit, so 256QAM at high SNR loses nothing by it.
inline constexpr float kLlrPerNat = 8.0F;
inline constexpr std::int8_t kMaxLlr = 120;

/// Points of mean power 1. `bits` holds bits_per_symbol x symbols.size() values 0 or 1, in transmission order.
void map_symbols(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<Cf32> symbols) noexcept;

/// Max-log LLRs: (squared distance to the nearest point with bit 1 - with bit 0) / noise variance, in units of 1/kLlrPerNat,
/// rounded, saturated at +-kMaxLlr. Exact, not an approximation of max-log.
///
/// In      symbols: equalized, points of mean power 1; not-a-number gives LLR 0
///         noise_var: complex noise variance (linear) of each symbol after equalization; <= 0 counts as very small, infinity
///         erases the symbol. pi/2-BPSK: symbols[0] has an even index.
/// Out     llrs: bits_per_symbol x symbols.size()
/// Thread  slot worker, real time
void demap(std::span<const Cf32> symbols, std::span<const float> noise_var, nr::Modulation modulation,
           std::span<std::int8_t> llrs) noexcept;

/// One noise variance for all.
void demap(std::span<const Cf32> symbols, float noise_var, nr::Modulation modulation, std::span<std::int8_t> llrs) noexcept;

}  // namespace ravi::phy
