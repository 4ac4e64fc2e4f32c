#include "stack/security/keys.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <array>
#include <concepts>
#include <memory>
#include <new>
#include <ostream>

namespace ravi::security {
namespace {

template <class T>
concept Streams = requires(std::ostream& out, const T& value) { out << value; };

}  // namespace

TEST_CASE("Keys: no way to print one exists")
{
  static_assert(!Streams<Key128> && !Streams<Key256>);
  static_assert(!fmt::is_formattable<Key128>::value && !fmt::is_formattable<Key256>::value);
  static_assert(!std::convertible_to<Key128, std::span<const std::uint8_t>>);
}

TEST_CASE("Keys: the octets are gone when the key ends")
{
  std::array<std::uint8_t, 16> octets{};
  octets.fill(0xA5);
  alignas(Key128) std::array<std::byte, sizeof(Key128)> memory{};
  auto* key = new (memory.data()) Key128(octets);
  CHECK(key->bytes()[7] == 0xA5);
  std::destroy_at(key);
  for (std::byte b : memory) CHECK(b == std::byte{0});
}

TEST_CASE("Keys: truncation takes the least significant half")
{
  Key256 key;
  for (std::uint8_t i = 0; i < 32; ++i) key.writable()[i] = i;
  CHECK(truncate(key).bytes()[0] == 16);
  CHECK(truncate(key).bytes()[15] == 31);
  CHECK(truncate(key) == truncate(key));
  CHECK_FALSE(truncate(key) == Key128());
}

}  // namespace ravi::security
