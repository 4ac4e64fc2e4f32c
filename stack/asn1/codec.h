#pragma once
// Encoding and decoding of generated types. Users call decode<T>() and encode() of ravi::asn1::rrc and
// ravi::asn1::ngap.

#include "stack/asn1/bit_reader.h"
#include "stack/asn1/type.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ravi::asn1 {

enum class DecodeFault : std::uint8_t {
  malformed,     ///< the bytes end too early, or a number is outside its range
  missing_ie,    ///< NGAP: an IE with PRESENCE mandatory is absent (TS 38.413 §10.3.5)
  duplicate_ie,  ///< NGAP: an IE came twice (TS 38.413 §10.3.6)
  too_large,     ///< the value would take far more memory than its encoding justifies
  too_deep,      ///< nesting beyond what the types have
};

struct DecodeError {
  DecodeFault fault = DecodeFault::malformed;
  std::size_t bit = 0;               ///< position in the input; inside an open type of 16 KiB and more, in its content
  const char* field = "";            ///< the innermost component being read, in the standard's spelling
  std::uint32_t ie_id = 0;           ///< missing_ie, duplicate_ie
  std::uint32_t ie_criticality = 0;  ///< missing_ie, duplicate_ie: 0 reject, 1 ignore, 2 notify
};

/// A value that cannot be encoded: `field` names the component that is outside its range, or a CHOICE that holds
/// nothing.
struct EncodeError {
  const char* field = "";
};

template <class T>
using DecodeResult = tl::expected<T, DecodeError>;
using EncodeResult = tl::expected<std::vector<std::uint8_t>, EncodeError>;

/// One line for a log: what was wrong, where.
[[nodiscard]] std::string to_string(const DecodeError& error);
[[nodiscard]] std::string to_string(const EncodeError& error);

/// Decodes into a default-constructed value of `type` at `value`. Never reads outside `bytes`; memory used is at most
/// 1 MiB and 256 times the input. Bytes left over behind the value are ignored, as extensions at the end of a message
/// are (TS 38.331 §A.4).
[[nodiscard]] tl::expected<void, DecodeError> decode_value(const Type& type, std::span<const std::uint8_t> bytes,
                                                           Rules rules, void* value);

/// Encodes the value of `type` at `value`.
[[nodiscard]] EncodeResult encode_value(const Type& type, const void* value, Rules rules);

/// The value as indented text with the standard's names, one component a line; octets in hex.
[[nodiscard]] std::string value_to_text(const Type& type, const void* value);

/// A generated struct or class. Named lists and numbers are no such types: they are encoded as parts of one.
template <class T>
concept Described = requires
{
  {
    T::descriptor
    } -> std::convertible_to<const Type&>;
};

template <Described T>
[[nodiscard]] std::string to_text(const T& value)
{
  return value_to_text(T::descriptor, &value);
}

}  // namespace ravi::asn1
