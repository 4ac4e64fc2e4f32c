// PER bit fields, numbers and lengths, by the clauses of X.691.

#include "stack/asn1/bit_reader.h"
#include "stack/asn1/bit_writer.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

using namespace ravi::asn1;
using Bytes = std::vector<std::uint8_t>;

namespace {

template <class Write>
Bytes written(Rules rules, Write write)
{
  BitWriter writer(rules);
  write(writer);
  return std::move(writer).finish();
}

}  // namespace

TEST_CASE(
    "PER: constrained numbers of the aligned variant take a bit field, one or two octets, or a length [X.691 §10.5.7]")
{
  const auto coded = [](std::uint64_t value, std::uint64_t span) {
    return written(Rules::aligned, [&](BitWriter& w) {
      w.bit(true);
      w.constrained(value, span);
    });
  };
  CHECK(coded(3, 6) == Bytes{0xb0});
  CHECK(coded(200, 255) == Bytes{0x80, 200});
  CHECK(coded(200, 256) == Bytes{0x80, 0, 200});
  CHECK(coded(200, 65536) == Bytes{0x80, 200});  // length 1 in 2 bits, then the octet
  CHECK(coded(70000, 0xffffffff) == Bytes{0xc0, 1, 0x11, 0x70});
}

TEST_CASE("PER: constrained numbers of the unaligned variant take as few bits as hold the range [X.691 §10.5.6]")
{
  CHECK(written(Rules::unaligned, [](BitWriter& w) { w.constrained(5, 5); }) == Bytes{0xa0});
  CHECK(written(Rules::unaligned, [](BitWriter& w) { w.constrained(0, 0); }) == Bytes{0});  // nothing: one zero octet
}

TEST_CASE("PER: a number beyond its range is an error, not a number")
{
  const Bytes seven{0xe0};
  BitReader reader(seven, Rules::unaligned);
  CHECK(reader.constrained(5) == 0);
  CHECK_FALSE(reader.ok());
}

TEST_CASE("PER: unconstrained numbers keep their sign [X.691 §10.8]")
{
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{127}, std::int64_t{128}, std::int64_t{-1}, std::int64_t{-128}, std::int64_t{-129},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    for (const Rules rules : {Rules::unaligned, Rules::aligned}) {
      const Bytes bytes = written(rules, [&](BitWriter& w) { w.unconstrained(number); });
      BitReader reader(bytes, rules);
      CHECK(reader.unconstrained() == number);
      CHECK(reader.remaining() == 0);
    }
  }
  CHECK(written(Rules::aligned, [](BitWriter& w) { w.unconstrained(128); }) == Bytes{2, 0, 128});
}

TEST_CASE("PER: octets of 16 KiB and more travel in fragments [X.691 §10.9.3.8]")
{
  for (const std::size_t size : {std::size_t{127}, std::size_t{128}, std::size_t{16383}, std::size_t{16384},
                                 std::size_t{65536}, std::size_t{65537}, std::size_t{150000}}) {
    CAPTURE(size);
    Bytes octets(size);
    for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i * 7);
    for (const Rules rules : {Rules::unaligned, Rules::aligned}) {
      const Bytes bytes = written(rules, [&](BitWriter& w) {
        w.bits(5, 3);
        w.octets(octets);
      });
      BitReader reader(bytes, rules);
      CHECK(reader.bits(3) == 5);
      CHECK(reader.octets() == octets);
      CHECK(reader.ok());
    }
  }
  CHECK(written(Rules::aligned, [](BitWriter& w) { w.octets(Bytes(16384)); }).front() == 0xc1);
}

TEST_CASE("PER: a length that promises more than there is takes no memory")
{
  const Bytes greedy{0xc4, 0, 0};
  BitReader reader(greedy, Rules::aligned);
  CHECK(reader.octets().empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("PER: reading past the end gives zeros and stays an error")
{
  const Bytes one{0xff};
  BitReader reader(one, Rules::unaligned);
  CHECK(reader.bits(9) == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.bits(1) == 0);
  CHECK(reader.position() == 0);
}
