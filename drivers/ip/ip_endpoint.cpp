#include "drivers/ip/ip_endpoint.h"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace ravi {

std::optional<Ipv4> parse_ipv4(std::string_view text)
{
  in_addr address{};
  if (text.size() > 15 || inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  Ipv4 octets{};
  std::memcpy(octets.data(), &address, octets.size());
  return octets;
}

Result<IpEndpoint> parse_ip_endpoint(std::string_view text, std::uint16_t default_port)
{
  const std::size_t colon = text.find(':');
  const auto address = parse_ipv4(text.substr(0, colon));
  if (!address) return fail(ErrorCode::bad_input, fmt::format("'{}' is no IPv4 address; write it as 127.0.0.1 or 127.0.0.1:{}", text, default_port));
  if (colon == std::string_view::npos) return IpEndpoint{*address, default_port};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || stopped != digits.data() + digits.size() || port == 0) {
    return fail(ErrorCode::bad_input, fmt::format("'{}': the port after the colon is 1 to 65535", text));
  }
  return IpEndpoint{*address, port};
}

std::string to_text(const Ipv4& address) { return fmt::format("{}", fmt::join(address, ".")); }

std::string to_text(const IpEndpoint& endpoint) { return fmt::format("{}:{}", to_text(endpoint.address), endpoint.port); }

}  // namespace ravi
