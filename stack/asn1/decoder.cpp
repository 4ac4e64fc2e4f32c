#include "stack/asn1/codec.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <limits>
#include <string>

namespace ravi::asn1 {
namespace {

constexpr unsigned most_fields = 256;  // the generator refuses types with more
constexpr int most_depth = 64;

// Walks a type description and fills a value. A function returns false once something is wrong; error_ then says what.
class Decoder {
public:
  explicit Decoder(std::size_t input_bytes) noexcept : budget_((std::size_t{1} << 20) + 256 * input_bytes) {}

  bool value(const Type& type, void* out, BitReader& reader);
  [[nodiscard]] const DecodeError& error() const noexcept { return error_; }

private:
  using Presence = std::bitset<most_fields>;

  bool dispatch(const Type& type, void* out, BitReader& reader);
  bool integer(const Type& type, void* out, BitReader& reader);
  bool enumerated(const Type& type, void* out, BitReader& reader);
  bool fixed_bits(const Type& type, void* out, BitReader& reader);
  bool bit_string(const Type& type, void* out, BitReader& reader);
  bool fixed_octets(const Type& type, void* out, BitReader& reader);
  bool octet_string(const Type& type, void* out, BitReader& reader);
  bool character_string(const Type& type, void* out, BitReader& reader);
  bool sequence(const Type& type, void* out, BitReader& reader);
  bool additions(const Type& type, void* out, BitReader& reader);
  bool fields(std::span<const Field> fields, void* out, BitReader& reader);
  bool choice(const Type& type, void* out, BitReader& reader);
  bool list(const Type& type, void* out, BitReader& reader);
  bool ie_container(const Type& type, void* out, BitReader& reader);
  bool message(const Type& type, void* out, BitReader& reader);

  template <class Read>
  bool open_type(BitReader& reader, Read read);
  bool unknown_ie(std::uint32_t id, std::uint32_t criticality, BitReader& reader, UnknownIe& out);
  std::size_t string_length(const Type& type, unsigned width, BitReader& reader);
  bool spend(std::size_t bytes, const BitReader& reader);
  bool check(const BitReader& reader);
  bool fail(DecodeFault fault, const BitReader& reader);

