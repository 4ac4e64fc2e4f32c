#pragma once
// The memory of the polar list decoder and the plain form of the steps on it, which the vector kernels must equal bit for bit.

#include "stack/phy/polar_code.h"
#include "stack/phy/polar_decoder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace ravi::phy {

inline constexpr unsigned kPolarPaths = PolarDecoder::kListSize;
inline constexpr unsigned kMaxPolarStages = 10;

/// A value for each path: byte 2p and 2p+1 say where the two bytes of path p's 16-bit value lie.
using PolarLanes = std::array<std::uint8_t, 2 * kPolarPaths>;

/// Stage s works on blocks of 2^s bits; stage n is the received word, stage 0 a single bit.
/// Bits stand one position a byte, bit p of it for path p.
struct PolarDecoderState {
  alignas(64) std::array<std::int16_t, kMaxPolarLength> received{};
  /// Stage s < n at [2^s, 2^(s+1)) positions, kPolarPaths values each.
  alignas(64) std::array<std::int16_t, kMaxPolarLength * kPolarPaths> llr{};
  /// Decided left halves: stage s at [2^s, 2^(s+1)).
  alignas(64) std::array<std::uint8_t, kMaxPolarLength> left{};
  /// Where each path's LLRs of a stage lie since the paths last changed places.
  alignas(64) std::array<PolarLanes, kMaxPolarStages> place{};
  std::array<std::uint32_t, kPolarPaths> metric{};  ///< what the word costs in LLR units: the smaller the likelier
  std::array<std::uint8_t, 5> parity{};             ///< y of TS 38.212 §5.3.1.2 in place: bit i finds its y_0 at i mod 5
  std::array<std::uint8_t, kMaxPolarLength> decided{};  ///< of information bit k: the paths' values
  std::array<std::array<std::uint8_t, kPolarPaths>, kMaxPolarLength> parent{};  ///< of bit k: the path each one came from
  std::array<std::uint8_t, kPolarPaths> by_rank{};
  unsigned num_bits = 0;
  PolarLink link = PolarLink::downlink;

  [[nodiscard]] std::int16_t* stage_llr(unsigned stage) { return &llr[(std::size_t{1} << stage) * kPolarPaths]; }
  [[nodiscard]] std::uint8_t* stage_left(unsigned stage) { return &left[std::size_t{1} << stage]; }
};

namespace reference {

inline std::int16_t check(std::int16_t a, std::int16_t b)
{
  const int smaller = std::min(std::abs(int{a}), std::abs(int{b}));
  return static_cast<std::int16_t>((a ^ b) < 0 ? -smaller : smaller);
}

inline std::int16_t variable(std::int16_t a, std::int16_t b, bool is_one)
{
  return static_cast<std::int16_t>(std::clamp(is_one ? b - a : b + a, -32767, 32767));
}

/// LLRs of the left half from those of both: `half` positions. `above`: 2 half positions, paths placed by `place`.
inline void to_left(const std::int16_t* above, const PolarLanes& place, std::int16_t* out, std::size_t half)
{
  for (std::size_t i = 0; i < half; ++i) {
    for (std::size_t p = 0; p < kPolarPaths; ++p) {
      const std::size_t from = place[2 * p] / 2U;
      out[i * kPolarPaths + p] = check(above[i * kPolarPaths + from], above[(half + i) * kPolarPaths + from]);
    }
  }
}

/// LLRs of the right half, once the left half is decided.
inline void to_right(const std::int16_t* above, const PolarLanes& place, const std::uint8_t* left, std::int16_t* out, std::size_t half)
{
  for (std::size_t i = 0; i < half; ++i) {
    for (std::size_t p = 0; p < kPolarPaths; ++p) {
      const std::size_t from = place[2 * p] / 2U;
      out[i * kPolarPaths + p] =
          variable(above[i * kPolarPaths + from], above[(half + i) * kPolarPaths + from], (left[i] >> p & 1U) != 0);
    }
  }
}

/// The same from the received word, which all paths share.
inline void received_to_left(const std::int16_t* received, std::int16_t* out, std::size_t half)
{
  for (std::size_t i = 0; i < half; ++i) std::fill_n(out + i * kPolarPaths, kPolarPaths, check(received[i], received[half + i]));
}

inline void received_to_right(const std::int16_t* received, const std::uint8_t* left, std::int16_t* out, std::size_t half)
{
  for (std::size_t i = 0; i < half; ++i) {
    for (std::size_t p = 0; p < kPolarPaths; ++p) {
      out[i * kPolarPaths + p] = variable(received[i], received[half + i], (left[i] >> p & 1U) != 0);
    }
  }
}

/// The cost of `count` positions that are known to be 0.
inline void charge_zeros(const std::int16_t* llr, std::size_t count, std::uint32_t* metric)
{
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t p = 0; p < kPolarPaths; ++p) {
      metric[p] += static_cast<std::uint32_t>(std::max(-int{llr[i * kPolarPaths + p]}, 0));
    }
  }
}

/// Path p becomes what path parent[p] was, in `count` bytes of decided bits.
inline void permute_bits(const std::array<std::uint8_t, kPolarPaths>& parent, std::uint8_t* bits, std::size_t count)
{
  for (std::size_t i = 0; i < count; ++i) {
    unsigned byte = 0;
    for (unsigned p = 0; p < kPolarPaths; ++p) byte |= (bits[i] >> parent[p] & 1U) << p;
    bits[i] = static_cast<std::uint8_t>(byte);
  }
}

/// ... and in the places of a stage.
inline void permute_places(const PolarLanes& from, PolarLanes& place)
{
  const PolarLanes before = place;
  for (std::size_t i = 0; i < place.size(); ++i) place[i] = before[from[i]];
}

}  // namespace reference
}  // namespace ravi::phy
