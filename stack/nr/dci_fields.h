#pragma once
// Goes through the fields of a DCI in their order, writing or reading: one list of fields serves both ways.

#include "stack/nr/phy_mac.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ravi::nr {

class DciWriter {
public:
  explicit DciWriter(SmallBits& bits) : bits_(bits) {}
  void field(unsigned value, unsigned width)
  {
    for (unsigned bit = width; bit-- > 0;) bits_.push_back(static_cast<std::uint8_t>(value >> bit & 1U));
  }
  void field(bool value) { field(value ? 1U : 0U, 1); }
  void skip(unsigned width) { field(0U, width); }

private:
  SmallBits& bits_;
};

class DciReader {
public:
  explicit DciReader(std::span<const std::uint8_t> bits) : bits_(bits) {}
  void field(unsigned& value, unsigned width)
  {
    value = 0;
    for (unsigned i = 0; i < width; ++i) value = value << 1U | (next_ < bits_.size() ? bits_[next_++] & 1U : 0U);
  }
  void field(bool& value)
  {
    unsigned bit = 0;
    field(bit, 1);
    value = bit != 0;
  }
  void skip(unsigned width) { next_ += width; }

private:
  std::span<const std::uint8_t> bits_;
  std::size_t next_ = 0;
};

inline void pad_dci(SmallBits& bits, unsigned length)
{
  while (bits.size() < length && bits.push_back(0)) {}
}

}  // namespace ravi::nr
