#include "tests/stack/asn1/random_value.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace ravi::asn1 {
namespace {

// Ids no version of NGAP uses, so that nobody looks inside the random open types they name.
constexpr std::uint32_t first_unused_id = 60000;

class Filler {
public:
  Filler(Random& random, int& budget) : random_(random), budget_(budget) {}

  void value(const Type& type, void* out)
  {
    --budget_;
    switch (type.kind) {
      case Kind::null:
        break;
      case Kind::boolean:
        *static_cast<bool*>(out) = chance(2);
        break;
      case Kind::integer:
        integer(type, out);
        break;
      case Kind::enumerated:
        *static_cast<std::uint8_t*>(out) = static_cast<std::uint8_t>(below(type.names.size()));
        break;
      case Kind::fixed_bits:
        *static_cast<std::uint64_t*>(out) = random_() >> (64 - type.bounds.high);
        break;
      case Kind::bit_string:
        *static_cast<BitString*>(out) = bits(count(type));
        break;
      case Kind::fixed_octets:
        octets(std::span(static_cast<std::uint8_t*>(out), type.size));
        break;
      case Kind::octet_string:
        octet_string(type, *static_cast<Octets*>(out));
        break;
      case Kind::character_string:
        text(type, *static_cast<std::string*>(out));
        break;
      case Kind::sequence:
        sequence(type, out);
        break;
      case Kind::choice:
        choice(type, *static_cast<Choice*>(out), 0);
        break;
      case Kind::message:
        choice(type, *static_cast<Choice*>(out), 1);
        break;
      case Kind::list:
        for (std::size_t n = count(type); n > 0; --n) value(*type.element, type.vector->append(out));
        break;
      case Kind::ie_container:
        ie_container(type, out);
        break;
    }
  }

private:
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(unsigned one_in) { return below(one_in) == 0; }

  // A count within bounds, mostly near the lower one; sometimes beyond the extension marker.
  std::size_t count(const Type& type)
  {
    const auto low = static_cast<std::uint64_t>(type.bounds.low);
    const std::uint64_t high = type.bounds.has_high ? type.bounds.high : low + 200;
    if (type.extensible && chance(8)) return high + 1 + below(3);
    if (budget_ < 0) return low;
    const std::uint64_t most = std::min(high, low + (chance(8) ? 70 : 3));
    return low + below(most - low + 1);
  }

  void octets(std::span<std::uint8_t> out)
  {
    for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(random_());
  }

  BitString bits(std::size_t size)
  {
    BitString string{.bytes = Octets((size + 7) / 8), .size = size};
    octets(string.bytes);
    if (size % 8 != 0) string.bytes.back() = static_cast<std::uint8_t>(string.bytes.back() & 0xff00u >> size % 8);
    return string;
  }

  void octet_string(const Type& type, Octets& out)
  {
    using namespace std::string_view_literals;
    if (type.name == "OBJECT IDENTIFIER"sv) {
      out = {0x2b, 0x06, static_cast<std::uint8_t>(below(128))};
      return;
    }
    out.resize(type.name == "open type"sv ? 1 + below(150) : count(type));
    octets(out);
  }

  void text(const Type& type, std::string& out)
  {
    out.resize(type.multiplier ? count(type) : 1 + below(150));
    for (char& c : out) c = static_cast<char>('a' + below(26));
  }

  void integer(const Type& type, void* out)
  {
    const Bounds& bounds = type.bounds;
    const std::uint64_t low = static_cast<std::uint64_t>(bounds.has_low ? bounds.low : -70000);
    const std::uint64_t high = bounds.has_high ? bounds.high : low + 200000;
    std::uint64_t number = low + (high - low == ~std::uint64_t{0} ? random_() : below(high - low + 1));
    if (chance(6)) number = chance(2) ? low : high;
    if (type.extensible && chance(8)) number = high + 1 + below(100000);
    std::memcpy(out, &number, type.size);  // little end first, as on every machine this project runs on
  }

  void field(const Field& field, void* base)
  {
    void* at = static_cast<std::byte*>(base) + field.offset;
    value(*field.type, field.optional != nullptr ? field.optional->emplace(at) : at);
  }

  // Where the modules of this project end but later releases go on, so that what follows would be missing.
  static bool goes_on_later(const Field& field)
  {
    const std::string_view name = field.name;
    return (name == "nonCriticalExtension" || name == "messageClassExtension") && field.type->fields.empty();
  }

  void sequence(const Type& type, void* out)
  {
    for (const Field& f : type.fields.first(type.root)) {
      if (goes_on_later(f)) continue;
      if (f.mandatory || (budget_ > 0 && chance(2))) field(f, out);
    }
    for (const Group& group : type.groups) {
      if (budget_ <= 0 || chance(2)) continue;
      const auto members = type.fields.subspan(group.first, group.count);
      const std::size_t certain = below(members.size());
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (i == certain || members[i].mandatory || chance(2)) field(members[i], out);
      }
    }
    if (is_open_pair(type)) {
      const auto id = first_unused_id + static_cast<std::uint32_t>(below(5000));
      std::memcpy(static_cast<std::byte*>(out) + type.fields[0].offset, &id, sizeof id);
    }
  }

  // ProtocolExtensionField and ProtocolIE-Field: an id that says what an open type holds.
  static bool is_open_pair(const Type& type)
  {
    using namespace std::string_view_literals;
    return type.fields.size() == 3 && type.fields[2].type->name == "open type"sv &&
           type.fields[0].type->kind == Kind::integer;
  }

  void choice(const Type& type, Choice& out, std::size_t first)
  {
    std::size_t index = first + below(type.fields.size() - first);
    if (goes_on_later(type.fields[index])) index = first;
    const Field& chosen = type.fields[index];
    value(*chosen.type, out.raw_set(static_cast<unsigned>(index + 1), *chosen.value));
  }

  void ie_container(const Type& type, void* out)
  {
    for (const Field& f : type.fields) {
      if (f.mandatory || (budget_ > 0 && chance(2))) field(f, out);
    }
    if (chance(4)) {
      auto& unknown = *reinterpret_cast<std::vector<UnknownIe>*>(static_cast<std::byte*>(out) + type.unknown_offset);
      UnknownIe& ie = unknown.emplace_back();
      ie.id = first_unused_id + static_cast<std::uint32_t>(below(5000));
      ie.criticality = static_cast<std::uint32_t>(below(3));
      ie.value.resize(1 + below(200));
      octets(ie.value);
    }
  }

  Random& random_;
  int& budget_;
};

}  // namespace

void fill_random(const Type& type, void* out, Random& random, int& budget) { Filler(random, budget).value(type, out); }

}  // namespace ravi::asn1
