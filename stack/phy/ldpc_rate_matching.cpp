#include "stack/phy/ldpc_rate_matching.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stack/phy/ldpc_rate_matching.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#ifndef RAVI_LDPC_RATE_MATCHING_TILE
#define RAVI_LDPC_RATE_MATCHING_TILE
namespace ravi::phy {
namespace {

constexpr std::size_t kTileColumns = 64;
constexpr std::size_t kMaxBitsPerSymbol = 8;

/// Some columns of the interleaver: one row for each bit of a symbol.
using TileRow = std::array<std::uint8_t, kTileColumns>;
using Tile = std::array<TileRow, kMaxBitsPerSymbol>;
/// The same column by column, as it is sent.
using TileSymbols = std::array<std::uint8_t, kTileColumns * kMaxBitsPerSymbol>;

}  // namespace
}  // namespace ravi::phy
#endif

HWY_BEFORE_NAMESPACE();
namespace ravi::phy::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::CappedTag<std::uint8_t, kTileColumns>;

/// The columns of a tile one after the other. Rows 2k and 2k + 1 first become one row of byte pairs.
void interleave(const Tile& tile, std::size_t bits_per_symbol, TileSymbols& out)
{
  const Bytes d;
  const hn::Repartition<std::uint16_t, Bytes> d_pair;
  alignas(64) std::uint16_t pairs[kMaxBitsPerSymbol / 2][kTileColumns];
  for (std::size_t k = 0; k < bits_per_symbol / 2; ++k) {
    for (std::size_t i = 0; i < kTileColumns; i += hn::Lanes(d)) {
      hn::StoreInterleaved2(hn::LoadU(d, &tile[2 * k][i]), hn::LoadU(d, &tile[2 * k + 1][i]), d,
                            reinterpret_cast<std::uint8_t*>(&pairs[k][i]));
    }
  }
  auto* symbols = reinterpret_cast<std::uint16_t*>(out.data());
  for (std::size_t i = 0; i < kTileColumns; i += hn::Lanes(d_pair)) {
    const auto row = [&](std::size_t k) HWY_ATTR { return hn::LoadU(d_pair, &pairs[k][i]); };
    switch (bits_per_symbol) {
      case 2: hn::StoreU(row(0), d_pair, symbols + i); break;
      case 4: hn::StoreInterleaved2(row(0), row(1), d_pair, symbols + 2 * i); break;
      case 6: hn::StoreInterleaved3(row(0), row(1), row(2), d_pair, symbols + 3 * i); break;
      case 8: hn::StoreInterleaved4(row(0), row(1), row(2), row(3), d_pair, symbols + 4 * i); break;
      default: break;
    }
  }
}

void deinterleave(const TileSymbols& in, std::size_t bits_per_symbol, Tile& tile)
{
  const Bytes d;
  const hn::Repartition<std::uint16_t, Bytes> d_pair;
  alignas(64) std::uint16_t pairs[kMaxBitsPerSymbol / 2][kTileColumns];
  const auto* symbols = reinterpret_cast<const std::uint16_t*>(in.data());
  for (std::size_t i = 0; i < kTileColumns; i += hn::Lanes(d_pair)) {
    hn::Vec<decltype(d_pair)> row[4] = {hn::Zero(d_pair), hn::Zero(d_pair), hn::Zero(d_pair), hn::Zero(d_pair)};
    switch (bits_per_symbol) {
      case 2: row[0] = hn::LoadU(d_pair, symbols + i); break;
      case 4: hn::LoadInterleaved2(d_pair, symbols + 2 * i, row[0], row[1]); break;
      case 6: hn::LoadInterleaved3(d_pair, symbols + 3 * i, row[0], row[1], row[2]); break;
      case 8: hn::LoadInterleaved4(d_pair, symbols + 4 * i, row[0], row[1], row[2], row[3]); break;
      default: break;
    }
    for (std::size_t k = 0; k < bits_per_symbol / 2; ++k) hn::StoreU(row[k], d_pair, &pairs[k][i]);
  }
  for (std::size_t k = 0; k < bits_per_symbol / 2; ++k) {
    for (std::size_t i = 0; i < kTileColumns; i += hn::Lanes(d)) {
      auto even = hn::Zero(d);
      auto odd = even;
      hn::LoadInterleaved2(d, reinterpret_cast<const std::uint8_t*>(&pairs[k][i]), even, odd);
      hn::StoreU(even, d, &tile[2 * k][i]);
      hn::StoreU(odd, d, &tile[2 * k + 1][i]);
    }
  }
}

