#include "stack/asn1/codec.h"

#include <fmt/format.h>

#include <cstring>
#include <string>

namespace ravi::asn1 {
namespace {

// Appends a value; a component is a line of its own, indented by its depth.
class Text {
public:
  void value(const Type& type, const void* in, int depth);
  std::string text;

private:
  void component(const char* name, const Type& type, const void* in, int depth)
  {
    text += fmt::format("\n{:{}}{}: ", "", 2 * depth, name);
    value(type, in, depth + 1);
  }
  void number(const Type& type, const void* in);
  void octets(std::span<const std::uint8_t> bytes);
  void members(const Type& type, const void* in, int depth);
  void choice(const Type& type, const void* in, int depth);
};

void Text::number(const Type& type, const void* in)
{
  std::uint64_t wide = 0;
  std::memcpy(&wide, in, type.size);
  if (!type.is_signed) {
    text += std::to_string(wide);
  } else {
    const auto unused = static_cast<unsigned>(64 - 8 * type.size);
    text += std::to_string(static_cast<std::int64_t>(wide << unused) >> unused);
  }
}

void Text::octets(std::span<const std::uint8_t> bytes)
{
  for (const std::uint8_t byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
}

void Text::members(const Type& type, const void* in, int depth)
{
  for (const Field& field : type.fields) {
    const void* at = static_cast<const std::byte*>(in) + field.offset;
    if (field.optional != nullptr) at = field.optional->get(at);
    if (at != nullptr) component(field.name, *field.type, at, depth);
  }
}

void Text::choice(const Type& type, const void* in, int depth)
{
  const auto& choice = *static_cast<const Choice*>(in);
  if (!choice.has_value()) {
    text += "(none)";
  } else if (type.kind == Kind::message && choice.index() == 1) {
    const auto& unknown = *static_cast<const UnknownIe*>(choice.raw());
    text += fmt::format("procedure {}: ", unknown.id);
    octets(unknown.value);
  } else {
    const Field& field = type.fields[choice.index() - 1];
    component(field.name, *field.type, choice.raw(), depth);
  }
}

void Text::value(const Type& type, const void* in, int depth)
{
  switch (type.kind) {
    case Kind::null:
      text += "NULL";
      break;
    case Kind::boolean:
      text += *static_cast<const bool*>(in) ? "true" : "false";
      break;
    case Kind::integer:
      number(type, in);
      break;
    case Kind::enumerated: {
      const std::size_t index = *static_cast<const std::uint8_t*>(in);
      text += index < type.names.size() ? type.names[index] : fmt::format("(later value {})", index);
      break;
    }
    case Kind::fixed_bits:
      text += fmt::format("{:0{}b}", *static_cast<const std::uint64_t*>(in), type.bounds.high);
      break;
    case Kind::bit_string: {
      const auto& bits = *static_cast<const BitString*>(in);
      octets(bits.bytes);
      text += fmt::format("/{}", bits.size);
      break;
    }
    case Kind::fixed_octets:
      octets(std::span(static_cast<const std::uint8_t*>(in), type.size));
      break;
    case Kind::octet_string:
      octets(*static_cast<const Octets*>(in));
      break;
    case Kind::character_string:
      text += fmt::format("{:?}", *static_cast<const std::string*>(in));
      break;
    case Kind::sequence:
      members(type, in, depth);
      break;
    case Kind::choice:
    case Kind::message:
      choice(type, in, depth);
      break;
    case Kind::list:
      for (std::size_t i = 0; i < type.vector->size(in); ++i) {
        component("-", *type.element, type.vector->at(in, i), depth);
      }
      break;
    case Kind::ie_container:
      members(type, in, depth);
      for (const UnknownIe& ie :
           *reinterpret_cast<const std::vector<UnknownIe>*>(static_cast<const std::byte*>(in) + type.unknown_offset)) {
        text += fmt::format("\n{:{}}IE {}: ", "", 2 * depth, ie.id);
        octets(ie.value);
      }
      break;
  }
}

}  // namespace

std::string value_to_text(const Type& type, const void* value)
{
  Text out;
  out.value(type, value, 0);
  if (out.text.starts_with('\n')) out.text.erase(0, 1);
  return std::move(out.text);
}

std::string to_string(const DecodeError& error)
{
  static constexpr const char* what[] = {"malformed", "mandatory IE missing", "IE twice", "too large", "too deep"};
  std::string text =
      fmt::format("{} at bit {}, component {}", what[static_cast<std::size_t>(error.fault)], error.bit, error.field);
  const bool of_ie = error.fault == DecodeFault::missing_ie || error.fault == DecodeFault::duplicate_ie;
  if (of_ie) text += fmt::format(", IE {}", error.ie_id);
  return text;
}

std::string to_string(const EncodeError& error)
{
  return fmt::format("component {} is outside its range, or holds no alternative", error.field);
}

}  // namespace ravi::asn1
