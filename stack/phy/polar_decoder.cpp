#include "stack/phy/polar_decoder.h"

#include "stack/phy/polar_decoder_state.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stack/phy/polar_decoder.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>

HWY_BEFORE_NAMESPACE();
namespace ravi::phy::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR  // vectors of one lane cannot hold eight paths: the reference is the kernel

using reference::charge_zeros;
using reference::permute_bits;
using reference::permute_places;
using reference::received_to_left;
using reference::received_to_right;
using reference::to_left;
using reference::to_right;

#else

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using BytesOf = hn::Repartition<std::uint8_t, D>;

/// Runs body(tag, i) for i in [0, count) positions, as many at once as vectors hold, the last ones singly.
template <class Body>
HWY_INLINE void for_positions(std::size_t count, const Body& body)
{
  const hn::ScalableTag<std::int16_t> d_wide;
  const hn::CappedTag<std::int16_t, kPolarPaths> d_one;
  const std::size_t step = hn::Lanes(d_wide) / kPolarPaths;
  std::size_t i = 0;
  for (; i + step <= count; i += step) body(d_wide, i);
  for (; i < count; ++i) body(d_one, i);
}

template <class D>
HWY_INLINE hn::Vec<D> check(D, hn::Vec<D> a, hn::Vec<D> b)
{
  const auto sign = hn::BroadcastSignBit(hn::Xor(a, b));
  return hn::Sub(hn::Xor(hn::Min(hn::Abs(a), hn::Abs(b)), sign), sign);
}

template <class D>
HWY_INLINE hn::Vec<D> variable(D d, hn::Vec<D> a, hn::Vec<D> b, hn::Vec<D> minus_if_one)
{
  const auto signed_a = hn::Sub(hn::Xor(a, minus_if_one), minus_if_one);
  return hn::Max(hn::SaturatedAdd(b, signed_a), hn::Set(d, std::int16_t{-32767}));
}

/// The vector's positions, each with its paths where `place` says.
template <class D>
HWY_INLINE hn::Vec<D> load_placed(D d, const std::int16_t* values, const PolarLanes& place)
{
  const BytesOf<D> d_bytes;
  const auto from = hn::LoadDup128(d_bytes, place.data());
  return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d_bytes, hn::LoadU(d, values)), from));
}

/// Of as many bytes as `Word` has, those of each position (kBytes of them) repeated over the position's block of the vector.
template <class Word, std::size_t kBytes, class D>
HWY_INLINE hn::Vec<D> spread_positions(D d, const void* from)
{
  alignas(64) static constexpr auto kFrom = [] {
    std::array<std::uint8_t, 64> index{};
    for (std::size_t i = 0; i < index.size(); ++i) index[i] = static_cast<std::uint8_t>(i / 16 * kBytes + i % kBytes);
    return index;
  }();
  constexpr std::size_t kPositions = hn::MaxLanes(D()) / kPolarPaths;
  static_assert(kPositions * kBytes <= sizeof(Word));
  Word word = 0;
  std::memcpy(&word, from, kPositions * kBytes);
  const hn::Repartition<Word, D> d_word;
  const BytesOf<D> d_bytes;
  return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d_bytes, hn::Set(d_word, word)), hn::LoadU(d_bytes, kFrom.data())));
}

/// One value for all paths of each position.
template <class D>
HWY_INLINE hn::Vec<D> load_shared(D d, const std::int16_t* values)
{
  return spread_positions<std::uint64_t, sizeof(std::int16_t)>(d, values);
}

/// -1 in the lanes of paths whose bit is 1: bit p of each position's byte.
template <class D>
HWY_INLINE hn::Vec<D> load_decided(D d, const std::uint8_t* bits)
{
  alignas(16) static constexpr std::array<std::int16_t, kPolarPaths> kLaneBit = {1, 2, 4, 8, 16, 32, 64, 128};
  const auto lane_bit = hn::LoadDup128(d, kLaneBit.data());
  return hn::VecFromMask(d, hn::Eq(hn::And(spread_positions<std::uint32_t, 1>(d, bits), lane_bit), lane_bit));
}

void to_left(const std::int16_t* above, const PolarLanes& place, std::int16_t* out, std::size_t half)
{
  for_positions(half, [&](auto d, std::size_t i) HWY_ATTR {
    const auto a = load_placed(d, above + i * kPolarPaths, place);
    const auto b = load_placed(d, above + (half + i) * kPolarPaths, place);
    hn::StoreU(check(d, a, b), d, out + i * kPolarPaths);
  });
}

