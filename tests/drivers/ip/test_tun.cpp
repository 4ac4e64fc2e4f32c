#include "drivers/ip/tun.h"

#include <doctest/doctest.h>

using namespace ravi;

TEST_CASE("TUN: a name that can be none is refused, and a namespace that is not there is named")
{
  for (const std::string name : {"", "a-name-that-is-far-too-long"}) {
    const auto tun = Tun::open({.name = name});
    REQUIRE_FALSE(tun);
    CHECK(tun.error().code == ErrorCode::bad_input);
  }
  const auto tun = Tun::open({.name = "ravitest", .network_namespace = "ravi-no-such"});
  REQUIRE_FALSE(tun);
  CHECK(tun.error().message.find("ravi-no-such") != std::string::npos);
}
