// Prints our encodings, one a line in hexadecimal with their name, for the test that has a foreign dissector read them.

#include "stack/nas/codec.h"

#include "tests/stack/nas/full_messages.h"

#include <cstdio>
#include <span>
#include <string_view>

namespace {

void print(std::string_view name, std::span<const std::uint8_t> octets)
{
  for (const std::uint8_t octet : octets) std::printf("%02x", octet);
  std::printf(" %.*s\n", static_cast<int>(name.size()), name.data());
}

}  // namespace

int main()
{
  using namespace ravi::nas;
  for (const auto& message : test::full_mm_messages()) print(name_of(message), encode(message));
  for (const auto& message : test::full_sm_messages()) print(name_of(message), encode(message));
  return 0;
}
