#include "stack/phy/ldpc_decoder.h"

#include "stack/phy/bit_packing.h"
#include "stack/phy/ldpc_decoder_reference.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stack/phy/ldpc_decoder.cpp"  // compiled once for each CPU generation
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace ravi::phy::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Soft = hn::CappedTag<std::int8_t, kLdpcLanes>;
using Magnitude = hn::RebindToUnsigned<Soft>;
using SoftVec = hn::Vec<Soft>;
using MagnitudeVec = hn::Vec<Magnitude>;

HWY_INLINE MagnitudeVec magnitude_of(SoftVec value) { return hn::BitCast(Magnitude(), hn::Abs(value)); }

/// reference::attenuate.
HWY_INLINE MagnitudeVec attenuate(MagnitudeVec m)
{
  const Magnitude d;
  const auto lowered = hn::SaturatedSub(m, hn::Set(d, std::uint8_t{reference::kOffset}));
  return hn::Min(lowered, hn::Set(d, std::uint8_t{reference::kMaxMessage}));
}

/// One check row, as the kernel sees it.
struct RowWork {
  const LdpcScheduleEdge* edges;
  const std::int8_t* in[kMaxLdpcDegree];
  std::int8_t* out[kMaxLdpcDegree];
  const std::int8_t* extension;  ///< or null
  std::int8_t* messages;         ///< in the first iteration only written
  std::size_t num_blocks;
  std::size_t degree;
};

/// What a check tells its columns but for each column's own sign.
struct CheckReply {
  MagnitudeVec smallest;  ///< the column that told the check this gets to_weakest
  SoftVec to_weakest;
  SoftVec to_others;
};

HWY_INLINE CheckReply make_reply(SoftVec parity, MagnitudeVec smallest, MagnitudeVec second)
{
  const auto zero = hn::Zero(Soft());
  const auto is_odd = hn::Lt(parity, zero);
  const auto others = hn::BitCast(Soft(), attenuate(smallest));
  const auto weakest = hn::BitCast(Soft(), attenuate(second));
  return {smallest, hn::IfThenElse(is_odd, hn::Sub(zero, weakest), weakest),
          hn::IfThenElse(is_odd, hn::Sub(zero, others), others)};
}

/// Tells one column: the new message is kept, and added to what the column knew without the old one.
HWY_INLINE void tell(SoftVec own, const CheckReply& reply, std::int8_t* message_out, std::int8_t* column_out)
{
  const Soft d;
  const auto zero = hn::Zero(d);
  const auto is_weakest = hn::RebindMask(d, hn::Eq(magnitude_of(own), reply.smallest));
  const auto unsigned_message = hn::IfThenElse(is_weakest, reply.to_weakest, reply.to_others);
  const auto message = hn::IfThenElse(hn::Lt(own, zero), hn::Sub(zero, unsigned_message), unsigned_message);
  hn::Store(message, d, message_out);
  hn::Store(hn::SaturatedAdd(own, message), d, column_out);
}

/// What a column knows without the check's last message.
template <bool kIsFirst>
HWY_INLINE SoftVec load_edge(const std::int8_t* column, const std::int8_t* message)
{
  const Soft d;
  const auto value = hn::LoadU(d, column);
  return kIsFirst ? value : hn::SaturatedSub(value, hn::Load(d, message));
}

/// All z checks of a row at once. Two passes over its edges: the two smallest magnitudes and the parity of what the columns
/// tell the check; then what the check tells each column.
template <bool kIsFirst>
void update_row(const RowWork& work)
{
  const Soft d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t degree = work.degree;
  alignas(64) std::int8_t own[kMaxLdpcDegree * kLdpcLanes];  // what each column tells, from the first pass to the second
  std::int8_t* messages = work.messages;
  for (std::size_t block = 0; block < work.num_blocks; ++block) {
    for (std::size_t lane = 0; lane < kLdpcLanes; lane += lanes) {
      auto parity = hn::Zero(d);
      auto smallest = hn::Set(Magnitude(), std::uint8_t{255});
      auto second = smallest;
      if (work.extension != nullptr) {
        parity = hn::Load(d, work.extension + kLdpcLanes * block + lane);
        smallest = magnitude_of(parity);
      }
      for (std::size_t e = 0; e < degree; ++e) {
        const auto value = load_edge<kIsFirst>(work.in[e] + work.edges[e].read[block] + lane, messages + kLdpcLanes * e + lane);
        hn::Store(value, d, own + kLdpcLanes * e);
        const auto magnitude = magnitude_of(value);
        parity = hn::Xor(parity, value);
        second = hn::Min(second, hn::Max(smallest, magnitude));
        smallest = hn::Min(smallest, magnitude);
      }
      const CheckReply reply = make_reply(parity, smallest, second);
      for (std::size_t e = 0; e < degree; ++e) {
        tell(hn::Load(d, own + kLdpcLanes * e), reply, messages + kLdpcLanes * e + lane,
             work.out[e] + kLdpcLanes * block + lane);
      }
    }
    messages += kLdpcLanes * degree;
  }
}

