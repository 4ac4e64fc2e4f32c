#include "stack/rlc/sdu_queue.h"

#include <algorithm>

namespace ravi::rlc {

SduQueue::SduQueue(std::size_t max_sdus, std::size_t max_octets)
  : sdus_(std::max<std::size_t>(max_sdus, 1)), memory_(max_octets)
{
}

bool SduQueue::push(std::span<const std::uint8_t> octets, std::uint32_t tag) noexcept
{
  if (octets.empty() || count_ == sdus_.size()) return false;
  if (count_ == 0) write_at_ = 0;
  // Free memory is [write_at, end) and [0, oldest), or, once the writer has wrapped, [write_at, oldest).
  const std::size_t oldest = count_ == 0 ? memory_.size() : sdus_[front_].begin;
  const bool has_wrapped = count_ > 0 && write_at_ <= oldest;
  std::size_t begin = write_at_;
  if (has_wrapped) {
    if (octets.size() > oldest - write_at_) return false;
  } else if (octets.size() > memory_.size() - write_at_) {
    if (count_ == 0 || octets.size() > oldest) return false;
    begin = 0;
  }
  std::copy(octets.begin(), octets.end(), memory_.begin() + static_cast<std::ptrdiff_t>(begin));
  QueuedSdu& sdu = sdus_[(front_ + count_) % sdus_.size()];
  sdu = {};
  sdu.begin = begin;
  sdu.size = static_cast<std::uint32_t>(octets.size());
  sdu.tag = tag;
  write_at_ = begin + octets.size();
  ++count_;
  return true;
}

void SduQueue::pop_front() noexcept
{
  front_ = (front_ + 1) % sdus_.size();
  --count_;
}

void SduQueue::remove(std::size_t i) noexcept
{
  for (; i + 1 < count_; ++i) (*this)[i] = (*this)[i + 1];
  --count_;
}

void SduQueue::clear() noexcept
{
  count_ = 0;
  write_at_ = 0;
}

}  // namespace ravi::rlc
