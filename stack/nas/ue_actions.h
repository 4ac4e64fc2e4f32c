#pragma once
// What the UE's NAS asks of others, in the order it is to be done. Keys are in it: never print one.

#include "stack/nas/identity.h"
#include "stack/nas/mm_messages.h"
#include "stack/nas/sm_messages.h"
#include "stack/security/keys.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ravi::nas {

/// Since when it began, in sample time.
using Time = std::chrono::milliseconds;

/// RRC establishment cause. TS 24.501 Table 4.5.6.1.
enum class EstablishmentCause : std::uint8_t { mo_signalling, mo_data, mt_access, emergency };

/// Set up a connection and send `nas` in it (RRCSetupComplete). `connection_established` or `connection_failed` is the answer.
struct RequestConnection {
  Octets nas;
  EstablishmentCause cause = EstablishmentCause::mo_signalling;
  std::optional<Guti> guti;  ///< for the UE identity of RRCSetupRequest and the registered AMF; empty: a random value
};
/// Send on the connection there is (ULInformationTransfer).
struct SendUplink {
  Octets nas;
};
/// K_gNB for the next AS Security Mode Command; replaces an earlier one.
struct UseAsKey {
  security::Key256 k_gnb;
};
/// Release the connection at this end; `connection_released` is not needed as an answer.
struct ReleaseConnection {};

struct Authenticated {};   ///< the network proved to be ours, and the response is on its way
struct SecurityStarted {
  SecurityAlgorithms algorithms;
};
struct Registered {
  std::optional<Guti> guti;
};
/// `cause`: the network's; empty: no answer, or the connection was lost or never came. `retry_after`: when NAS will try by itself;
/// empty: not before `start` is called again.
struct RegistrationFailed {
  std::optional<MmCause> cause;
  std::optional<Time> retry_after;
};
struct Deregistered {};
/// By the network's Service Accept.
struct ServiceResumed {};
struct NetworkNamed {
  std::string full_name;
};

/// A PDU session is there. The first flow of the default rule, and what its traffic may use.
struct SessionEstablished {
  std::uint8_t id = 0;
  Ipv4 ipv4{};
  std::string dnn;
  std::uint8_t qfi = 0;
  std::optional<std::uint8_t> five_qi;
  SessionAmbr ambr;
  std::vector<Ipv4> dns_servers;
  std::optional<std::uint16_t> mtu;
};
/// By a cause of 5GSM, or of 5GMM if the core did not forward the request; neither: no answer came.
struct SessionRejected {
  std::uint8_t id = 0;
  std::optional<SmCause> sm_cause;
  std::optional<MmCause> mm_cause;
};
struct SessionModified {
  std::uint8_t id = 0;
  std::optional<SessionAmbr> ambr;
};
struct SessionReleased {
  std::uint8_t id = 0;
  std::optional<SmCause> cause;  ///< empty: the network no longer knew it, or deregistration
};

using UeAction = std::variant<RequestConnection, SendUplink, UseAsKey, ReleaseConnection, Authenticated, SecurityStarted,
                              Registered, RegistrationFailed, Deregistered, ServiceResumed, NetworkNamed,
                              SessionEstablished, SessionRejected, SessionModified, SessionReleased>;

}  // namespace ravi::nas