/// Behind the z values of a column, a copy of its first block, so that it can be read at any rotation.
HWY_INLINE void repeat_first_block(std::int8_t* column, unsigned z)
{
  const Soft d;
  for (std::size_t lane = 0; lane < kLdpcLanes; lane += hn::Lanes(d)) {
    hn::StoreU(hn::Load(d, column + lane), d, column + z + lane);
  }
}

template <bool kIsFirst>
void iterate_over_rows(const LdpcSchedule& schedule, detail::LdpcMemory& memory)
{
  RowWork work;
  work.num_blocks = schedule.num_blocks;
  work.messages = memory.messages.data();
  for (unsigned row = 0; row < schedule.key.num_rows; ++row) {
    const LdpcScheduleRow& plan = schedule.rows[row];
    if (plan.degree == 0) continue;
    work.edges = &schedule.edges[plan.first_edge];
    for (unsigned e = 0; e < plan.degree; ++e) {
      std::int8_t*& slot = memory.column[work.edges[e].column];
      work.in[e] = slot;
      std::swap(slot, memory.spare[e]);
      work.out[e] = slot;
    }
    work.extension = plan.has_extension ? memory.extension[row - kNumCoreRows].data() : nullptr;
    work.degree = plan.degree;
    update_row<kIsFirst>(work);
    for (unsigned e = 0; e < plan.degree; ++e) repeat_first_block(work.out[e], schedule.key.z);
    work.messages += std::size_t{kLdpcLanes} * plan.degree * work.num_blocks;
  }
}

void iterate(const LdpcSchedule& schedule, detail::LdpcMemory& memory, bool is_first)
{
  is_first ? iterate_over_rows<true>(schedule, memory) : iterate_over_rows<false>(schedule, memory);
}

/// Whether the bits satisfy the core rows' checks, between two iterations.
bool core_checks_hold(const LdpcSchedule& schedule, const detail::LdpcMemory& memory)
{
  const Soft d;
  const std::size_t lanes = hn::Lanes(d);
  for (unsigned row = 0; row < kNumCoreRows; ++row) {
    const LdpcScheduleRow& plan = schedule.rows[row];
    for (unsigned block = 0; block < schedule.num_blocks; ++block) {
      for (std::size_t lane = 0; lane < kLdpcLanes && kLdpcLanes * block + lane < schedule.key.z; lane += lanes) {
        auto parity = hn::Zero(d);
        for (unsigned e = plan.first_edge; e < plan.first_edge + plan.degree; ++e) {
          const std::int8_t* column = memory.column[schedule.edges[e].column];
          parity = hn::Xor(parity, hn::LoadU(d, column + schedule.core[e][block] + lane));
        }
        const auto is_used = hn::FirstN(d, schedule.key.z - kLdpcLanes * block - lane);
        if (!hn::AllFalse(d, hn::And(hn::Lt(parity, hn::Zero(d)), is_used))) return false;
      }
    }
  }
  return true;
}

/// The information bits, one a byte, in the order of the standard.
void write_bits(const LdpcSchedule& schedule, detail::LdpcMemory& memory)
{
  const Soft d;
  const Magnitude du;
  for (unsigned column = 0; column < schedule.key.num_info_columns; ++column) {
    std::uint8_t* out = &memory.bits[std::size_t{column} * schedule.key.z];
    for (unsigned block = 0; block < schedule.num_blocks; ++block) {
      const std::int8_t* in = memory.column[column] + schedule.bits[column][block];
      for (std::size_t lane = 0; lane < kLdpcLanes; lane += hn::Lanes(d)) {
        const auto value = hn::BitCast(du, hn::LoadU(d, in + lane));
        hn::StoreU(hn::ShiftRight<7>(value), du, out + kLdpcLanes * block + lane);
      }
    }
  }
}

/// reference::channel_value over n values, n a multiple of kLdpcLanes, aligned.
void scale_channel(std::int8_t* values, std::size_t n)
{
  const Soft d;
  for (std::size_t i = 0; i < n; i += hn::Lanes(d)) hn::Store(hn::ShiftRight<1>(hn::Load(d, values + i)), d, values + i);
}

}  // namespace
}  // namespace ravi::phy::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ravi::phy {
namespace {

HWY_EXPORT(iterate);
HWY_EXPORT(core_checks_hold);
HWY_EXPORT(write_bits);
HWY_EXPORT(scale_channel);

constexpr std::size_t round_up(std::size_t n) { return (n + kLdpcLanes - 1) / kLdpcLanes * kLdpcLanes; }

/// LLRs [first, first + n) of the code block's, 0 behind their end.
void copy_llrs(std::span<const std::int8_t> llrs, std::size_t first, std::size_t n, std::int8_t* out)
{
  const std::size_t have = first < llrs.size() ? std::min(n, llrs.size() - first) : 0;
  if (have > 0) std::memcpy(out, &llrs[first], have);
  std::memset(out + have, 0, n - have);
}

}  // namespace

