#pragma once
// One description of a message's layout that serves both directions. Private to this folder's sources.
//
// `Layout<M>::mandatory(io, message)` names the imperative part in order, `Layout<M>::optional(io, message)` the optional IEs; `io`
// is a MessageWriter, or a MessageReader that reads the former and then offers each IE it meets to the latter.

#include "stack/nas/octets.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

namespace ravi::nas {

template <class M>
struct Layout;

/// A value of one octet or half an octet.
template <class T>
concept SmallValue = std::is_enum_v<T> || std::same_as<T, std::uint8_t>;

template <SmallValue T>
bool read(Reader& in, T& out)
{
  out = static_cast<T>(in.u8());
  return in.is_ok();
}
template <SmallValue T>
void write(Writer& out, const T& value)
{
  out.u8(static_cast<unsigned>(value));
}
inline bool read(Reader& in, std::uint16_t& out)
{
  out = in.u16();
  return in.is_ok();
}
inline void write(Writer& out, const std::uint16_t& value) { out.u16(value); }
inline bool read(Reader& in, Octets& out)
{
  const auto octets = in.rest();
  out.assign(octets.begin(), octets.end());
  return true;
}
inline void write(Writer& out, const Octets& octets) { out.octets(octets); }
template <std::size_t N>
bool read(Reader& in, std::array<std::uint8_t, N>& out)
{
  std::ranges::copy(in.take(N), out.begin());
  return in.is_ok();
}
template <std::size_t N>
void write(Writer& out, const std::array<std::uint8_t, N>& octets)
{
  out.octets(octets);
}

/// Half an octet that nobody reads.
struct SpareHalf {};

[[nodiscard]] inline std::uint8_t half_of(const SmallValue auto& value) { return static_cast<std::uint8_t>(value); }
[[nodiscard]] inline std::uint8_t half_of(const SpareHalf&) { return 0; }
template <SmallValue T>
void set_half(T& value, std::uint8_t half)
{
  value = static_cast<T>(half);
}
inline void set_half(const SpareHalf&, std::uint8_t) {}

/// Formats of TS 24.007 §11.2.1.1: V, LV, LV-E; TV (half an octet, or of fixed length), TLV, TLV-E.
class MessageWriter {
public:
  explicit MessageWriter(Octets& out) : out_(out) {}

  /// Bits 1 to 4, then bits 5 to 8.
  void halves(const auto& low, const auto& high) { out_.u8((half_of(low) & 0x0FU) | unsigned{half_of(high)} << 4); }
  void v(const auto& value) { write(out_, value); }
  void lv(const auto& value)
  {
    const std::size_t at = out_.size();
    out_.u8(0);
    write(out_, value);
    out_.patch(at, out_.size() - at - 1);
  }
  void lv_e(const auto& value)
  {
    const std::size_t at = out_.size();
    out_.u16(0);
    write(out_, value);
    const std::size_t length = out_.size() - at - 2;
    out_.patch(at, length >> 8);
    out_.patch(at + 1, length);
  }

  void tv_half(std::uint8_t iei, const auto& field)
  {
    if (field) out_.u8(iei | (static_cast<unsigned>(*field) & 0x0FU));
  }
  void tv(std::uint8_t iei, std::size_t, const auto& field)
  {
    if (!field) return;
    out_.u8(iei);
    write(out_, *field);
  }
  void tlv(std::uint8_t iei, const auto& field)
  {
    if (!field) return;
    out_.u8(iei);
    lv(*field);
  }
  void tlv_e(std::uint8_t iei, const auto& field)
  {
    if (!field) return;
    out_.u8(iei);
    lv_e(*field);
  }

private:
  Writer out_;
};

class MessageReader {
public:
  explicit MessageReader(Reader in) : in_(in) {}

  [[nodiscard]] bool is_ok() const { return is_ok_ && in_.is_ok(); }

  void halves(auto&& low, auto&& high)
  {
    const std::uint8_t octet = in_.u8();
    set_half(low, octet & 0x0F);
    set_half(high, octet >> 4);
  }
  void v(auto& value) { is_ok_ = read(in_, value) && is_ok_; }
  void lv(auto& value) { value_of(in_.u8(), value); }
  void lv_e(auto& value) { value_of(in_.u16(), value); }

  /// Reads the optional IEs to the end. False: one that is not known asks to be comprehended.
  template <class M>
  bool optional_ies(M& message)
  {
    while (in_.left() > 0) {
      iei_ = in_.u8();
      is_known_ = false;
      Layout<M>::optional(*this, message);
      if (!is_known_ && !skip_unknown()) return false;
    }
    return true;
  }

  template <class T>
  void tv_half(std::uint8_t iei, std::optional<T>& field)
  {
    if (is_known_ || (iei_ & 0xF0) != iei) return;
    is_known_ = true;
    if (!field) field = static_cast<T>(iei_ & 0x0F);
  }
  void tv(std::uint8_t iei, std::size_t value_size, auto& field)
  {
    if (matches(iei)) optional_value(value_size, field);
  }
  void tlv(std::uint8_t iei, auto& field)
  {
    if (matches(iei)) optional_value(in_.u8(), field);
  }
  void tlv_e(std::uint8_t iei, auto& field)
  {
    if (matches(iei)) optional_value(in_.u16(), field);
  }

private:
  bool matches(std::uint8_t iei)
  {
    if (is_known_ || iei_ != iei) return false;
    is_known_ = true;
    return true;
  }

  void value_of(std::size_t size, auto& value)
  {
    Reader part(in_.take(size));
    is_ok_ = in_.is_ok() && read(part, value) && part.is_ok() && is_ok_;
  }

  /// The first of its kind counts, unless it is syntactically incorrect. TS 24.501 §7.6.3, §7.7.1.
  template <class T>
  void optional_value(std::size_t size, std::optional<T>& field)
  {
    Reader part(in_.take(size));
    T value{};
    if (!in_.is_ok() || field || !read(part, value) || !part.is_ok()) return;
    field = std::move(value);
  }

  /// By the IEI alone. False if it is one of those that must be comprehended. TS 24.007 §11.2.4, §11.2.5.
  bool skip_unknown()
  {
    if ((iei_ & 0xF0) == 0) return false;
    if ((iei_ & 0x80) != 0) return true;  // types 1 and 2: one octet
    in_.take((iei_ & 0xF0) == 0x70 ? in_.u16() : in_.u8());
    return true;
  }

  Reader in_;
  std::uint8_t iei_ = 0;
  bool is_known_ = false;
  bool is_ok_ = true;
};

/// Calls `use` with an empty alternative of `Message` that has this message type; false if none has.
template <class Message, class Use>
bool with_type(std::uint8_t type, Use use)
{
  const auto try_one = [&]<class M>(M message) {
    if (M::kType != type) return false;
    use(message);
    return true;
  };
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (try_one(std::variant_alternative_t<I, Message>{}) || ...);
  }(std::make_index_sequence<std::variant_size_v<Message>>{});
}

enum class ReadOutcome : std::uint8_t { read, invalid_mandatory, must_comprehend };

/// A message after its header.
template <class M>
ReadOutcome read_message(Reader in, M& message)
{
  MessageReader io(in);
  Layout<M>::mandatory(io, message);
  if (!io.is_ok()) return ReadOutcome::invalid_mandatory;
  return io.optional_ies(message) ? ReadOutcome::read : ReadOutcome::must_comprehend;
}

template <class M>
void write_message(Octets& out, const M& message)
{
  MessageWriter io(out);
  Layout<M>::mandatory(io, message);
  Layout<M>::optional(io, message);
}

}  // namespace ravi::nas