void to_right(const std::int16_t* above, const PolarLanes& place, const std::uint8_t* left, std::int16_t* out, std::size_t half)
{
  for_positions(half, [&](auto d, std::size_t i) HWY_ATTR {
    const auto a = load_placed(d, above + i * kPolarPaths, place);
    const auto b = load_placed(d, above + (half + i) * kPolarPaths, place);
    hn::StoreU(variable(d, a, b, load_decided(d, left + i)), d, out + i * kPolarPaths);
  });
}

void received_to_left(const std::int16_t* received, std::int16_t* out, std::size_t half)
{
  for_positions(half, [&](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(check(d, load_shared(d, received + i), load_shared(d, received + half + i)), d, out + i * kPolarPaths);
  });
}

void received_to_right(const std::int16_t* received, const std::uint8_t* left, std::int16_t* out, std::size_t half)
{
  for_positions(half, [&](auto d, std::size_t i) HWY_ATTR {
    const auto value = variable(d, load_shared(d, received + i), load_shared(d, received + half + i), load_decided(d, left + i));
    hn::StoreU(value, d, out + i * kPolarPaths);
  });
}

void charge_zeros(const std::int16_t* llr, std::size_t count, std::uint32_t* metric)
{
  const hn::CappedTag<std::int16_t, kPolarPaths> d;
  const hn::CappedTag<std::int32_t, kPolarPaths / 2> d_sum;
  const hn::Half<decltype(d)> d_half;
  auto low = hn::Zero(d_sum);
  auto high = hn::Zero(d_sum);
  for (std::size_t i = 0; i < count; ++i) {
    const auto cost = hn::Max(hn::Neg(hn::LoadU(d, llr + i * kPolarPaths)), hn::Zero(d));
    low = hn::Add(low, hn::PromoteTo(d_sum, hn::LowerHalf(d_half, cost)));
    high = hn::Add(high, hn::PromoteTo(d_sum, hn::UpperHalf(d_half, cost)));
  }
  alignas(16) std::array<std::int32_t, kPolarPaths> sum;
  hn::Store(low, d_sum, sum.data());
  hn::Store(high, d_sum, sum.data() + kPolarPaths / 2);
  for (std::size_t p = 0; p < kPolarPaths; ++p) metric[p] += static_cast<std::uint32_t>(sum[p]);
}

/// Looks each half byte up: what its four paths' bits become is a table of 16.
void permute_bits(const std::array<std::uint8_t, kPolarPaths>& parent, std::uint8_t* bits, std::size_t count)
{
  std::array<std::uint8_t, kPolarPaths> children{};  // of each old path
  for (unsigned p = 0; p < kPolarPaths; ++p) children[parent[p]] = static_cast<std::uint8_t>(children[parent[p]] | 1U << p);
  alignas(16) std::array<std::uint8_t, 16> low{}, high{};
  for (unsigned x = 1; x < 16; ++x) {
    const unsigned rest = x & (x - 1);
    const auto bit = static_cast<unsigned>(std::countr_zero(x));
    low[x] = static_cast<std::uint8_t>(low[rest] | children[bit]);
    high[x] = static_cast<std::uint8_t>(high[rest] | children[bit + 4]);
  }
  const hn::ScalableTag<std::uint8_t> d;
  const auto low_table = hn::LoadDup128(d, low.data());
  const auto high_table = hn::LoadDup128(d, high.data());
  const auto nibble = hn::Set(d, std::uint8_t{0x0F});
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    const auto in = hn::LoadU(d, bits + i);
    const auto upper = hn::And(hn::BitCast(d, hn::ShiftRight<4>(hn::BitCast(hn::Repartition<std::uint16_t, decltype(d)>(), in))), nibble);
    hn::StoreU(hn::Or(hn::TableLookupBytes(low_table, hn::And(in, nibble)), hn::TableLookupBytes(high_table, upper)), d, bits + i);
  }
  for (; i < count; ++i) bits[i] = static_cast<std::uint8_t>(low[bits[i] & 15U] | high[bits[i] >> 4U]);
}

void permute_places(const PolarLanes& from, PolarLanes& place)
{
  const hn::CappedTag<std::uint8_t, 2 * kPolarPaths> d;
  hn::StoreU(hn::TableLookupBytes(hn::LoadU(d, place.data()), hn::LoadU(d, from.data())), d, place.data());
}

