#include "stack/mac/mac_ce.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace ravi::mac {
namespace {

template <std::size_t N>
std::uint8_t index_in(const std::array<std::uint32_t, N>& table, std::uint64_t octets) noexcept
{
  return static_cast<std::uint8_t>(std::lower_bound(table.begin(), table.end(), octets) - table.begin());
}

std::optional<LongBsr> decode_bsr(std::span<const std::uint8_t> payload) noexcept
{
  if (payload.empty() || payload.size() > 1 + kNumLogicalChannelGroups) return std::nullopt;
  LongBsr bsr;
  bsr.groups = payload[0];
  bsr.num_indices = static_cast<std::uint8_t>(payload.size() - 1);
  std::copy(payload.begin() + 1, payload.end(), bsr.index.begin());
  return bsr;
}

constexpr std::uint8_t kSixBits = 0x3F;

}  // namespace

std::uint8_t buffer_size_index_5(std::uint64_t octets) noexcept { return index_in(kBufferSize5, octets); }
std::uint8_t buffer_size_index_8(std::uint64_t octets) noexcept { return index_in(kBufferSize8, octets); }

std::uint32_t buffer_octets_5(std::uint8_t index) noexcept
{
  return kBufferSize5[std::min<std::size_t>(index, kBufferSize5.size() - 1)];
}

std::uint32_t buffer_octets_8(std::uint8_t index) noexcept
{
  return kBufferSize8[std::min<std::size_t>(index, kBufferSize8.size() - 1)];
}

std::array<std::uint8_t, 1> encode(ShortBsr bsr) noexcept
{
  return {static_cast<std::uint8_t>((bsr.lcg << 5) | (bsr.index & 31))};
}

std::optional<ShortBsr> decode_short_bsr(std::span<const std::uint8_t> payload) noexcept
{
  if (payload.size() != 1) return std::nullopt;
  return ShortBsr{static_cast<std::uint8_t>(payload[0] >> 5), static_cast<std::uint8_t>(payload[0] & 31)};
}

std::span<const std::uint8_t> encode(const LongBsr& bsr, std::span<std::uint8_t, 9> out) noexcept
{
  const std::size_t count = std::min<std::size_t>(bsr.num_indices, bsr.index.size());
  out[0] = bsr.groups;
  std::copy_n(bsr.index.begin(), count, out.begin() + 1);
  return out.first(1 + count);
}

std::optional<LongBsr> decode_long_bsr(std::span<const std::uint8_t> payload) noexcept
{
  const auto bsr = decode_bsr(payload);
  if (!bsr || bsr->num_indices != std::popcount(bsr->groups)) return std::nullopt;
  return bsr;
}

std::optional<LongBsr> decode_long_truncated_bsr(std::span<const std::uint8_t> payload) noexcept
{
  const auto bsr = decode_bsr(payload);
  if (!bsr || bsr->num_indices > std::popcount(bsr->groups)) return std::nullopt;
  return bsr;
}

std::array<std::uint8_t, 2> encode(SingleEntryPhr phr) noexcept
{
  return {static_cast<std::uint8_t>(phr.power_headroom & kSixBits), static_cast<std::uint8_t>(phr.p_cmax & kSixBits)};
}

std::optional<SingleEntryPhr> decode_single_entry_phr(std::span<const std::uint8_t> payload) noexcept
{
  if (payload.size() != 2) return std::nullopt;
  return SingleEntryPhr{static_cast<std::uint8_t>(payload[0] & kSixBits), static_cast<std::uint8_t>(payload[1] & kSixBits)};
}

// Steps of 1 dB from -32 dB (index 1) to 22 dB (index 55), then of 2 dB to 38 dB (index 63). TS 38.133 Table 10.1.17.1-1.
std::uint8_t power_headroom_index(Decibel headroom) noexcept
{
  const double db = std::clamp(headroom.value(), -33.0, 38.0);
  const double index = db < 22.0 ? std::floor(db) + 33.0 : 55.0 + std::floor((db - 22.0) / 2.0);
  return static_cast<std::uint8_t>(index);
}

Decibel power_headroom_of(std::uint8_t index) noexcept
{
  const int i = std::min<int>(index, 63);
  return Decibel(i < 55 ? i - 33 : 22 + 2 * (i - 55));
}

// Steps of 1 dB from -29 dBm (index 1) to 33 dBm (index 63). TS 38.133 Table 10.1.18.1-1.
std::uint8_t p_cmax_index(Dbm p_cmax) noexcept
{
  return static_cast<std::uint8_t>(std::floor(std::clamp(p_cmax.value(), -30.0, 33.0)) + 30.0);
}

Dbm p_cmax_of(std::uint8_t index) noexcept { return Dbm(std::min<int>(index, 63) - 30); }

std::array<std::uint8_t, 1> encode(TimingAdvanceCommand command) noexcept
{
  return {static_cast<std::uint8_t>((command.tag << 6) | (command.command & kSixBits))};
}

std::optional<TimingAdvanceCommand> decode_timing_advance_command(std::span<const std::uint8_t> payload) noexcept
{
  if (payload.size() != 1) return std::nullopt;
  return TimingAdvanceCommand{static_cast<std::uint8_t>(payload[0] >> 6), static_cast<std::uint8_t>(payload[0] & kSixBits)};
}

std::optional<ContentionResolutionIdentity> decode_contention_resolution(std::span<const std::uint8_t> payload) noexcept
{
  ContentionResolutionIdentity identity{};
  if (payload.size() != identity.size()) return std::nullopt;
  std::copy(payload.begin(), payload.end(), identity.begin());
  return identity;
}

std::array<std::uint8_t, 2> encode(nr::Rnti rnti) noexcept
{
  return {static_cast<std::uint8_t>(rnti.value() >> 8), static_cast<std::uint8_t>(rnti.value() & 0xFF)};
}

std::optional<nr::Rnti> decode_c_rnti(std::span<const std::uint8_t> payload) noexcept
{
  if (payload.size() != 2) return std::nullopt;
  return nr::Rnti(static_cast<std::uint16_t>((payload[0] << 8) | payload[1]));
}

}  // namespace ravi::mac
