#pragma once
// IPv4 addresses and ports as people write them.

#include "radio/result.h"
#include "stack/ngap/n3_link.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ravi {

using ngap::Ipv4;

struct IpEndpoint {
  Ipv4 address{127, 0, 0, 1};
  std::uint16_t port = 0;

  friend bool operator==(const IpEndpoint&, const IpEndpoint&) = default;
};

/// "127.0.0.1". Empty: something else.
[[nodiscard]] std::optional<Ipv4> parse_ipv4(std::string_view text);
/// "ADDRESS" or "ADDRESS:PORT".
[[nodiscard]] Result<IpEndpoint> parse_ip_endpoint(std::string_view text, std::uint16_t default_port);
[[nodiscard]] std::string to_text(const Ipv4& address);
[[nodiscard]] std::string to_text(const IpEndpoint& endpoint);

/// 127.0.0.0/8.
[[nodiscard]] constexpr bool is_loopback(const Ipv4& address) { return address[0] == 127; }

}  // namespace ravi
