#pragma once
// What a UE asks for in the (extended) protocol configuration options of a PDU session, and the answer. TS 24.008 §10.5.6.3.

#include "stack/nas/pdu_session.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::core {

/// What a session's UE may be told, if it asks.
struct SessionServices {
  std::vector<nas::Ipv4> dns{{10, 45, 0, 1}};   ///< the first two go into IPCP
  std::optional<nas::Ipv4> p_cscf;              ///< of the IMS; none: there is no IMS
  std::uint16_t mtu = 1400;
};

/// Answers what is asked for and known: DNS servers as a container and by IPCP (RFC 1332, RFC 1877), MTU, P-CSCF. The rest is
/// passed over, as §10.5.6.3 has it.
[[nodiscard]] nas::ExtendedPco answer(const nas::UeExtendedPco& asked, const SessionServices& services);

}  // namespace ravi::core
