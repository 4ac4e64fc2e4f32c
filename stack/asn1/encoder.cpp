#include "stack/asn1/codec.h"

#include "stack/asn1/bit_writer.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace ravi::asn1 {
namespace {

// Walks a type description and writes a value. A function returns false where the value is outside its type; field()
// then names the component.
class Encoder {
public:
  bool value(const Type& type, const void* in, BitWriter& writer);
  [[nodiscard]] const char* field() const noexcept { return field_; }

private:
  bool integer(const Type& type, const void* in, BitWriter& writer);
  bool enumerated(const Type& type, const void* in, BitWriter& writer);
  bool fixed_bits(const Type& type, const void* in, BitWriter& writer);
  bool bit_string(const Type& type, const void* in, BitWriter& writer);
  bool fixed_octets(const Type& type, const void* in, BitWriter& writer);
  bool octet_string(const Type& type, const void* in, BitWriter& writer);
  bool character_string(const Type& type, const void* in, BitWriter& writer);
  bool sequence(const Type& type, const void* in, BitWriter& writer);
  bool additions(const Type& type, const void* in, BitWriter& writer);
  bool fields(std::span<const Field> fields, const void* in, BitWriter& writer);
  bool choice(const Type& type, const void* in, BitWriter& writer);
  bool list(const Type& type, const void* in, BitWriter& writer);
  bool ie_container(const Type& type, const void* in, BitWriter& writer);
  bool message(const Type& type, const void* in, BitWriter& writer);

  template <class Write>
  bool open_type(BitWriter& writer, Write write);
  bool length(const Type& type, std::size_t count, BitWriter& writer);
  bool string_length(const Type& type, std::size_t count, unsigned width, BitWriter& writer);

