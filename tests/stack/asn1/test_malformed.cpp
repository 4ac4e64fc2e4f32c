// Nothing received makes the decoders crash, read outside, or take memory without bound.

#include "tests/stack/asn1/random_value.h"
#include "tests/stack/asn1/reference_data.h"
#include "tests/stack/asn1/root_types.h"

#include <doctest/doctest.h>

#include <span>
#include <vector>

using namespace ravi::asn1;
using Bytes = std::vector<std::uint8_t>;

namespace {

// Decodes; what decodes must encode, unless it holds an alternative of a later release, and then come back the same.
void survives(const RootType& root, const Bytes& bytes)
{
  const AnyValue value(root);
  if (!value.decode(bytes)) return;
  static_cast<void>(value_to_text(*root.type, value.get()));
  const EncodeResult encoded = value.encode();
  if (!encoded) return;
  const AnyValue again(root);
  const auto done = again.decode(*encoded);
  REQUIRE_MESSAGE(done.has_value(), to_string(done.has_value() ? DecodeError{} : done.error()));
  CHECK(again.encode().value() == *encoded);
}

Bytes random_encoding(const RootType& root, Random& random)
{
  const AnyValue value(root);
  int budget = 60;
  fill_random(*root.type, value.get(), random, budget);
  const EncodeResult bytes = value.encode();
  REQUIRE_MESSAGE(bytes.has_value(), to_string(bytes.has_value() ? EncodeError{} : bytes.error()));
  return *bytes;
}

void batter(const RootType& root, const Bytes& good, Random& random)
{
  for (std::size_t size = 0; size < good.size() && size < 400; ++size) {
    survives(root, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  for (int flips = 0; flips < 100; ++flips) {
    Bytes bad = good;
    for (std::uint64_t n = random() % 4 + 1; n > 0; --n) {
      bad[random() % bad.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
    }
    survives(root, bad);
  }
}

}  // namespace

TEST_CASE("ASN.1: random values of every root type encode, decode and encode to the same bytes")
{
  Random random(1);
  for (const RootType& root : root_types()) {
    CAPTURE(root.type->name);
    for (int i = 0; i < 40; ++i) {
      const Bytes bytes = random_encoding(root, random);
      const AnyValue value(root);
      const auto done = value.decode(bytes);
      REQUIRE_MESSAGE(done.has_value(), to_string(done.has_value() ? DecodeError{} : done.error()));
      CHECK(value.encode().value() == bytes);
    }
  }
}

TEST_CASE("ASN.1: truncated and flipped encodings of every root type do no harm")
{
  Random random(2);
  for (const RootType& root : root_types()) {
    CAPTURE(root.type->name);
    for (int i = 0; i < 5; ++i) batter(root, random_encoding(root, random), random);
  }
}

TEST_CASE("ASN.1: truncated and flipped PDUs of other stacks do no harm")
{
  Random random(3);
  for (const ReferencePdu& pdu : reference_pdus()) {
    CAPTURE(pdu.name);
    batter(*find_root_type(pdu.protocol, pdu.type), pdu.bytes, random);
  }
}

TEST_CASE("ASN.1: random bytes do no harm")
{
  Random random(4);
  for (const RootType& root : root_types()) {
    for (int i = 0; i < 300; ++i) {
      Bytes bytes(random() % 200);
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
      survives(root, bytes);
    }
  }
}

TEST_CASE("ASN.1: a list that promises far more than its bytes hold is refused before memory is taken")
{
  // A container of 65535 IEs, and nothing behind the count.
  const RootType* const root = find_root_type("ngap", "NGAP-PDU");
  REQUIRE(root != nullptr);
  const AnyValue value(*root);
  CHECK_FALSE(value.decode(from_hex("0015000300ffff")).has_value());
}
