#include "radio/air/random.h"

#include <doctest/doctest.h>

using ravi::air::draw;
using ravi::air::philox;
using ravi::air::PhiloxCounter;
using ravi::air::Purpose;

TEST_CASE("philox gives the words of the published known-answer vectors (philox4x32, 10 rounds)")
{
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8});
  const std::uint32_t ones = 0xFFFFFFFF;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD});
  // Digits of pi.
  CHECK(philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}) ==
        PhiloxCounter{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1});
}

TEST_CASE("a draw depends on seed, stream, purpose and both halves of the position")
{
  const PhiloxCounter base = draw({.seed = 1, .index = 2, .purpose = Purpose::noise}, 3);
  CHECK(draw({.seed = 1, .index = 2, .purpose = Purpose::noise}, 3) == base);
  CHECK(draw({.seed = 1ULL << 32 | 1, .index = 2, .purpose = Purpose::noise}, 3) != base);
  CHECK(draw({.seed = 2, .index = 2, .purpose = Purpose::noise}, 3) != base);
  CHECK(draw({.seed = 1, .index = 3, .purpose = Purpose::noise}, 3) != base);
  CHECK(draw({.seed = 1, .index = 2, .purpose = Purpose::fault}, 3) != base);
  CHECK(draw({.seed = 1, .index = 2, .purpose = Purpose::noise}, 4) != base);
  CHECK(draw({.seed = 1, .index = 2, .purpose = Purpose::noise}, (1ULL << 32) + 3) != base);
}
