// Feeds the NGAP decoder: the first byte chooses the type, a PDU or a transfer. What decodes is printed, encoded and
// decoded again.

#include "tests/stack/asn1/root_types.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

using namespace ravi::asn1;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  if (size == 0) return 0;
  const std::span<const RootType> types = root_types();
  const RootType& root = types[data[0] % types.size()];
  if (root.rules != Rules::aligned) return 0;
  const AnyValue value(root);
  if (!value.decode(std::span(data + 1, size - 1))) return 0;
  static_cast<void>(value_to_text(*root.type, value.get()));
  const EncodeResult bytes = value.encode();
  if (!bytes) return 0;
  const AnyValue again(root);
  if (!again.decode(*bytes) || again.encode().value() != *bytes) std::abort();
  return 0;
}
