#include "radio/air/fault.h"

#include <algorithm>

namespace ravi::air {

Fault::Fault(const FaultConfig& config, SampleRate rate, std::size_t max_block, const RandomStream& stream)
    : config_(config), stream_(stream), out_(max_block)
{
  if (config.at) at_ = to_sample(*config.at, rate);
  const std::size_t num_held = config.kind == FaultKind::repeat ? 1
                               : config.kind == FaultKind::late ? config.length
                                                                : 0;
  held_.resize(num_held);
  for (Held& held : held_) held.samples.resize(max_block);
}

std::span<const Cf32> Fault::pass(std::span<const Cf32> in, std::uint64_t begin, std::size_t count,
                                  EmulatorCounters& counters) noexcept
{
  const bool is_struck = strikes(begin, count);
  std::span<const Cf32> result = in;
  switch (config_.kind) {
    case FaultKind::drop:
      if (is_struck) {
        ++counters.dropped_blocks;
        result = {};
      }
      break;
    case FaultKind::repeat:
      if (is_struck) {
        ++counters.repeated_blocks;
        result = release(held_[0], count);
      } else {
        hold(in, held_[0]);
      }
      break;
    case FaultKind::late:
      result = delay(in, count, is_struck, counters);
      break;
    case FaultKind::corrupt:
      if (is_struck) {
        ++counters.corrupted_blocks;
        result = corrupt(in, count);
      }
      break;
  }
  ++block_;
  return result;
}

bool Fault::strikes(std::uint64_t begin, std::size_t count) noexcept
{
  if (remaining_ > 0) {
    --remaining_;
    return true;
  }
  const bool begins =
      at_ != kNever ? at_ >= begin && at_ < begin + count : to_unit(draw(stream_, block_)[0]) < config_.probability;
  if (begins && config_.kind != FaultKind::late) remaining_ = config_.length - 1;
  return begins;
}

void Fault::hold(std::span<const Cf32> in, Held& held) noexcept
{
  std::copy(in.begin(), in.end(), held.samples.begin());
  held.size = in.size();
  held.is_held = true;
}

std::span<const Cf32> Fault::release(const Held& held, std::size_t count) noexcept
{
  if (held.size == 0) return {};
  const std::size_t kept = std::min(count, held.size);
  std::copy_n(held.samples.begin(), kept, out_.begin());
  std::fill(out_.begin() + static_cast<std::ptrdiff_t>(kept), out_.begin() + static_cast<std::ptrdiff_t>(count),
            Cf32{});
  return {out_.data(), count};
}

std::span<const Cf32> Fault::delay(std::span<const Cf32> in, std::size_t count, bool is_struck,
                                   EmulatorCounters& counters) noexcept
{
  Held& slot = held_[block_ % held_.size()];
  std::span<const Cf32> result = is_struck ? std::span<const Cf32>{} : in;
  if (slot.is_held) result = release(slot, count);
  slot.is_held = false;
  if (is_struck) {
    ++counters.late_blocks;
    hold(in, slot);
  }
  return result;
}

std::span<const Cf32> Fault::corrupt(std::span<const Cf32> in, std::size_t count) noexcept
{
  const PhiloxCounter words = draw(stream_, block_);
  const auto begin = static_cast<std::size_t>(to_unit(words[1]) * static_cast<double>(count));
  const auto length = 1 + static_cast<std::size_t>(to_unit(words[2]) * static_cast<double>(count - begin));
  const std::size_t end = std::min(begin + length, count);
  std::fill_n(out_.begin(), count, Cf32{});
  std::copy(in.begin(), in.end(), out_.begin());
  const RandomStream values{.seed = stream_.seed, .index = stream_.index, .purpose = Purpose::corruption};
  for (std::size_t i = begin; i < end; ++i) {
    const PhiloxCounter value = draw(values, block_ << 32 | i);
    out_[i] = {static_cast<float>(2.0 * to_unit(value[0]) - 1.0), static_cast<float>(2.0 * to_unit(value[1]) - 1.0)};
  }
  return {out_.data(), count};
}

}  // namespace ravi::air
