#pragma once
// The types whose encodings stand alone, by name: messages and what travels in containers.

#include "stack/asn1/ngap.h"
#include "stack/asn1/rrc.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ravi::asn1 {

/// A type that tools and tests choose at run time.
struct RootType {
  const char* protocol;
  Rules rules;
  const Type* type;
  const ValueOps* ops;
  std::size_t size;
};

[[nodiscard]] std::span<const RootType> root_types();
/// Null: none of that name.
[[nodiscard]] const RootType* find_root_type(std::string_view protocol, std::string_view name);

/// A value of a root type.
class AnyValue {
public:
  explicit AnyValue(const RootType& root) : root_(root), value_(root.ops->create(), root.ops->destroy) {}
  [[nodiscard]] void* get() const { return value_.get(); }
  [[nodiscard]] tl::expected<void, DecodeError> decode(std::span<const std::uint8_t> bytes) const
  {
    return decode_value(*root_.type, bytes, root_.rules, value_.get());
  }
  [[nodiscard]] EncodeResult encode() const { return encode_value(*root_.type, value_.get(), root_.rules); }

private:
  const RootType& root_;
  std::unique_ptr<void, void (*)(void*) noexcept> value_;
};

}  // namespace ravi::asn1
