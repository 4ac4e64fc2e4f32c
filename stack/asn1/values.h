#pragma once
// What ASN.1 types become in C++ where a plain number, string, vector or enum does not do.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ravi::asn1 {

/// NULL.
struct Null {};

/// OCTET STRING of variable length. One of a fixed length up to 64 is a std::array.
using Octets = std::vector<std::uint8_t>;

/// BIT STRING of a fixed length up to 64: the first bit is the most significant of the `size` lowest bits of `value`.
template <unsigned size>
struct Bits {
  static_assert(size >= 1 && size <= 64);
  static constexpr unsigned bit_count = size;
  std::uint64_t value = 0;

  /// Bit `index` as the standard numbers them: 0 is the first (leftmost).
  [[nodiscard]] constexpr bool bit(unsigned index) const noexcept { return (value >> (size - 1 - index) & 1) != 0; }
  friend bool operator==(const Bits&, const Bits&) = default;
};

/// BIT STRING of variable length, or longer than 64: packed MSB first, unused bits of the last byte zero.
struct BitString {
  Octets bytes;
  std::size_t size = 0;  ///< in bits; bytes.size() is size / 8, rounded up

  /// The lowest `size` bits of `value`, at most 64, the most significant first.
  [[nodiscard]] static BitString from(std::uint64_t value, std::size_t size);
  /// The bits as a number; only the first 64.
  [[nodiscard]] std::uint64_t value() const noexcept;
  friend bool operator==(const BitString&, const BitString&) = default;
};

/// An IE of an id its container does not know (TS 38.413 §10.3.4), kept as received and encoded again behind the known
/// ones; or a message of an unknown procedure, `id` then being the procedure code.
struct UnknownIe {
  std::uint32_t id = 0;
  std::uint32_t criticality = 0;  ///< 0 reject, 1 ignore, 2 notify
  Octets value;                   ///< content of the open type
};

/// How values of one type are made, copied and destroyed where only their address is known.
struct ValueOps {
  void* (*create)();
  void* (*clone)(const void*);
  void (*destroy)(void*) noexcept;
};

template <class T>
inline constexpr ValueOps value_ops{
    []() -> void* { return new T(); },
    [](const void* value) -> void* { return new T(*static_cast<const T*>(value)); },
    [](void* value) noexcept { delete static_cast<T*>(value); },
};

/// A CHOICE: nothing, or one value of the alternative with a number from 1 on. Generated classes derive from it and
/// give each alternative x three functions: `const X* x() const` and `X* x()` (null if another is chosen) and `X&
/// set_x()` (chooses it, with a default value). A CHOICE holding nothing cannot be encoded; decoding leaves nothing
/// where the alternative received is from a later release.
class Choice {
public:
  Choice() noexcept = default;
  Choice(const Choice& other)
      : ops_(other.ops_), value_(other.value_ ? other.ops_->clone(other.value_) : nullptr), index_(other.index_)
  {
  }
  Choice(Choice&& other) noexcept { swap(other); }
  Choice& operator=(Choice other) noexcept
  {
    swap(other);
    return *this;
  }
  ~Choice() { clear(); }

  /// Number of the chosen alternative in the order of the standard, from 1; 0 for none.
  [[nodiscard]] unsigned index() const noexcept { return index_; }
  [[nodiscard]] bool has_value() const noexcept { return index_ != 0; }
  void clear() noexcept;

  /// For the codec: the chosen value by its address, and choosing by number.
  [[nodiscard]] const void* raw() const noexcept { return value_; }
  void* raw_set(unsigned index, const ValueOps& ops);

protected:
  [[nodiscard]] void* at(unsigned index) const noexcept { return index_ == index ? value_ : nullptr; }
  template <class T>
  T& set(unsigned index)
  {
    return *static_cast<T*>(raw_set(index, value_ops<T>));
  }

private:
  void swap(Choice& other) noexcept
  {
    std::swap(ops_, other.ops_);
    std::swap(value_, other.value_);
    std::swap(index_, other.index_);
  }

  const ValueOps* ops_ = nullptr;
  void* value_ = nullptr;
  unsigned index_ = 0;
};

/// SetupRelease { T } of TS 38.331 §6.3.2.
template <class T>
class SetupRelease : public Choice {
public:
  [[nodiscard]] bool release() const noexcept { return index() == 1; }
  void set_release() { set<Null>(1); }
  [[nodiscard]] const T* setup() const noexcept { return static_cast<const T*>(at(2)); }
  [[nodiscard]] T* setup() noexcept { return static_cast<T*>(at(2)); }
  T& set_setup() { return set<T>(2); }
};

}  // namespace ravi::asn1