/// soft += llrs, saturating.
void add_llrs(const std::int8_t* llrs, std::size_t n, std::int8_t* soft)
{
  const hn::CappedTag<std::int8_t, kTileColumns> d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    hn::StoreU(hn::SaturatedAdd(hn::LoadU(d, soft + i), hn::LoadU(d, llrs + i)), d, soft + i);
  }
  for (; i < n; ++i) soft[i] = static_cast<std::int8_t>(std::clamp(soft[i] + llrs[i], -128, 127));
}

}  // namespace
}  // namespace ravi::phy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravi::phy {
namespace {

HWY_EXPORT(interleave);
HWY_EXPORT(deinterleave);
HWY_EXPORT(add_llrs);

/// The circular buffer without its fillers: usable bit u is codeword bit u, or behind the fillers u + their number.
struct CircularBuffer {
  explicit CircularBuffer(const LdpcRateMatching& matching)
  {
    const unsigned punctured = kNumPuncturedColumns * matching.z;
    const unsigned k = ldpc_shape(matching.graph).num_info_columns * matching.z;
    first_filler = std::min(std::max(matching.num_info_bits, punctured) - punctured, matching.buffer_size);
    num_fillers = std::min(k - punctured, matching.buffer_size) - first_filler;
    size = matching.buffer_size - num_fillers;
  }
  [[nodiscard]] std::size_t position(std::size_t u) const { return u < first_filler ? u : u + num_fillers; }
  [[nodiscard]] std::size_t run(std::size_t u) const { return (u < first_filler ? first_filler : size) - u; }
  /// The usable bit that codeword bit k, or the first behind it that is no filler, is.
  [[nodiscard]] std::size_t usable(std::size_t k) const
  {
    const std::size_t u = k < first_filler ? k : std::max(k, first_filler + num_fillers) - num_fillers;
    return u % size;
  }

  std::size_t first_filler = 0;
  std::size_t num_fillers = 0;
  std::size_t size = 0;
};

/// Calls take(position, offset, n) for the runs of n bits from usable bit u on, and returns the usable bit behind them.
template <class Take>
std::size_t for_each_run(const CircularBuffer& buffer, std::size_t u, std::size_t n, const Take& take)
{
  for (std::size_t done = 0; done < n;) {
    const std::size_t length = std::min(buffer.run(u), n - done);
    take(buffer.position(u), done, length);
    done += length;
    u = u + length == buffer.size ? 0 : u + length;
  }
  return u;
}

/// Where each row of the interleaver goes on reading the buffer.
struct Rows {
  Rows(const LdpcRateMatching& matching, const CircularBuffer& buffer, std::size_t num_columns)
  {
    const std::size_t first = buffer.usable(ldpc_first_bit(matching));
    for (std::size_t i = 0; i < matching.bits_per_symbol; ++i) next[i] = (first + i * num_columns) % buffer.size;
  }
  std::array<std::size_t, kMaxBitsPerSymbol> next{};
};

}  // namespace

bool is_valid(const LdpcRateMatching& matching) noexcept
{
  const unsigned q = matching.bits_per_symbol;
  const bool is_in_range = is_lifting_size(matching.z) && matching.num_info_bits > 0 &&
                           matching.num_info_bits <= ldpc_shape(matching.graph).num_info_columns * matching.z &&
                           matching.buffer_size <= ldpc_code_length(matching.graph, matching.z) &&
                           matching.redundancy_version < 4 && (q == 1 || q == 2 || q == 4 || q == 6 || q == 8);
  return is_in_range && CircularBuffer(matching).size > 0;
}

