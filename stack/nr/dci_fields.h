#pragma once
// Goes through the fields of a DCI in their order, writing or reading: one list of fields serves both ways.

#include "stack/nr/phy_mac.h"

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// New data, version and process: a run of fields that every format with C-RNTI has.
template <class Visitor, class Dci>
void visit_harq(Visitor& visit, Dci& dci)
{
  visit.field(dci.ndi, 1);
  visit.field(dci.redundancy_version, 2);
  visit.field(dci.harq_process, 4);
}

/// `identifier`: of the format, the first bit; nothing: formats 1_0 of a common RNTI have none. Filled up to `num_bits` with zeros.
/// `visit(visitor, dci)` goes through the other fields.
template <class Dci, class Visit>
[[nodiscard]] SmallBits pack_dci(const Dci& dci, std::optional<std::uint8_t> identifier, unsigned num_bits, Visit visit)
{
  SmallBits bits;
  if (identifier) bits.push_back(*identifier);
  DciWriter writer(bits);
  visit(writer, dci);
  while (bits.size() < num_bits && bits.push_back(0)) {}
  return bits;
}

/// Nothing where the length or the identifier is another.
template <class Dci, class Visit>
[[nodiscard]] std::optional<Dci> unpack_dci(std::span<const std::uint8_t> bits, std::optional<std::uint8_t> identifier, unsigned num_bits, Visit visit)
{
  if (bits.size() != num_bits || bits.empty() || (identifier && bits[0] != *identifier)) return std::nullopt;
  DciReader reader(bits.subspan(identifier ? 1 : 0));
  Dci dci;
  visit(reader, dci);
  return dci;
}

}  // namespace ravi::nr
