#include "drivers/ip/ip_endpoint.h"

#include <doctest/doctest.h>

using namespace ravi;

TEST_CASE("IP endpoint: an address with or without a port is read and written back")
{
  CHECK(*parse_ip_endpoint("127.0.0.5", 38412) == IpEndpoint{{127, 0, 0, 5}, 38412});
  CHECK(*parse_ip_endpoint("10.1.2.3:99", 38412) == IpEndpoint{{10, 1, 2, 3}, 99});
  CHECK(to_text(IpEndpoint{{10, 1, 2, 3}, 99}) == "10.1.2.3:99");
}

TEST_CASE("IP endpoint: what is no IPv4 address or no port is refused with an example")
{
  for (const char* const text : {"", "localhost", "1.2.3", "1.2.3.4.5", "300.1.1.1", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:x",
                                 "::1", "1.2.3.4:80:90"}) {
    CAPTURE(text);
    const auto endpoint = parse_ip_endpoint(text, 38412);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().code == ErrorCode::bad_input);
  }
}
