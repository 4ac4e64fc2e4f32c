#pragma once
// Complex samples: the formats, an aligned buffer for several channels, and the views that travel between functions.

#include <cassert>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace ravi {

/// Inside the program: full scale 1.0.
using Cf32 = std::complex<float>;

/// On wires and disks: full scale 32767.
struct Sc16 {
  std::int16_t i = 0;
  std::int16_t q = 0;
  friend constexpr bool operator==(const Sc16&, const Sc16&) = default;
};

/// On wires and disks: full scale 127.
struct Sc8 {
  std::int8_t i = 0;
  std::int8_t q = 0;
  friend constexpr bool operator==(const Sc8&, const Sc8&) = default;
};

/// View of `num_channels` x `num_samples` samples, [channel][sample], samples contiguous. Copying it copies no samples.
template <class T>
class BasicIqSpan {
public:
  constexpr BasicIqSpan() = default;

  /// `stride`: samples from one channel's first to the next channel's first.
  constexpr BasicIqSpan(T* data, std::size_t num_channels, std::size_t num_samples, std::size_t stride)
    : data_(data), num_channels_(num_channels), num_samples_(num_samples), stride_(stride)
  {
  }

  /// One channel.
  constexpr BasicIqSpan(std::span<T> samples)  // NOLINT(google-explicit-constructor): a one-channel view of the same
    : BasicIqSpan(samples.data(), 1, samples.size(), samples.size())
  {
  }

  /// A view to write through is also a view to read through.
  constexpr operator BasicIqSpan<const T>() const  // NOLINT(google-explicit-constructor)
    requires(!std::is_const_v<T>)
  {
    return {data_, num_channels_, num_samples_, stride_};
  }

  [[nodiscard]] constexpr std::size_t num_channels() const { return num_channels_; }
  [[nodiscard]] constexpr std::size_t num_samples() const { return num_samples_; }
  [[nodiscard]] constexpr bool empty() const { return num_samples_ == 0 || num_channels_ == 0; }

  [[nodiscard]] constexpr std::span<T> channel(std::size_t index) const
  {
    assert(index < num_channels_);
    return {data_ + index * stride_, num_samples_};
  }

  /// Samples [offset, offset + count) of every channel.
  [[nodiscard]] constexpr BasicIqSpan subspan(std::size_t offset, std::size_t count) const
  {
    assert(offset + count <= num_samples_);
    return {data_ + offset, num_channels_, count, stride_};
  }
  [[nodiscard]] constexpr BasicIqSpan first(std::size_t count) const { return subspan(0, count); }

  /// `count` channels from `index` on.
  [[nodiscard]] constexpr BasicIqSpan channels(std::size_t index, std::size_t count) const
  {
    assert(index + count <= num_channels_);
    return {data_ + index * stride_, count, num_samples_, stride_};
  }

private:
  T* data_ = nullptr;
  std::size_t num_channels_ = 0;
  std::size_t num_samples_ = 0;
  std::size_t stride_ = 0;
};

using IqSpan = BasicIqSpan<Cf32>;
using ConstIqSpan = BasicIqSpan<const Cf32>;

/// Sets every sample to zero.
inline void fill_zero(IqSpan out) noexcept
{
  for (std::size_t c = 0; c < out.num_channels(); ++c) {
    const std::span<Cf32> samples = out.channel(c);
    if (!samples.empty()) std::memset(static_cast<void*>(samples.data()), 0, samples.size_bytes());
  }
}

/// Copies `in` to `out`; same shape.
inline void copy(ConstIqSpan in, IqSpan out) noexcept
{
  assert(in.num_channels() == out.num_channels() && in.num_samples() == out.num_samples());
  for (std::size_t c = 0; c < in.num_channels(); ++c) {
    const std::span<const Cf32> from = in.channel(c);
    if (!from.empty()) std::memcpy(static_cast<void*>(out.channel(c).data()), from.data(), from.size_bytes());
  }
}

/// Owner of trivially copyable samples [channel][sample], zeroed (so every page is touched), each channel 64-byte
/// aligned. Move-only: a copy of samples is written out.
template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  static constexpr std::size_t kAlignment = 64;

  AlignedBuffer() = default;
  AlignedBuffer(std::size_t num_channels, std::size_t num_samples)
    : num_channels_(num_channels), num_samples_(num_samples), stride_(padded(num_samples))
  {
    const std::size_t bytes = num_channels_ * stride_ * sizeof(T);
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(::operator new(bytes, std::align_val_t(kAlignment))));
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
  }

  [[nodiscard]] std::size_t num_channels() const { return num_channels_; }
  [[nodiscard]] std::size_t num_samples() const { return num_samples_; }

  [[nodiscard]] std::span<T> channel(std::size_t index = 0) { return span().channel(index); }
  [[nodiscard]] std::span<const T> channel(std::size_t index = 0) const { return span().channel(index); }
  [[nodiscard]] BasicIqSpan<T> span() { return {data_.get(), num_channels_, num_samples_, stride_}; }
  [[nodiscard]] BasicIqSpan<const T> span() const { return {data_.get(), num_channels_, num_samples_, stride_}; }

private:
  static constexpr std::size_t padded(std::size_t n)
  {
    const std::size_t bytes = (n * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return (bytes + sizeof(T) - 1) / sizeof(T);
  }

  struct Free {
    void operator()(T* p) const { ::operator delete(static_cast<void*>(p), std::align_val_t(kAlignment)); }
  };

  static_assert(kAlignment % sizeof(T) == 0);

  std::unique_ptr<T, Free> data_;
  std::size_t num_channels_ = 0;
  std::size_t num_samples_ = 0;
  std::size_t stride_ = 0;
};

using IqBuffer = AlignedBuffer<Cf32>;

}  // namespace ravi