  DecodeError error_;
  bool failed_ = false;
  const char* field_ = "";
  std::size_t budget_;
  int depth_ = 0;
};

void* member(void* base, const Field& field)
{
  void* at = static_cast<std::byte*>(base) + field.offset;
  return field.optional != nullptr ? field.optional->emplace(at) : at;
}

// Stores a number in a member of `size` bytes; false if it does not fit.
bool store(std::int64_t number, bool is_signed, std::size_t size, void* out)
{
  if (size == 4) {
    const std::int64_t low = is_signed ? std::numeric_limits<std::int32_t>::min() : 0;
    const std::int64_t high =
        is_signed ? std::numeric_limits<std::int32_t>::max() : std::numeric_limits<std::uint32_t>::max();
    if (number < low || number > high) return false;
    const auto small = static_cast<std::uint32_t>(number);
    std::memcpy(out, &small, sizeof small);
    return true;
  }
  std::memcpy(out, &number, sizeof number);
  return true;
}

bool Decoder::fail(DecodeFault fault, const BitReader& reader)
{
  if (!failed_) {
    failed_ = true;
    error_.fault = fault;
    error_.bit = reader.position();
    error_.field = field_;
  }
  return false;
}

bool Decoder::check(const BitReader& reader) { return reader.ok() || fail(DecodeFault::malformed, reader); }

bool Decoder::spend(std::size_t bytes, const BitReader& reader)
{
  if (bytes > budget_) return fail(DecodeFault::too_large, reader);
  budget_ -= bytes;
  return true;
}

bool Decoder::value(const Type& type, void* out, BitReader& reader)
{
  if (depth_ >= most_depth) return fail(DecodeFault::too_deep, reader);
  ++depth_;
  const bool good = dispatch(type, out, reader) && check(reader);
  --depth_;
  return good;
}

bool Decoder::dispatch(const Type& type, void* out, BitReader& reader)
{
  switch (type.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
      *static_cast<bool*>(out) = reader.bit();
      return check(reader);
    case Kind::integer:
      return integer(type, out, reader);
    case Kind::enumerated:
      return enumerated(type, out, reader);
    case Kind::fixed_bits:
      return fixed_bits(type, out, reader);
    case Kind::bit_string:
      return bit_string(type, out, reader);
    case Kind::fixed_octets:
      return fixed_octets(type, out, reader);
    case Kind::octet_string:
      return octet_string(type, out, reader);
    case Kind::character_string:
      return character_string(type, out, reader);
    case Kind::sequence:
      return sequence(type, out, reader);
    case Kind::choice:
      return choice(type, out, reader);
    case Kind::list:
      return list(type, out, reader);
    case Kind::ie_container:
      return ie_container(type, out, reader);
    case Kind::message:
      return message(type, out, reader);
  }
  return fail(DecodeFault::malformed, reader);
}

bool Decoder::integer(const Type& type, void* out, BitReader& reader)
{
  const Bounds& bounds = type.bounds;
  std::int64_t number = 0;
  if ((type.extensible && reader.bit()) || !bounds.has_low) {
    number = reader.unconstrained();
  } else if (!bounds.has_high) {
    const std::uint64_t above = reader.semi_constrained();
    number = static_cast<std::int64_t>(above + static_cast<std::uint64_t>(bounds.low));
    if (number < bounds.low) return fail(DecodeFault::malformed, reader);
  } else {
    const auto low = static_cast<std::uint64_t>(bounds.low);
    number = static_cast<std::int64_t>(reader.constrained(bounds.high - low) + low);
  }
  return check(reader) && (store(number, type.is_signed, type.size, out) || fail(DecodeFault::malformed, reader));
}

bool Decoder::enumerated(const Type& type, void* out, BitReader& reader)
{
  std::size_t index = 0;
  if (type.extensible && reader.bit()) {
    index = type.root + reader.normally_small();
  } else {
    index = reader.constrained(type.root - 1);
  }
  if (index > 255) return fail(DecodeFault::malformed, reader);
  *static_cast<std::uint8_t*>(out) = static_cast<std::uint8_t>(index);
  return check(reader);
}

bool Decoder::fixed_bits(const Type& type, void* out, BitReader& reader)
{
  if (type.bounds.high > 16) reader.align();
  *static_cast<std::uint64_t*>(out) = reader.bits(static_cast<unsigned>(type.bounds.high));
  return check(reader);
}

// The length of a string of items of `width` bits; leaves the reader where its content begins.
std::size_t Decoder::string_length(const Type& type, unsigned width, BitReader& reader)
{
  const bool beyond = type.extensible && reader.bit();
  const std::size_t length = reader.bounded_length(beyond ? Bounds{} : type.bounds);
  if (length > 0 && aligns(type, beyond, width)) reader.align();
  return length;
}

bool Decoder::bit_string(const Type& type, void* out, BitReader& reader)
{
  auto& string = *static_cast<BitString*>(out);
  string.size = string_length(type, 1, reader);
  if (!spend(string.size / 8, reader)) return false;
  string.bytes = reader.packed_bits(string.size);
  return check(reader);
}

bool Decoder::fixed_octets(const Type& type, void* out, BitReader& reader)
{
  if (type.size > 2) reader.align();
  reader.packed_bits(std::span(static_cast<std::uint8_t*>(out), type.size));
  return check(reader);
}

bool Decoder::octet_string(const Type& type, void* out, BitReader& reader)
{
  auto& octets = *static_cast<Octets*>(out);
  if (type.bounds.has_high && type.bounds.high < 65536) {
    const std::size_t length = string_length(type, 8, reader);
    octets = reader.packed_bits(length * 8);
  } else {
    octets = reader.octets();
    if (octets.size() < static_cast<std::uint64_t>(type.bounds.low)) reader.fail();
  }
  return check(reader) && spend(octets.size(), reader);
}

bool Decoder::character_string(const Type& type, void* out, BitReader& reader)
{
  auto& text = *static_cast<std::string*>(out);
  if (!type.multiplier) {
    const std::vector<std::uint8_t> octets = reader.octets();
    text.assign(octets.begin(), octets.end());
    return check(reader) && spend(text.size(), reader);
  }
  const unsigned width = reader.aligned() ? 8 : 7;
  const std::size_t length = string_length(type, width, reader);
  if (!check(reader) || !spend(length, reader)) return false;
  if (length > reader.remaining() / width) {
    reader.fail();
    return check(reader);
  }
  for (std::size_t i = 0; i < length; ++i) {
    const auto character = static_cast<char>(reader.bits(width));
    if (character < ' ' || character > '~') reader.fail();
    text.push_back(character);
  }
  return check(reader);
}

bool Decoder::fields(std::span<const Field> fields, void* out, BitReader& reader)
{
  Presence present;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    present[i] = fields[i].mandatory || reader.bit();
  }
  if (!check(reader)) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!present[i]) continue;
    field_ = fields[i].name;
    if (!value(*fields[i].type, member(out, fields[i]), reader)) return false;
  }
  return true;
}

bool Decoder::sequence(const Type& type, void* out, BitReader& reader)
{
  const bool extended = type.extensible && reader.bit();
  return fields(type.fields.first(type.root), out, reader) && (!extended || additions(type, out, reader));
}

// §19.7 to 19.9: a bitmap, then one open type for each addition that is present; those of later releases are passed
// over.
bool Decoder::additions(const Type& type, void* out, BitReader& reader)
{
  const std::size_t count = reader.small_length();
  const std::vector<std::uint8_t> bitmap = reader.packed_bits(count);
  if (!check(reader)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if ((bitmap[i / 8] >> (7 - i % 8) & 1) == 0) continue;
    const bool good = open_type(reader, [&](BitReader& content) {
      if (i >= type.groups.size()) return true;
      const Group& group = type.groups[i];
      const std::span<const Field> members = type.fields.subspan(group.first, group.count);
      if (group.bracketed) return fields(members, out, content);
      field_ = members[0].name;
      return value(*members[0].type, member(out, members[0]), content);
    });
    if (!good) return false;
  }
  return true;
}

