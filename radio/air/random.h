#pragma once
// Randomness of the air: a counter-based generator, so that a draw depends on its place alone, never on what was drawn
// before.

#include <array>
#include <cstdint>

namespace ravi::air {

/// What a stream of draws is for: the last word of the counter.
enum class Purpose : std::uint32_t { noise, fading, fault, corruption, interferer };

/// One stream of draws: the seed, and the port or link it belongs to.
struct RandomStream {
  std::uint64_t seed = 0;
  std::uint32_t index = 0;
  Purpose purpose = Purpose::noise;
};

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

inline constexpr std::uint32_t kPhiloxMultiplier0 = 0xD2511F53;
inline constexpr std::uint32_t kPhiloxMultiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t kPhiloxWeyl0 = 0x9E3779B9;
inline constexpr std::uint32_t kPhiloxWeyl1 = 0xBB67AE85;
inline constexpr int kPhiloxRounds = 10;

/// Philox4x32-10 of Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, §3.3: four random
/// words a counter.
[[nodiscard]] constexpr PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) noexcept
{
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kPhiloxMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kPhiloxMultiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  return counter;
}

[[nodiscard]] constexpr PhiloxKey philox_key(std::uint64_t seed) noexcept
{
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

/// Draw number `position` of a stream.
[[nodiscard]] constexpr PhiloxCounter draw(const RandomStream& stream, std::uint64_t position) noexcept
{
  return philox({static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32), stream.index,
                 static_cast<std::uint32_t>(stream.purpose)},
                philox_key(stream.seed));
}

/// [0, 1) from a random word.
[[nodiscard]] constexpr double to_unit(std::uint32_t word) noexcept { return word * 0x1p-32; }

}  // namespace ravi::air