#endif

constexpr PolarLanes kInPlace = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// All stages' memory follows the paths to their new lanes. Bit i is being decided.
void permute_paths(PolarDecoderState& s, unsigned stages, unsigned i, const std::array<std::uint8_t, kPolarPaths>& parent)
{
  PolarLanes from;
  for (std::size_t p = 0; p < kPolarPaths; ++p) {
    from[2 * p] = static_cast<std::uint8_t>(2 * parent[p]);
    from[2 * p + 1] = static_cast<std::uint8_t>(2 * parent[p] + 1);
  }
  for (unsigned stage = 1; stage < stages; ++stage) permute_places(from, s.place[stage]);
  permute_bits(parent, s.left.data(), std::bit_ceil(i + 1U));
  permute_bits(parent, s.parity.data(), s.parity.size());
}

/// Both values of an information bit on each path: sixteen words, of which the eight cheapest go on. Returns the bits.
std::uint8_t fork_paths(PolarDecoderState& s, unsigned stages, unsigned i, unsigned k, const std::int16_t* llr)
{
  std::array<std::uint8_t, kPolarPaths>& parent = s.parent[k];
  std::iota(parent.begin(), parent.end(), std::uint8_t{0});
  unsigned bits = 0;
  std::array<std::uint32_t, 2 * kPolarPaths> key;  // cost and, against ties, the number: first those who believe the LLR
  for (unsigned p = 0; p < kPolarPaths; ++p) {
    bits |= (llr[p] < 0 ? 1U : 0U) << p;
    key[p] = s.metric[p] * 16 + p;
    key[p + kPolarPaths] = (s.metric[p] + static_cast<std::uint32_t>(std::abs(int{llr[p]}))) * 16 + p + kPolarPaths;
  }
  const std::uint32_t dearest = *std::max_element(key.begin(), key.begin() + kPolarPaths);
  const std::uint32_t cheapest_doubt = *std::min_element(key.begin() + kPolarPaths, key.end());
  if (dearest < cheapest_doubt) return static_cast<std::uint8_t>(bits);  // no path changes

  std::array<std::uint32_t, 2 * kPolarPaths> rank{};
  for (const std::uint32_t other : key) {
    for (unsigned c = 0; c < 2 * kPolarPaths; ++c) rank[c] += other < key[c] ? 1U : 0U;
  }
  // A path that lost its believed value makes room for one that doubts.
  unsigned free = 0;
  const unsigned believed = bits;
  for (unsigned p = 0; p < kPolarPaths; ++p) {
    const unsigned doubt = p + kPolarPaths;
    if (rank[doubt] >= kPolarPaths) continue;
    while (rank[free] < kPolarPaths) ++free;
    parent[free] = static_cast<std::uint8_t>(p);
    s.metric[free] = key[doubt] / 16;
    const unsigned bit = (believed >> p & 1U) ^ 1U;
    bits = (bits & ~(1U << free)) | bit << free;
    ++free;
  }
  permute_paths(s, stages, i, parent);
  return static_cast<std::uint8_t>(bits);
}

/// LLRs of the node of stage `stage` that begins at bit i, from the nearest stage above that still holds.
void descend(PolarDecoderState& s, unsigned stages, unsigned i, unsigned stage)
{
  unsigned at = stages;
  if (i != 0) {
    at = static_cast<unsigned>(std::countr_zero(i));
    const std::size_t half = std::size_t{1} << at;
    if (at + 1 == stages) received_to_right(s.received.data(), s.stage_left(at), s.stage_llr(at), half);
    else to_right(s.stage_llr(at + 1), s.place[at + 1], s.stage_left(at), s.stage_llr(at), half);
    s.place[at] = kInPlace;
  }
  for (; at > stage; --at) {
    const std::size_t half = std::size_t{1} << (at - 1);
    if (at == stages) received_to_left(s.received.data(), s.stage_llr(at - 1), half);
    else to_left(s.stage_llr(at), s.place[at], s.stage_llr(at - 1), half);
    s.place[at - 1] = kInPlace;
  }
}

