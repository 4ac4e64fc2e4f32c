#pragma once
// The UE's PDU sessions: establishment, modification, release. TS 24.501 §6. IPv4 only.

#include "stack/nas/codec.h"
#include "stack/nas/timer.h"
#include "stack/nas/ue_actions.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::nas {

/// What a session is asked for with.
struct SessionConfig {
  std::string dnn = "internet";       ///< empty: the network's default
  std::optional<SNssai> s_nssai;      ///< empty: the network's choice
  bool asks_for_dns = true;           ///< DNS server, MTU in the extended options
};

/// Inputs are calls; what comes of them stands in `uplink` and `actions`, which the caller empties.
class UeSessions {
public:
  static constexpr unsigned kMaxId = 15;
  static constexpr Time kT3580{16'000};  ///< establishment; T3582 of release is the same. Table 10.3.1
  static constexpr unsigned kMaxTransmissions = 5;

  std::vector<UplinkNasTransport> uplink;
  std::vector<UeAction> actions;

  /// Asks for a session; the identity it will have, or empty if all 15 are taken.
  std::optional<std::uint8_t> establish(const SessionConfig& config, Time now);
  /// False if there is no such session.
  bool release(std::uint8_t id, Time now);

  /// A 5GSM message of the network, and its decoding error (§7), inside DL NAS Transport.
  void receive(std::span<const std::uint8_t> payload, Time now);
  /// The core sends our 5GSM message back with a 5GMM cause. §5.4.5.3.3.
  void receive_not_forwarded(std::span<const std::uint8_t> payload, MmCause cause);

  void tick(Time now);
  /// The network's view: sessions it does not have are released here. §5.5.1.2.4, §5.6.1.4.
  void keep_only(const PduSessionSet& network);
  /// All are gone without signalling.
  void clear();

  [[nodiscard]] PduSessionSet active() const;

private:
  enum class State : std::uint8_t { inactive, establishing, active, releasing };
  struct Session {
    State state = State::inactive;
    std::uint8_t pti = 0;  ///< of the procedure in progress, 0 none
    SessionConfig config;
    UplinkNasTransport request;
    Timer timer;
    unsigned num_transmissions = 0;
  };

  std::uint8_t next_pti();
  void send_request(Session& session, Time now);
  void send(const SmMessage& message);
  void send_status(const SmHeader& header, SmCause cause);
  void finish(std::uint8_t id, UeAction action);
  void drop_pending();
  [[nodiscard]] Session* find(const SmHeader& header);

  void on(const PduSessionEstablishmentAccept& accept, Time now);
  void on(const PduSessionEstablishmentReject& reject, Time now);
  void on(const PduSessionModificationCommand& command, Time now);
  void on(const PduSessionReleaseCommand& command, Time now);
  void on(const PduSessionReleaseReject& reject, Time now);
  void on(const SmStatus& status, Time now);
  template <class Other>
  void on(const Other& message, Time now);

  std::array<Session, kMaxId + 1> sessions_;  ///< by identity; 0 unused
  std::uint8_t last_pti_ = 0;
};

}  // namespace ravi::nas
