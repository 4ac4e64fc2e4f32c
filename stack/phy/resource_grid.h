#pragma once
// Resource grid: what one slot carries on every antenna port, before and after OFDM. TS 38.211 §4.4.2.

#include "radio/iq.h"
#include "stack/nr/numerology.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace ravi::phy {

/// View of one slot, [port][symbol][subcarrier], subcarrier contiguous. Subcarrier 0 is the lowest of the carrier.
/// Copying it copies no samples.
template <class T>
class BasicGridSpan {
public:
  constexpr BasicGridSpan() = default;
  constexpr BasicGridSpan(T* data, unsigned num_ports, unsigned num_subcarriers)
    : data_(data), num_ports_(num_ports), num_subcarriers_(num_subcarriers)
  {
  }
  /// A view to write through is also a view to read through.
  constexpr operator BasicGridSpan<const T>() const  // NOLINT(google-explicit-constructor)
    requires(!std::is_const_v<T>)
  {
    return {data_, num_ports_, num_subcarriers_};
  }

  [[nodiscard]] constexpr unsigned num_ports() const { return num_ports_; }
  [[nodiscard]] constexpr unsigned num_subcarriers() const { return num_subcarriers_; }
  [[nodiscard]] constexpr unsigned num_prb() const { return num_subcarriers_ / nr::kSubcarriersPerPrb; }

  /// One symbol (0..13) of one port.
  [[nodiscard]] constexpr std::span<T> operator()(unsigned port, unsigned symbol) const
  {
    assert(port < num_ports_ && symbol < nr::kSymbolsPerSlot);
    return {data_ + (std::size_t{port} * nr::kSymbolsPerSlot + symbol) * num_subcarriers_, num_subcarriers_};
  }

private:
  T* data_ = nullptr;
  unsigned num_ports_ = 0;
  unsigned num_subcarriers_ = 0;
};

using GridSpan = BasicGridSpan<Cf32>;
using ConstGridSpan = BasicGridSpan<const Cf32>;

/// Owns one slot's grid; allocates only when made.
class ResourceGrid {
public:
  ResourceGrid(unsigned num_ports, unsigned num_prb)
    : num_ports_(num_ports),
      num_subcarriers_(num_prb * nr::kSubcarriersPerPrb),
      elements_(std::size_t{num_ports} * nr::kSymbolsPerSlot * num_subcarriers_)
  {
  }

  [[nodiscard]] GridSpan span() noexcept { return {elements_.data(), num_ports_, num_subcarriers_}; }
  [[nodiscard]] ConstGridSpan span() const noexcept { return {elements_.data(), num_ports_, num_subcarriers_}; }
  void clear() noexcept { std::fill(elements_.begin(), elements_.end(), Cf32{}); }

private:
  unsigned num_ports_;
  unsigned num_subcarriers_;
  std::vector<Cf32> elements_;
};

}  // namespace ravi::phy
