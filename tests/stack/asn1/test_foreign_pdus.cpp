// PDUs made by other stacks: they decode, and encode again to the same bytes.

#include "tests/stack/asn1/reference_data.h"
#include "tests/stack/asn1/root_types.h"

#include <doctest/doctest.h>

#include <vector>

using namespace ravi::asn1;

TEST_CASE("ASN.1: PDUs of other stacks decode and encode again to the same bytes")
{
  const std::vector<ReferencePdu> pdus = reference_pdus();
  if (pdus.empty()) {
    MESSAGE("skipped: no reference data");
    return;
  }
  for (const ReferencePdu& pdu : pdus) {
    CAPTURE(pdu.name);
    const RootType* const root = find_root_type(pdu.protocol, pdu.type);
    REQUIRE(root != nullptr);
    const AnyValue value(*root);
    const auto done = value.decode(pdu.bytes);
    CHECK_MESSAGE(done.has_value(), to_string(done.has_value() ? DecodeError{} : done.error()));
    const EncodeResult bytes = value.encode();
    REQUIRE(bytes.has_value());
    CHECK(to_hex(*bytes) == to_hex(pdu.bytes));
  }
}