unsigned ldpc_first_bit(const LdpcRateMatching& matching) noexcept
{
  static constexpr std::array<std::array<unsigned, 4>, 2> kColumns = {{{0, 17, 33, 56}, {0, 13, 25, 43}}};
  const unsigned columns = kColumns[matching.graph == nr::LdpcBaseGraph::bg1 ? 0 : 1][matching.redundancy_version];
  return columns * matching.buffer_size / ldpc_code_length(matching.graph, matching.z) * matching.z;
}

unsigned ldpc_end_of_sent(const LdpcRateMatching& matching, std::size_t num_bits) noexcept
{
  const CircularBuffer buffer(matching);
  const std::size_t first = buffer.usable(ldpc_first_bit(matching));
  if (num_bits == 0) return 0;
  if (num_bits >= buffer.size - first) return static_cast<unsigned>(buffer.position(buffer.size - 1) + 1);
  return static_cast<unsigned>(buffer.position(first + num_bits - 1) + 1);
}

void match_rate(const LdpcRateMatching& matching, std::span<const std::uint8_t> codeword,
                std::span<std::uint8_t> out) noexcept
{
  assert(is_valid(matching) && out.size() % matching.bits_per_symbol == 0);
  assert(codeword.size() >= ldpc_end_of_sent(matching, out.size()));
  const CircularBuffer buffer(matching);
  const std::size_t q = matching.bits_per_symbol;
  const std::size_t num_columns = out.size() / q;
  Rows rows(matching, buffer, num_columns);
  alignas(64) Tile tile{};
  alignas(64) TileSymbols symbols;
  for (std::size_t column = 0; column < num_columns; column += kTileColumns) {
    const std::size_t n = std::min(kTileColumns, num_columns - column);
    for (std::size_t i = 0; i < q; ++i) {
      rows.next[i] = for_each_run(buffer, rows.next[i], n, [&](std::size_t position, std::size_t offset, std::size_t length) {
        std::memcpy(&tile[i][offset], &codeword[position], length);
      });
    }
    if (q == 1) {
      std::memcpy(&out[column], tile[0].data(), n);
    } else {
      HWY_DYNAMIC_DISPATCH(interleave)(tile, q, symbols);
      std::memcpy(&out[column * q], symbols.data(), n * q);
    }
  }
}

void recover_rate(const LdpcRateMatching& matching, std::span<const std::int8_t> llrs,
                  std::span<std::int8_t> soft) noexcept
{
  assert(is_valid(matching) && llrs.size() % matching.bits_per_symbol == 0);
  assert(soft.size() >= ldpc_end_of_sent(matching, llrs.size()));
  const CircularBuffer buffer(matching);
  const std::size_t q = matching.bits_per_symbol;
  const std::size_t num_columns = llrs.size() / q;
  Rows rows(matching, buffer, num_columns);
  alignas(64) Tile tile;
  alignas(64) TileSymbols symbols{};
  for (std::size_t column = 0; column < num_columns; column += kTileColumns) {
    const std::size_t n = std::min(kTileColumns, num_columns - column);
    if (q == 1) {
      std::memcpy(tile[0].data(), &llrs[column], n);
    } else {
      std::memcpy(symbols.data(), &llrs[column * q], n * q);
      HWY_DYNAMIC_DISPATCH(deinterleave)(symbols, q, tile);
    }
    for (std::size_t i = 0; i < q; ++i) {
      const auto* row = reinterpret_cast<const std::int8_t*>(tile[i].data());
      rows.next[i] = for_each_run(buffer, rows.next[i], n, [&](std::size_t position, std::size_t offset, std::size_t length) {
        HWY_DYNAMIC_DISPATCH(add_llrs)(row + offset, length, &soft[position]);
      });
    }
  }
}

}  // namespace ravi::phy
#endif
