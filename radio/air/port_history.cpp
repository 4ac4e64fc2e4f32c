#include "radio/air/port_history.h"

#include <algorithm>
#include <cassert>

namespace ravi::air {

PortHistory::PortHistory(std::size_t lookback, std::size_t max_window)
    : size_(lookback + max_window + kPlanePadding),
      mirror_(max_window + kPlanePadding),
      re_(size_ + mirror_),
      im_(size_ + mirror_)
{
}

void PortHistory::append(std::span<const Cf32> samples, std::size_t count) noexcept
{
  assert(count <= size_ && (samples.empty() || samples.size() == count));
  const auto position = static_cast<std::size_t>(end_ % static_cast<std::int64_t>(size_));
  const std::size_t first = std::min(count, size_ - position);
  write(samples.empty() ? samples : samples.first(first), position, first);
  if (first < count) write(samples.empty() ? samples : samples.subspan(first), 0, count - first);
  end_ += static_cast<std::int64_t>(count);
  if (!samples.empty()) heard_until_ = end_;
}

void PortHistory::skip_to(std::int64_t time) noexcept
{
  std::fill(re_.begin(), re_.end(), 0.0F);
  std::fill(im_.begin(), im_.end(), 0.0F);
  end_ = time;
}

void PortHistory::write(std::span<const Cf32> samples, std::size_t position, std::size_t count) noexcept
{
  if (samples.empty()) {
    std::fill_n(re_.data() + position, count, 0.0F);
    std::fill_n(im_.data() + position, count, 0.0F);
  } else {
    split(samples, {re_.data() + position, im_.data() + position});
  }
  if (position >= mirror_) return;
  const std::size_t mirrored = std::min(count, mirror_ - position);
  std::copy_n(re_.data() + position, mirrored, re_.data() + size_ + position);
  std::copy_n(im_.data() + position, mirrored, im_.data() + size_ + position);
}

ConstPlanes PortHistory::window(std::int64_t begin) const noexcept
{
  const auto size = static_cast<std::int64_t>(size_);
  const auto position = static_cast<std::size_t>(((begin % size) + size) % size);
  return {re_.data() + position, im_.data() + position};
}

}  // namespace ravi::air