  const char* field_ = "";
};

std::int64_t load(const Type& type, const void* in)
{
  switch (type.kind) {
    case Kind::boolean:
      return *static_cast<const bool*>(in) ? 1 : 0;
    case Kind::enumerated:
      return *static_cast<const std::uint8_t*>(in);
    default:
      break;
  }
  if (type.size == 8) {
    std::int64_t number = 0;
    std::memcpy(&number, in, sizeof number);
    return number;
  }
  std::uint32_t number = 0;
  std::memcpy(&number, in, sizeof number);
  return type.is_signed ? std::int64_t{static_cast<std::int32_t>(number)} : std::int64_t{number};
}

bool inside(const Bounds& bounds, std::int64_t number, bool is_signed)
{
  if (!is_signed && number < 0) {  // an unsigned number beyond the signed ones
    return !bounds.has_high || static_cast<std::uint64_t>(number) <= bounds.high;
  }
  // `high` is two's complement where the whole range is negative
  const bool below = !bounds.has_high || (is_signed ? number <= static_cast<std::int64_t>(bounds.high)
                                                    : static_cast<std::uint64_t>(number) <= bounds.high);
  return below && (!bounds.has_low || number >= bounds.low);
}

// The member a field stands for; null: absent, or equal to its default.
const void* member(const void* base, const Field& field)
{
  const void* at = static_cast<const std::byte*>(base) + field.offset;
  if (field.optional != nullptr) return field.optional->get(at);
  if (field.has_default && load(*field.type, at) == field.default_value) return nullptr;
  return at;
}

bool Encoder::value(const Type& type, const void* in, BitWriter& writer)
{
  switch (type.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      writer.bit(*static_cast<const bool*>(in));
      return true;
    case Kind::integer:
      return integer(type, in, writer);
    case Kind::enumerated:
      return enumerated(type, in, writer);
    case Kind::fixed_bits:
      return fixed_bits(type, in, writer);
    case Kind::bit_string:
      return bit_string(type, in, writer);
    case Kind::fixed_octets:
      return fixed_octets(type, in, writer);
    case Kind::octet_string:
      return octet_string(type, in, writer);
    case Kind::character_string:
      return character_string(type, in, writer);
    case Kind::sequence:
      return sequence(type, in, writer);
    case Kind::choice:
      return choice(type, in, writer);
    case Kind::list:
      return list(type, in, writer);
    case Kind::ie_container:
      return ie_container(type, in, writer);
    case Kind::message:
      return message(type, in, writer);
  }
  return false;
}

bool Encoder::integer(const Type& type, const void* in, BitWriter& writer)
{
  const Bounds& bounds = type.bounds;
  const std::int64_t number = load(type, in);
  const bool in_root = inside(bounds, number, type.is_signed);
  if (type.extensible) writer.bit(!in_root);
  if (!in_root && !type.extensible) return false;
  if (!in_root || !bounds.has_low) {
    writer.unconstrained(number);
    return true;
  }
  const std::uint64_t above = static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(bounds.low);
  if (bounds.has_high) {
    writer.constrained(above, bounds.high - static_cast<std::uint64_t>(bounds.low));
  } else {
    writer.semi_constrained(above);
  }
  return true;
}

bool Encoder::enumerated(const Type& type, const void* in, BitWriter& writer)
{
  const std::size_t index = *static_cast<const std::uint8_t*>(in);
  const bool in_root = index < type.root;
  if (type.extensible) writer.bit(!in_root);
  if (in_root) {
    writer.constrained(index, type.root - 1);
  } else if (type.extensible) {
    writer.normally_small(static_cast<std::uint32_t>(index - type.root));
  }
  return in_root || type.extensible;
}

bool Encoder::fixed_bits(const Type& type, const void* in, BitWriter& writer)
{
  const std::uint64_t bits = *static_cast<const std::uint64_t*>(in);
  const auto count = static_cast<unsigned>(type.bounds.high);
  if (count < 64 && bits >> count != 0) return false;
  if (count > 16) writer.align();
  writer.bits(bits, count);
  return true;
}

// The length of a string or list, extension bit included; its content follows.
bool Encoder::length(const Type& type, std::size_t count, BitWriter& writer)
{
  const Bounds& bounds = type.bounds;
  const bool in_root = (!bounds.has_low || count >= static_cast<std::uint64_t>(bounds.low)) &&
                       (!bounds.has_high || count <= bounds.high);
  if (type.extensible) writer.bit(!in_root);
  if (!in_root && !type.extensible) return false;
  const bool general = !in_root || !bounds.has_high || bounds.high >= 65536;
  if (general && count >= 16384) return false;  // fragments are only made of octets
  writer.bounded_length(count, in_root ? bounds : Bounds{});
  return true;
}

// The length of a string of items of `width` bits; leaves the writer where its content begins.
bool Encoder::string_length(const Type& type, std::size_t count, unsigned width, BitWriter& writer)
{
  if (!length(type, count, writer)) return false;
  const auto low = static_cast<std::uint64_t>(type.bounds.low);
  const bool beyond = type.extensible && (count < low || count > type.bounds.high);
  if (count > 0 && aligns(type, beyond, width)) writer.align();
  return true;
}

bool Encoder::bit_string(const Type& type, const void* in, BitWriter& writer)
{
  const auto& string = *static_cast<const BitString*>(in);
  if (string.bytes.size() != (string.size + 7) / 8 || !string_length(type, string.size, 1, writer)) return false;
  writer.packed_bits(string.bytes, string.size);
  return true;
}

bool Encoder::fixed_octets(const Type& type, const void* in, BitWriter& writer)
{
  if (type.size > 2) writer.align();
  writer.packed_bits(std::span(static_cast<const std::uint8_t*>(in), type.size), type.size * 8);
  return true;
}

bool Encoder::octet_string(const Type& type, const void* in, BitWriter& writer)
{
  const auto& octets = *static_cast<const Octets*>(in);
  if (!type.bounds.has_high || type.bounds.high >= 65536) {
    if (octets.size() < static_cast<std::uint64_t>(type.bounds.low)) return false;
    writer.octets(octets);
    return true;
  }
  if (!string_length(type, octets.size(), 8, writer)) return false;
  writer.packed_bits(octets, octets.size() * 8);
  return true;
}

bool Encoder::character_string(const Type& type, const void* in, BitWriter& writer)
{
  const auto& text = *static_cast<const std::string*>(in);
  if (!type.multiplier) {
    writer.octets(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
    return true;
  }
  const unsigned width = writer.aligned() ? 8 : 7;
  if (!string_length(type, text.size(), width, writer)) return false;
  for (const char character : text) {
    if (character < ' ' || character > '~') return false;
    writer.bits(static_cast<std::uint8_t>(character), width);
  }
  return true;
}

bool Encoder::fields(std::span<const Field> fields, const void* in, BitWriter& writer)
{
  for (const Field& field : fields) {
    if (!field.mandatory) writer.bit(member(in, field) != nullptr);
  }
  for (const Field& field : fields) {
    const void* const at = member(in, field);
    if (at == nullptr && !field.mandatory) continue;
    field_ = field.name;
    if (at == nullptr || !value(*field.type, at, writer)) return false;  // absent: mandatory in a group that is there
  }
  return true;
}

bool Encoder::sequence(const Type& type, const void* in, BitWriter& writer)
{
  const bool extended = std::ranges::any_of(type.fields.subspan(type.root),
                                            [&](const Field& field) { return member(in, field) != nullptr; });
  if (type.extensible) writer.bit(extended);
  return fields(type.fields.first(type.root), in, writer) && (!extended || additions(type, in, writer));
}

bool Encoder::additions(const Type& type, const void* in, BitWriter& writer)
{
  const auto present = [&](const Group& group) {
    return std::ranges::any_of(type.fields.subspan(group.first, group.count),
                               [&](const Field& field) { return member(in, field) != nullptr; });
  };
  writer.small_length(type.groups.size());
  for (const Group& group : type.groups) {
    writer.bit(present(group));
  }
  for (const Group& group : type.groups) {
    if (!present(group)) continue;
    const std::span<const Field> members = type.fields.subspan(group.first, group.count);
    const bool good = open_type(writer, [&](BitWriter& content) {
      if (group.bracketed) return fields(members, in, content);
      field_ = members[0].name;
      return value(*members[0].type, member(in, members[0]), content);
    });
    if (!good) return false;
  }
  return true;
}

template <class Write>
bool Encoder::open_type(BitWriter& writer, Write write)
{
  BitWriter content(writer.rules());
  if (!write(content)) return false;
  writer.octets(std::move(content).finish());
  return true;
}

bool Encoder::choice(const Type& type, const void* in, BitWriter& writer)
{
  const auto& choice = *static_cast<const Choice*>(in);
  if (!choice.has_value()) return false;
  const std::size_t index = choice.index() - 1;
  const Field& field = type.fields[index];
  const bool in_root = index < type.root;
  if (type.extensible) writer.bit(!in_root);
  field_ = field.name;
  if (in_root) {
    writer.constrained(index, type.root - 1);
    return value(*field.type, choice.raw(), writer);
  }
  writer.normally_small(static_cast<std::uint32_t>(index - type.root));
  return open_type(writer, [&](BitWriter& content) { return value(*field.type, choice.raw(), content); });
}

bool Encoder::list(const Type& type, const void* in, BitWriter& writer)
{
  const std::size_t count = type.vector->size(in);
  if (!length(type, count, writer)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!value(*type.element, type.vector->at(in, i), writer)) return false;
  }
  return true;
}

bool Encoder::ie_container(const Type& type, const void* in, BitWriter& writer)
{
  const auto& unknown =
      *reinterpret_cast<const std::vector<UnknownIe>*>(static_cast<const std::byte*>(in) + type.unknown_offset);
  const auto known = std::ranges::count_if(type.fields, [&](const Field& f) { return member(in, f) != nullptr; });
  if (!length(type, static_cast<std::size_t>(known) + unknown.size(), writer)) return false;
  for (const Field& field : type.fields) {
    const void* const at = member(in, field);
    if (at == nullptr) continue;
    writer.constrained(field.id, 65535);
    writer.constrained(field.criticality, 2);
    field_ = field.name;
    if (!open_type(writer, [&](BitWriter& content) { return value(*field.type, at, content); })) return false;
  }
  for (const UnknownIe& ie : unknown) {
    if (ie.id > 65535 || ie.criticality > 2) return false;
    writer.constrained(ie.id, 65535);
    writer.constrained(ie.criticality, 2);
    writer.octets(ie.value);
  }
  return true;
}

bool Encoder::message(const Type& type, const void* in, BitWriter& writer)
{
  const auto& choice = *static_cast<const Choice*>(in);
  if (!choice.has_value()) return false;
  if (choice.index() == 1) {
    const auto& unknown = *static_cast<const UnknownIe*>(choice.raw());
    if (unknown.id > 255 || unknown.criticality > 2) return false;
    writer.constrained(unknown.id, 255);
    writer.constrained(unknown.criticality, 2);
    writer.octets(unknown.value);
    return true;
  }
  const Field& field = type.fields[choice.index() - 1];
  writer.constrained(field.id, 255);
  writer.constrained(field.criticality, 2);
  field_ = field.name;
  return open_type(writer, [&](BitWriter& content) { return value(*field.type, choice.raw(), content); });
}

}  // namespace

EncodeResult encode_value(const Type& type, const void* value, Rules rules)
{
  Encoder encoder;
  BitWriter writer(rules);
  if (!encoder.value(type, value, writer)) return tl::unexpected(EncodeError{encoder.field()});
  return std::move(writer).finish();
}

}  // namespace ravi::asn1