LdpcDecoder::LdpcDecoder() noexcept
{
  for (std::size_t i = 0; i < memory_.column.size(); ++i) memory_.column[i] = memory_.slots[i].data();
  for (std::size_t i = 0; i < memory_.spare.size(); ++i) memory_.spare[i] = memory_.slots[memory_.column.size() + i].data();
}

/// Columns into their rotation at rest.
void LdpcDecoder::load(const LdpcBlock& block, std::span<const std::int8_t> llrs) noexcept
{
  const auto scale = [](std::int8_t* values, std::size_t n) { HWY_DYNAMIC_DISPATCH(scale_channel)(values, n); };
  const std::size_t z = block.z;
  const LdpcShape shape = ldpc_shape(block.graph);
  const std::size_t end_of_info = std::size_t{shape.num_info_columns} * z;
  for (std::size_t j = 0; j < shape.num_info_columns + kNumCoreRows; ++j) {
    if (j >= schedule_.key.num_info_columns && j < shape.num_info_columns) continue;
    std::int8_t* column = memory_.column[j];
    const std::size_t shift = schedule_.rest_shift[j];
    if (j < kNumPuncturedColumns) {
      std::memset(column, 0, z);
    } else {
      const std::size_t first = (j - kNumPuncturedColumns) * z;
      copy_llrs(llrs, first + shift, z - shift, column);
      copy_llrs(llrs, first, shift, column + (z - shift));
      scale(column, round_up(z));
    }
    if (j * z < end_of_info && (j + 1) * z > block.num_info_bits) {
      for (std::size_t bit = block.num_info_bits - j * z; bit < z; ++bit) {
        column[(bit + z - shift) % z] = reference::kFillerValue;
      }
    }
    std::memcpy(column + z, column, std::min<std::size_t>(z, kLdpcLanes));
  }
  for (std::size_t row = kNumCoreRows; row < schedule_.key.num_rows; ++row) {
    std::int8_t* column = memory_.extension[row - kNumCoreRows].data();
    copy_llrs(llrs, (shape.num_info_columns + row - kNumPuncturedColumns) * z, z, column);
    scale(column, round_up(z));
  }
}

/// Packs the information bits and says whether the CRC holds, and for a reason.
bool LdpcDecoder::take_bits(const LdpcBlock& block, std::span<const std::int8_t> llrs,
                            std::span<std::uint8_t> info) noexcept
{
  HWY_DYNAMIC_DISPATCH(write_bits)(schedule_, memory_);
  pack_bits(std::span(memory_.bits).first(block.num_info_bits), info);
  if (crc_of_packed_bits(block.crc, info, block.num_info_bits) != 0) return false;
  const bool is_zero = std::ranges::all_of(info, [](std::uint8_t byte) { return byte == 0; });
  return !is_zero || reference::is_evidence_enough_for_zeros(block, llrs);
}

LdpcResult LdpcDecoder::decode(const LdpcBlock& block, std::span<const std::int8_t> llrs,
                               std::span<std::uint8_t> info) noexcept
{
  const LdpcShape shape = ldpc_shape(block.graph);
  const unsigned z = block.z;
  assert(is_lifting_size(z) && llrs.size() <= ldpc_code_length(block.graph, z));
  assert(block.num_info_bits > 0 && block.num_info_bits <= shape.num_info_columns * z);
  assert(info.size() == (block.num_info_bits + 7) / 8 && block.max_num_iterations > 0);
  const auto num_columns = static_cast<unsigned>((llrs.size() + z - 1) / z) + kNumPuncturedColumns;
  schedule_.prepare({.graph = block.graph,
                     .z = z,
                     .num_rows = std::max(num_columns, shape.num_info_columns + kNumCoreRows) - shape.num_info_columns,
                     .num_info_columns = (block.num_info_bits + z - 1) / z});
  load(block, llrs);

  LdpcResult result;
  while (result.num_iterations < block.max_num_iterations && !(result.is_crc_ok && block.stops_early)) {
    HWY_DYNAMIC_DISPATCH(iterate)(schedule_, memory_, result.num_iterations == 0);
    ++result.num_iterations;
    const bool is_last = result.num_iterations == block.max_num_iterations;
    if (!is_last && !block.stops_early) continue;
    const bool holds = HWY_DYNAMIC_DISPATCH(core_checks_hold)(schedule_, memory_);
    if (holds || is_last) result.is_crc_ok = take_bits(block, llrs, info) && holds;
  }
  return result;
}

}  // namespace ravi::phy
#endif
