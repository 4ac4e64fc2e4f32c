#pragma once
// Successive-cancellation list decoding of polar codes.

#include "stack/phy/polar_code.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ravi::phy {

/// Beyond this gap a word whose CRC fits is a neighbor of the one that was sent and no candidate: 12 nats.
inline constexpr std::uint32_t kMaxPolarGap = 96;

struct PolarDecoderState;  // polar_decoder_state.h

/// List of eight, 16-bit min-sum LLRs. All memory is made at construction (about 25 KB); decoding allocates nothing.
/// One thread at a time.
class PolarDecoder {
public:
  static constexpr unsigned kListSize = 8;

  PolarDecoder();
  ~PolarDecoder();
  PolarDecoder(PolarDecoder&&) noexcept;
  PolarDecoder& operator=(PolarDecoder&&) noexcept;

  /// Finds the kListSize most likely words for E received LLRs; `word` gives them out.
  void decode(const PolarCode& code, std::span<const std::int8_t> llrs) noexcept;

  /// The K bits of the rank-th best word, 0 the best, in the order that encode_polar takes: a CRC may follow.
  void word(unsigned rank, std::span<std::uint8_t> bits) const noexcept;

  /// How much less likely the rank-th best word is than the best, in LLR units (natural logarithm times kLlrPerNat).
  [[nodiscard]] std::uint32_t gap(unsigned rank) const noexcept;

private:
  std::unique_ptr<PolarDecoderState> state_;
};

}  // namespace ravi::phy