// Calls read with the content of an open type and moves `reader` behind it.
template <class Read>
bool Decoder::open_type(BitReader& reader, Read read)
{
  BitReader content = reader;
  if (reader.open_type(content)) return read(content);
  if (!check(reader)) return false;
  const std::vector<std::uint8_t> octets = reader.octets();
  if (!check(reader) || !spend(octets.size(), reader)) return false;
  BitReader gathered(octets, reader.aligned() ? Rules::aligned : Rules::unaligned);
  return read(gathered);
}

bool Decoder::choice(const Type& type, void* out, BitReader& reader)
{
  auto& choice = *static_cast<Choice*>(out);
  const auto read = [&](std::size_t index, BitReader& from) {
    const Field& field = type.fields[index];
    if (!spend(field.type->size, from)) return false;
    field_ = field.name;
    return value(*field.type, choice.raw_set(static_cast<unsigned>(index + 1), *field.value), from);
  };
  if (!type.extensible || !reader.bit()) {
    const std::size_t index = reader.constrained(type.root - 1);
    return check(reader) && read(index, reader);
  }
  const std::size_t index = type.root + reader.normally_small();
  return check(reader) &&
         open_type(reader, [&](BitReader& content) { return index >= type.fields.size() || read(index, content); });
}

bool Decoder::list(const Type& type, void* out, BitReader& reader)
{
  const bool beyond = type.extensible && reader.bit();
  const std::size_t count = reader.bounded_length(beyond ? Bounds{} : type.bounds);
  if (count * type.element->min_bits > reader.remaining()) reader.fail();
  if (!check(reader)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!spend(type.element->size, reader) || !value(*type.element, type.vector->append(out), reader)) return false;
  }
  return true;
}

bool Decoder::unknown_ie(std::uint32_t id, std::uint32_t criticality, BitReader& reader, UnknownIe& out)
{
  out.id = id;
  out.criticality = criticality;
  out.value = reader.octets();
  return check(reader) && spend(sizeof out + out.value.size(), reader);
}

bool Decoder::ie_container(const Type& type, void* out, BitReader& reader)
{
  Presence seen;
  auto& unknown = *reinterpret_cast<std::vector<UnknownIe>*>(static_cast<std::byte*>(out) + type.unknown_offset);
  const auto blame = [&](DecodeFault fault, const Field& field) {
    field_ = field.name;
    error_.ie_id = field.id;
    error_.ie_criticality = field.criticality;
    return fail(fault, reader);
  };
  const std::size_t count = reader.bounded_length(type.bounds);
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<std::uint32_t>(reader.constrained(65535));
    const auto criticality = static_cast<std::uint32_t>(reader.constrained(2));
    if (!check(reader)) return false;
    const auto field = std::ranges::find(type.fields, id, &Field::id);
    if (field == type.fields.end()) {
      if (!unknown_ie(id, criticality, reader, unknown.emplace_back())) return false;
      continue;
    }
    const auto index = static_cast<std::size_t>(field - type.fields.begin());
    if (seen[index]) return blame(DecodeFault::duplicate_ie, *field);
    seen.set(index);
    field_ = field->name;
    if (!open_type(reader, [&](BitReader& content) { return value(*field->type, member(out, *field), content); })) {
      return false;
    }
  }
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    if (type.fields[i].mandatory && !seen[i]) return blame(DecodeFault::missing_ie, type.fields[i]);
  }
  return check(reader);
}

// TS 38.413 §9.4.3: procedureCode, criticality, and the message as an open type. Alternative 1 is a message not known.
bool Decoder::message(const Type& type, void* out, BitReader& reader)
{
  auto& choice = *static_cast<Choice*>(out);
  const auto code = static_cast<std::uint32_t>(reader.constrained(255));
  const auto criticality = static_cast<std::uint32_t>(reader.constrained(2));
  if (!check(reader)) return false;
  const auto known = type.fields.subspan(1);
  const auto field = std::ranges::find(known, code, &Field::id);
  if (field == known.end()) {
    auto& unknown = *static_cast<UnknownIe*>(choice.raw_set(1, *type.fields[0].value));
    return unknown_ie(code, criticality, reader, unknown);
  }
  field_ = field->name;
  void* const content = choice.raw_set(static_cast<unsigned>(field - known.begin()) + 2, *field->value);
  return open_type(reader, [&](BitReader& from) { return value(*field->type, content, from); });
}

}  // namespace

tl::expected<void, DecodeError> decode_value(const Type& type, std::span<const std::uint8_t> bytes, Rules rules,
                                             void* value)
{
  BitReader reader(bytes, rules);
  Decoder decoder(bytes.size());
  if (!decoder.value(type, value, reader)) return tl::unexpected(decoder.error());
  return {};
}

}  // namespace ravi::asn1
