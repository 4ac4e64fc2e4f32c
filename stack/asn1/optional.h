#pragma once
// An OPTIONAL component. The types of RRC and NGAP have some 2000 of them; std::optional would cost every source file
// that includes one of the two headers ten seconds of compile time, this costs half a second.

#include <optional>
#include <type_traits>
#include <utility>

namespace ravi::asn1 {

/// A value or nothing, used like std::optional. Structs live on the heap, so that a large type with most components
/// absent is small; numbers, enums and bools inside.
template <class T, bool is_scalar = std::is_scalar_v<T>>
class Optional {
public:
  Optional() noexcept = default;
  Optional(std::nullopt_t) noexcept {}
  Optional(T value) : value_(new T(std::move(value))) {}
  Optional(const Optional& other) : value_(other.value_ != nullptr ? new T(*other.value_) : nullptr) {}
  Optional(Optional&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Optional& operator=(Optional other) noexcept
  {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Optional() { delete value_; }

  [[nodiscard]] bool has_value() const noexcept { return value_ != nullptr; }
  explicit operator bool() const noexcept { return value_ != nullptr; }
  T& operator*() noexcept { return *value_; }
  const T& operator*() const noexcept { return *value_; }
  T* operator->() noexcept { return value_; }
  const T* operator->() const noexcept { return value_; }
  [[nodiscard]] T value_or(T otherwise) const { return value_ != nullptr ? *value_ : std::move(otherwise); }
  /// A default value in place of what was there.
  T& emplace()
  {
    reset();
    value_ = new T();
    return *value_;
  }
  void reset() noexcept { delete std::exchange(value_, nullptr); }

private:
  T* value_ = nullptr;
};

template <class T>
class Optional<T, true> {
public:
  Optional() noexcept = default;
  Optional(std::nullopt_t) noexcept {}
  Optional(T value) noexcept : value_(value), has_value_(true) {}

  [[nodiscard]] bool has_value() const noexcept { return has_value_; }
  explicit operator bool() const noexcept { return has_value_; }
  T& operator*() noexcept { return value_; }
  const T& operator*() const noexcept { return value_; }
  [[nodiscard]] T value_or(T otherwise) const noexcept { return has_value_ ? value_ : otherwise; }
  T& emplace() noexcept
  {
    *this = Optional(T{});
    return value_;
  }
  void reset() noexcept { *this = Optional(); }

private:
  T value_{};
  bool has_value_ = false;
};

}  // namespace ravi::asn1
