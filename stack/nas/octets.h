#pragma once
// Reading and writing the octets of NAS messages, most significant octet first.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::nas {

using Octets = std::vector<std::uint8_t>;

/// Takes octets from the front. Past the end it gives zeros and `is_ok` stays false from then on.
class Reader {
public:
  explicit Reader(std::span<const std::uint8_t> octets) : rest_(octets) {}

  [[nodiscard]] bool is_ok() const { return is_ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::span<const std::uint8_t> take(std::size_t count)
  {
    if (count > rest_.size()) {
      is_ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::span<const std::uint8_t> rest() { return take(rest_.size()); }
  /// The next octet, left where it is; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_.front(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return number(3); }
  std::uint32_t u32() { return number(4); }

private:
  std::uint32_t number(std::size_t count)
  {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(count)) value = (value << 8) | octet;
    return value;
  }

  std::span<const std::uint8_t> rest_;
  bool is_ok_ = true;
};

/// Appends to a vector. Numbers are cut to their width.
class Writer {
public:
  explicit Writer(Octets& out) : out_(out) {}

  [[nodiscard]] std::size_t size() const { return out_.size(); }

  void u8(unsigned value) { out_.push_back(static_cast<std::uint8_t>(value)); }
  void u16(unsigned value)
  {
    u8(value >> 8);
    u8(value);
  }
  void u24(std::uint32_t value)
  {
    u8(value >> 16);
    u16(value);
  }
  void u32(std::uint32_t value)
  {
    u16(value >> 16);
    u16(value);
  }
  void octets(std::span<const std::uint8_t> value) { out_.insert(out_.end(), value.begin(), value.end()); }
  /// Overwrites one octet written before, for lengths known afterwards.
  void patch(std::size_t at, std::size_t value) { out_[at] = static_cast<std::uint8_t>(value); }

private:
  Octets& out_;
};

}  // namespace ravi::nas
