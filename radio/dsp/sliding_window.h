#pragma once
// The samples a filter still needs, contiguous in memory: what Fir, Decimator and Resampler run over their input with.

#include "radio/iq.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <span>

namespace ravi::dsp {

/// How many samples a streaming function took and gave.
struct Progress {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  friend bool operator==(const Progress&, const Progress&) = default;
};

/// A window of `length` samples that moves over a stream; before the stream there are length - 1 zeros, so that the
/// first window ends in the first sample. Allocates at construction only.
class SlidingWindow {
public:
  explicit SlidingWindow(std::size_t length) : length_(length), buffer_(1, length - 1 + kChunk) { reset(); }

  [[nodiscard]] std::size_t length() const noexcept { return length_; }

  /// How many windows, each one sample further, lie in the buffer.
  [[nodiscard]] std::size_t num_windows() const noexcept
  {
    return end_ - begin_ >= length_ ? end_ - begin_ - length_ + 1 : 0;
  }

  /// The samples of the next `count` windows: length + count - 1 of them.
  [[nodiscard]] std::span<const Cf32> windows(std::size_t count) const noexcept
  {
    assert(count <= num_windows());
    return buffer_.channel().subspan(begin_, length_ + count - 1);
  }

  /// Moves on by `count` samples, at most the window's length.
  void advance(std::size_t count) noexcept
  {
    begin_ += count;
    assert(begin_ <= end_);
  }

  /// Takes samples while there is room; returns how many. At least one if num_windows() is 0 and `in` is not empty.
  std::size_t fill(std::span<const Cf32> in) noexcept
  {
    const std::span<Cf32> all = buffer_.channel();
    if (begin_ > 0) {
      std::memmove(static_cast<void*>(all.data()), all.data() + begin_, (end_ - begin_) * sizeof(Cf32));
      end_ -= begin_;
      begin_ = 0;
    }
    const std::size_t count = std::min(in.size(), all.size() - end_);
    if (count > 0) std::memcpy(static_cast<void*>(all.data() + end_), in.data(), count * sizeof(Cf32));
    end_ += count;
    return count;
  }

  /// Forgets all samples.
  void reset() noexcept
  {
    begin_ = 0;
    end_ = length_ - 1;
    std::fill_n(buffer_.channel().begin(), end_, Cf32());
  }

private:
  static constexpr std::size_t kChunk = 1024;

  std::size_t length_;
  IqBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Fills `out` with what `next` makes of one window after the other (it returns the sample and moves the window on),
/// and takes input as needed.
template <class Next>
Progress run(SlidingWindow& window, std::span<const Cf32> in, std::span<Cf32> out, const Next& next) noexcept
{
  Progress done;
  while (true) {
    while (window.num_windows() > 0 && done.produced < out.size()) out[done.produced++] = next();
    if (window.num_windows() > 0 || done.consumed == in.size()) return done;
    done.consumed += window.fill(in.subspan(done.consumed));
  }
}

}  // namespace ravi::dsp
