#include "stack/core/configuration_options.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace ravi::core {
namespace {

using nas::Octets;

// RFC 1661 §5, RFC 1877 §1.1, §1.3.
constexpr std::uint8_t kConfigureRequest = 1, kConfigureAck = 2, kConfigureNak = 3, kConfigureReject = 4;
constexpr std::uint8_t kPrimaryDns = 129, kSecondaryDns = 131;
constexpr std::size_t kIpcpHeader = 4;   // code, identifier, length
constexpr std::size_t kOptionHeader = 2; // type, length

void append(Octets& out, std::span<const std::uint8_t> octets) { out.insert(out.end(), octets.begin(), octets.end()); }

Octets ipcp_packet(std::uint8_t code, std::uint8_t identifier, std::span<const std::uint8_t> options)
{
  Octets packet(kIpcpHeader + options.size());
  packet[0] = code;
  packet[1] = identifier;
  packet[2] = static_cast<std::uint8_t>(packet.size() >> 8);
  packet[3] = static_cast<std::uint8_t>(packet.size());
  std::ranges::copy(options, packet.begin() + kIpcpHeader);
  return packet;
}

/// The answer to a Configure-Request: what is not known is rejected, a DNS server other than ours corrected, else all is right.
/// Empty: it is none, or malformed.
Octets answer_ipcp(std::span<const std::uint8_t> request, const std::vector<nas::Ipv4>& dns)
{
  if (request.size() < kIpcpHeader || request[0] != kConfigureRequest || dns.empty()) return {};
  const std::size_t length = static_cast<std::size_t>(request[2]) << 8 | request[3];
  if (length < kIpcpHeader || length > request.size()) return {};
  const std::span<const std::uint8_t> asked = request.subspan(kIpcpHeader, length - kIpcpHeader);
  Octets rejected, corrected;
  for (std::span<const std::uint8_t> rest = asked; !rest.empty();) {
    if (rest.size() < kOptionHeader || rest[1] < kOptionHeader || rest[1] > rest.size()) return {};
    const auto option = rest.first(rest[1]);
    rest = rest.subspan(option.size());
    const bool is_dns = option[0] == kPrimaryDns || option[0] == kSecondaryDns;
    if (!is_dns || option.size() != kOptionHeader + nas::Ipv4{}.size()) {
      append(rejected, option);
      continue;
    }
    const nas::Ipv4& server = option[0] == kPrimaryDns ? dns.front() : dns[std::min<std::size_t>(1, dns.size() - 1)];
    if (std::ranges::equal(option.subspan(kOptionHeader), server)) continue;
    append(corrected, option.first(kOptionHeader));
    append(corrected, server);
  }
  if (!rejected.empty()) return ipcp_packet(kConfigureReject, request[1], rejected);
  if (!corrected.empty()) return ipcp_packet(kConfigureNak, request[1], corrected);
  return ipcp_packet(kConfigureAck, request[1], asked);
}

}  // namespace

nas::ExtendedPco answer(const nas::UeExtendedPco& asked, const SessionServices& services)
{
  nas::ExtendedPco out;
  if (const nas::PcoItem* ipcp = asked.find(nas::pco::kIpcp)) {
    if (Octets packet = answer_ipcp(ipcp->content, services.dns); !packet.empty()) out.items.push_back({nas::pco::kIpcp, std::move(packet)});
  }
  if (asked.find(nas::pco::kDnsIpv4) != nullptr) {
    for (const nas::Ipv4& server : services.dns) out.items.push_back({nas::pco::kDnsIpv4, {server.begin(), server.end()}});
  }
  if (asked.find(nas::pco::kPcscfIpv4) != nullptr && services.p_cscf) {
    out.items.push_back({nas::pco::kPcscfIpv4, {services.p_cscf->begin(), services.p_cscf->end()}});
  }
  if (asked.find(nas::pco::kIpv4Mtu) != nullptr) {
    out.items.push_back({nas::pco::kIpv4Mtu, {static_cast<std::uint8_t>(services.mtu >> 8), static_cast<std::uint8_t>(services.mtu)}});
  }
  return out;
}

}  // namespace ravi::core
