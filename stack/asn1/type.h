#pragma once
// Descriptions of ASN.1 types as data. The generator writes one for each type; encoder, decoder and text walk over
// them.

#include "stack/asn1/bit_reader.h"
#include "stack/asn1/optional.h"
#include "stack/asn1/values.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::asn1 {

enum class Kind : std::uint8_t {
  null,              ///< Null
  boolean,           ///< bool
  integer,           ///< std::int32_t, uint32_t, int64_t or uint64_t
  enumerated,        ///< enum class : std::uint8_t
  fixed_bits,        ///< Bits<N>
  bit_string,        ///< BitString
  fixed_octets,      ///< std::array<std::uint8_t, N>
  octet_string,      ///< Octets; also OBJECT IDENTIFIER and open types without an object set
  character_string,  ///< std::string
  sequence,          ///< struct
  choice,            ///< class derived from Choice
  list,              ///< std::vector, SEQUENCE OF
  ie_container,      ///< struct, ProtocolIE-Container with its object set
  message,           ///< class derived from Choice, by procedure code
};

/// A Optional<T> by its address.
struct OptionalOps {
  const void* (*get)(const void*) noexcept;  ///< null: absent
  void* (*emplace)(void*);
};

/// A std::vector<T> by its address.
struct VectorOps {
  std::size_t (*size)(const void*) noexcept;
  const void* (*at)(const void*, std::size_t) noexcept;
  void* (*append)(void*);
};

struct Type;

/// A component of a SEQUENCE, an alternative of a CHOICE, an IE of a container, or a message of a procedure.
struct Field {
  const char* name;
  const Type* type;
  std::size_t offset = 0;                 ///< of the member in its struct
  const OptionalOps* optional = nullptr;  ///< the member is an Optional
  const ValueOps* value = nullptr;        ///< of a CHOICE
  bool has_default = false;               ///< the member is always there, but is not sent where it equals:
  std::int64_t default_value = 0;
  bool mandatory = true;          ///< SEQUENCE component without OPTIONAL or DEFAULT; IE with PRESENCE mandatory
  std::uint32_t id = 0;           ///< ProtocolIE-ID or ProcedureCode
  std::uint32_t criticality = 0;  ///< 0 reject, 1 ignore, 2 notify
};

/// Extension additions that stand or fall together: `count` fields from `first` on. A lone one is not bracketed.
struct Group {
  std::size_t first;
  std::size_t count;
  bool bracketed;
};

struct Type {
  Kind kind;
  const char* name;
  std::size_t size = 0;        ///< of the C++ value in bytes
  std::uint32_t min_bits = 0;  ///< the shortest encoding
  bool extensible = false;     ///< has an extension marker
  bool is_signed = false;      ///< integer
  bool multiplier = false;     ///< character_string: PrintableString, VisibleString
  Bounds bounds = {};          ///< of the value, or of the size
  std::span<const Field> fields = {};
  std::size_t root = 0;  ///< how many of the fields, or of the names, belong to the extension root
  std::span<const Group> groups = {};
  std::span<const char* const> names = {};  ///< of an enumeration
  const Type* element = nullptr;
  const VectorOps* vector = nullptr;
  std::size_t unknown_offset = 0;  ///< ie_container: where its std::vector<UnknownIe> is
};

/// Whether the content of a non-empty string is octet-aligned in the aligned variant (X.691 §16.9 to 16.11, §17.6
/// to 17.8, §30.5.6 and 30.5.7). `beyond`: its size is outside the extension root. `width`: bits of an item.
[[nodiscard]] constexpr bool aligns(const Type& type, bool beyond, unsigned width) noexcept
{
  const Bounds& bounds = type.bounds;
  if (beyond || !bounds.has_high) return true;
  if (static_cast<std::uint64_t>(bounds.low) == bounds.high) return bounds.high * width > 16;
  return type.kind != Kind::character_string || bounds.high * width >= 16;
}

template <class T>
inline constexpr OptionalOps optional_ops{
    [](const void* optional) noexcept -> const void* {
      const auto& value = *static_cast<const Optional<T>*>(optional);
      return value ? &*value : nullptr;
    },
    [](void* optional) -> void* { return &static_cast<Optional<T>*>(optional)->emplace(); },
};

template <class T>
inline constexpr VectorOps vector_ops{
    [](const void* vector) noexcept { return static_cast<const std::vector<T>*>(vector)->size(); },
    [](const void* vector, std::size_t i) noexcept -> const void* {
      return &(*static_cast<const std::vector<T>*>(vector))[i];
    },
    [](void* vector) -> void* { return &static_cast<std::vector<T>*>(vector)->emplace_back(); },
};

}  // namespace ravi::asn1