/// Where the bits of a decided node go, and the left halves it completes on the way up: [left ^ right, right].
void ascend(PolarDecoderState& s, unsigned stages, unsigned i, unsigned stage, std::uint8_t bits)
{
  const unsigned top = stage + static_cast<unsigned>(std::countr_one(i >> stage));
  if (top >= stages) return;  // the last bit
  std::uint8_t* end = s.stage_left(top) + (std::size_t{1} << top);
  std::fill_n(end - (std::size_t{1} << stage), std::size_t{1} << stage, bits);
  for (unsigned at = stage; at < top; ++at) {
    const std::size_t half = std::size_t{1} << at;
    const std::uint8_t* left = s.stage_left(at);
    std::uint8_t* out = end - 2 * half;
    for (std::size_t k = 0; k < half; ++k) out[k] = static_cast<std::uint8_t>(left[k] ^ out[half + k]);
  }
}

void decode_list(PolarDecoderState& s, const PolarCode& code)
{
  const unsigned stages = code.stages;
  s.metric.fill(1U << 26U);  // paths not yet in use cost more than any real one and so give way
  s.metric[0] = 0;
  s.parity.fill(0);
  unsigned k = 0;
  for (unsigned i = 0; i < code.length;) {
    unsigned stage = 0;
    if (code.role[i] == PolarBit::frozen) {
      const auto largest = i == 0 ? stages : static_cast<unsigned>(std::countr_zero(i));
      stage = std::min(largest, static_cast<unsigned>(std::bit_width(unsigned{code.frozen_run[i]})) - 1);
    }
    descend(s, stages, i, stage);
    const std::int16_t* llr = s.stage_llr(stage);
    const unsigned count = 1U << stage;
    std::uint8_t& parity = s.parity[i % s.parity.size()];
    std::uint8_t bits = 0;
    if (code.role[i] == PolarBit::frozen) {
      charge_zeros(llr, count, s.metric.data());
    } else if (code.role[i] == PolarBit::parity) {
      bits = parity;
      for (unsigned p = 0; p < kPolarPaths; ++p) {
        if ((llr[p] < 0) != ((bits >> p & 1U) != 0)) s.metric[p] += static_cast<std::uint32_t>(std::abs(int{llr[p]}));
      }
    } else {
      bits = fork_paths(s, stages, i, k, llr);
      parity = static_cast<std::uint8_t>(parity ^ bits);
      s.decided[k++] = bits;
    }
    ascend(s, stages, i, stage, bits);
    i += count;
  }
}

}  // namespace
}  // namespace ravi::phy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace ravi::phy {

HWY_EXPORT(decode_list);

PolarDecoder::PolarDecoder() : state_(std::make_unique<PolarDecoderState>()) {}
PolarDecoder::~PolarDecoder() = default;
PolarDecoder::PolarDecoder(PolarDecoder&&) noexcept = default;
PolarDecoder& PolarDecoder::operator=(PolarDecoder&&) noexcept = default;

void PolarDecoder::decode(const PolarCode& code, std::span<const std::int8_t> llrs) noexcept
{
  PolarDecoderState& s = *state_;
  s.num_bits = code.num_bits;
  s.link = code.link;
  recover_polar_rate(code, llrs, s.received);
  HWY_DYNAMIC_DISPATCH(decode_list)(s, code);
  std::iota(s.by_rank.begin(), s.by_rank.end(), std::uint8_t{0});
  std::sort(s.by_rank.begin(), s.by_rank.end(), [&](unsigned a, unsigned b) {
    return s.metric[a] != s.metric[b] ? s.metric[a] < s.metric[b] : a < b;
  });
}

std::uint32_t PolarDecoder::gap(unsigned rank) const noexcept
{
  assert(rank < kListSize);
  return state_->metric[state_->by_rank[rank]] - state_->metric[state_->by_rank[0]];
}

void PolarDecoder::word(unsigned rank, std::span<std::uint8_t> bits) const noexcept
{
  const PolarDecoderState& s = *state_;
  assert(rank < kListSize && bits.size() == s.num_bits);
  std::array<std::uint8_t, kMaxPolarDownlinkBits> pi;
  if (s.link == PolarLink::downlink) polar_input_interleaver(s.num_bits, pi);
  unsigned path = s.by_rank[rank];
  for (unsigned k = s.num_bits; k-- > 0;) {
    bits[s.link == PolarLink::downlink ? pi[k] : k] = static_cast<std::uint8_t>(s.decided[k] >> path & 1U);
    path = s.parent[k][path];
  }
}

}  // namespace ravi::phy

#endif
