#include "stack/phy/polar_code.h"

#include "stack/phy/polar_tables.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>

namespace ravi::phy {
namespace {

unsigned ceil_log2(unsigned x) { return static_cast<unsigned>(std::bit_width(x - 1)); }

/// n of TS 38.212 §5.3.1.
unsigned choose_stages(unsigned k, unsigned e, PolarLink link)
{
  constexpr unsigned kMinStages = 5;
  const unsigned max_stages = link == PolarLink::downlink ? 9 : 10;
  const unsigned up = ceil_log2(e);
  const bool is_just_above = up > 0 && 8 * e <= 9 * (1U << (up - 1)) && 16 * k < 9 * e;
  const unsigned n1 = is_just_above ? up - 1 : up;
  const unsigned n2 = ceil_log2(8 * k);  // R_min = 1/8
  return std::max(std::min({n1, n2, max_stages}), kMinStages);
}

/// J(n) of the sub-block interleaver, TS 38.212 §5.4.1.1.
unsigned sub_block_index(unsigned n, unsigned length)
{
  const unsigned rows = length / 32;
  return kPolarSubBlockInterleaver[n / rows] * rows + n % rows;
}

/// Q_F,tmp of TS 38.212 §5.4.1.1: what rate matching freezes.
void freeze_for_rate_matching(const PolarCode& code, std::array<bool, kMaxPolarLength>& frozen)
{
  const unsigned n = code.length;
  const unsigned e = code.num_coded_bits;
  if (code.selection == PolarSelection::shortening) {
    for (unsigned i = e; i < n; ++i) frozen[sub_block_index(i, n)] = true;
  }
  if (code.selection == PolarSelection::puncturing) {
    for (unsigned i = 0; i < n - e; ++i) frozen[sub_block_index(i, n)] = true;
    // ceil(3N/4 - E/2) and ceil(9N/16 - E/4)
    const unsigned more = 4 * e >= 3 * n ? (3 * n - 2 * e + 3) / 4 : (9 * n - 4 * e + 15) / 16;
    std::fill_n(frozen.begin(), more, true);
  }
}

/// Marks Q_PC among the chosen bits, TS 38.212 §5.3.1.2. `chosen`: Q_I from the least to the most reliable.
void mark_parity(PolarCode& code, std::span<const std::uint16_t> chosen)
{
  if (code.num_parity == 0) return;
  const unsigned by_weight = code.num_coded_bits + 3 > 192 + code.num_bits ? 1 : 0;  // n_PC^wm, TS 38.212 §6.3.1.3.1
  for (unsigned i = 0; i < code.num_parity - by_weight; ++i) code.role[chosen[i]] = PolarBit::parity;
  if (by_weight == 0) return;
  unsigned best = chosen.back();  // lightest row; the most reliable of equals
  for (std::size_t i = chosen.size(); i-- > code.num_parity;) {
    if (std::popcount(chosen[i]) < std::popcount(best)) best = chosen[i];
  }
  code.role[best] = PolarBit::parity;
}

/// Calls visit(k, d) for each coded bit: e_k of the order sent, bit d of the mother code. TS 38.212 §5.4.1.
template <class Visit>
void for_each_coded_bit(const PolarCode& code, Visit visit)
{
  const unsigned n = code.length;
  const unsigned e = code.num_coded_bits;
  std::array<std::uint16_t, kMaxPolarLength> mother;  // of the bits that bit selection reads, in a circle
  const unsigned first = code.selection == PolarSelection::puncturing ? n - e : 0;
  const unsigned circle = std::min(e, n);
  for (unsigned i = 0; i < circle; ++i) mother[i] = static_cast<std::uint16_t>(sub_block_index(first + i, n));
  if (code.link == PolarLink::downlink) {
    for (unsigned k = 0, i = 0; k < e; ++k) {
      visit(k, mother[i]);
      if (++i == circle) i = 0;
    }
    return;
  }
  // TS 38.212 §5.4.1.3: written into the rows of a triangle of side T, read by columns
  unsigned side = 1;
  while (side * (side + 1) / 2 < e) ++side;
  unsigned out = 0;
  for (unsigned column = 0; column < side; ++column) {
    for (unsigned row = 0, at = column; row < side - column && at < e; at += side - row, ++row) visit(out++, mother[at % circle]);
  }
}

}  // namespace

std::optional<PolarCode> make_polar_code(unsigned num_bits, unsigned num_coded_bits, PolarLink link) noexcept
{
  const unsigned k = num_bits;
  const unsigned e = num_coded_bits;
  if (k == 0 || k > kMaxPolarLength || e == 0 || e > kMaxPolarCodedBits) return std::nullopt;
  if (link == PolarLink::downlink && k > kMaxPolarDownlinkBits) return std::nullopt;
  PolarCode code;
  code.link = link;
  code.num_bits = k;
  code.num_coded_bits = e;
  code.num_parity = link == PolarLink::uplink && k >= 18 && k <= 25 ? 3 : 0;
  code.stages = choose_stages(k, e, link);
  code.length = 1U << code.stages;
  if (k + code.num_parity > std::min(e, code.length)) return std::nullopt;
  if (e < code.length) code.selection = 16 * k <= 7 * e ? PolarSelection::puncturing : PolarSelection::shortening;

  std::array<bool, kMaxPolarLength> frozen{};
  freeze_for_rate_matching(code, frozen);
  std::array<std::uint16_t, kMaxPolarLength> chosen;  // filled from the back: the most reliable first
  const unsigned wanted = k + code.num_parity;
  unsigned left = wanted;
  for (std::size_t i = kPolarSequence.size(); i-- > 0 && left > 0;) {
    const std::uint16_t index = kPolarSequence[i];
    if (index >= code.length || frozen[index]) continue;
    code.role[index] = PolarBit::information;
    chosen[--left] = index;
  }
  if (left > 0) return std::nullopt;
  mark_parity(code, std::span(chosen).first(wanted));
  unsigned run = 0;
  for (unsigned i = code.length; i-- > 0;) {
    run = code.role[i] == PolarBit::frozen ? run + 1 : 0;
    code.frozen_run[i] = static_cast<std::uint16_t>(run);
  }
  return code;
}

void polar_input_interleaver(unsigned num_bits, std::span<std::uint8_t> pi) noexcept
{
  const unsigned cut = kMaxPolarDownlinkBits - num_bits;
  std::size_t k = 0;
  for (const std::uint8_t entry : kPolarInputInterleaver) {
    if (entry >= cut) pi[k++] = static_cast<std::uint8_t>(entry - cut);
  }
}

void encode_polar(const PolarCode& code, std::span<const std::uint8_t> bits, std::span<std::uint8_t> coded) noexcept
{
  assert(bits.size() == code.num_bits && coded.size() == code.num_coded_bits);
  std::array<std::uint8_t, kMaxPolarDownlinkBits> pi;
  if (code.link == PolarLink::downlink) polar_input_interleaver(code.num_bits, pi);

  std::array<std::uint8_t, kMaxPolarLength> u;  // TS 38.212 §5.3.1.2
  std::array<std::uint8_t, 5> y{};  // the standard shifts these by one at each bit: here bit i finds its y_0 at i mod 5
  for (unsigned i = 0, k = 0; i < code.length; ++i) {
    std::uint8_t& y0 = y[i % 5];
    switch (code.role[i]) {
      case PolarBit::frozen: u[i] = 0; break;
      case PolarBit::parity: u[i] = y0; break;
      case PolarBit::information:
        u[i] = bits[code.link == PolarLink::downlink ? pi[k] : k];
        ++k;
        y0 = static_cast<std::uint8_t>(y0 ^ u[i]);
        break;
    }
  }
  for (unsigned half = 1; half < code.length; half *= 2) {  // d = u G_N
    for (unsigned begin = 0; begin < code.length; begin += 2 * half) {
      for (unsigned i = begin; i < begin + half; ++i) u[i] = static_cast<std::uint8_t>(u[i] ^ u[i + half]);
    }
  }
  for_each_coded_bit(code, [&](unsigned k, unsigned d) { coded[k] = u[d]; });
}

void recover_polar_rate(const PolarCode& code, std::span<const std::int8_t> llrs, std::span<std::int16_t> mother) noexcept
{
  assert(llrs.size() == code.num_coded_bits && mother.size() >= code.length);
  std::fill_n(mother.begin(), code.length, std::int16_t{0});
  if (code.selection == PolarSelection::shortening) {
    for (unsigned i = code.num_coded_bits; i < code.length; ++i) mother[sub_block_index(i, code.length)] = kPolarKnownZero;
  }
  // At most 8192 / 32 repetitions of 128 stay within 16 bits but for one unit.
  for_each_coded_bit(code, [&](unsigned k, unsigned d) {
    mother[d] = static_cast<std::int16_t>(std::max(mother[d] + llrs[k], -32767));
  });
}

}  // namespace ravi::phy
