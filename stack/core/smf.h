#pragma once
// The session management function: PDU sessions of every subscriber. TS 24.501 §6, TS 23.502 §4.3. IPv4 only, one QoS flow.

#include "stack/core/configuration_options.h"
#include "stack/core/subscribers.h"
#include "stack/core/upf.h"
#include "stack/nas/codec.h"
#include "stack/nas/timer.h"
#include "stack/nas/ue_actions.h"
#include "stack/ngap/messages.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ravi::core {

using NasTime = nas::Time;

struct SmfConfig {
  Ipv4 pool{10, 45, 0, 0};       ///< /16; .0.1 is the gateway, UEs from .0.2 on
  SessionServices services;
  ngap::QosFlow flow{.qfi = 1, .five_qi = 9, .arp_priority = 8};
  ngap::Ambr ambr{1'000'000'000, 1'000'000'000};
  unsigned max_sessions = 8;     ///< of one UE, 1..15
  [[nodiscard]] Ipv4 gateway() const { return {pool[0], pool[1], 0, 1}; }
};

struct SmfCounters {
  std::uint64_t established = 0;
  std::uint64_t rejected = 0;
  std::uint64_t malformed = 0;
  std::uint64_t unexpected = 0;
};

/// What comes of a 5GSM message: an answer to the UE, resources that the gNB is to set up or to release with it.
struct SmReply {
  nas::Octets n1;                            ///< 5GSM message; empty: none
  std::optional<ngap::SessionSetup> setup;   ///< without NAS
  bool releases_resources = false;
};

class Smf {
public:
  static constexpr NasTime kT3592{16'000};   ///< TS 24.501 Table 10.3.2
  static constexpr unsigned kMaxTransmissions = 5;

  /// `upf` outlives this.
  Smf(SmfConfig config, Upf& upf) : config_(config), upf_(upf) {}

  /// A 5GSM message in UL NAS Transport of a registered subscriber. `id`: the transport's PDU session identity.
  [[nodiscard]] SmReply receive(const SubscriberData& subscriber, std::uint8_t id, const nas::UplinkNasTransport& transport, NasTime now);

  /// Whether the UE has all the sessions that it may have, and `id` would be one more. TS 24.501 §5.4.5.2.4.
  [[nodiscard]] bool has_no_room(const std::string& imsi, std::uint8_t id) const;

  // -- what became of the resources at the gNB
  void resources_admitted(const std::string& imsi, const ngap::SessionAdmitted& session);
  /// The 5GSM message that tells the UE, if the session was being established.
  [[nodiscard]] nas::Octets resources_refused(const std::string& imsi, std::uint8_t id);

  // -- connection management
  /// The UE is idle: downlink is kept.
  void suspend(const std::string& imsi);
  /// Setups for those of `wanted` that there are.
  [[nodiscard]] std::vector<ngap::SessionSetup> resume(const std::string& imsi, const nas::PduSessionSet& wanted) const;
  void keep_only(const std::string& imsi, const nas::PduSessionSet& of_ue);
  void release_all(const std::string& imsi);
  [[nodiscard]] nas::PduSessionSet active(const std::string& imsi) const;
  [[nodiscard]] std::optional<std::string> owner(const Ipv4& address) const;
  [[nodiscard]] std::optional<Ipv4> address(const std::string& imsi, std::uint8_t id) const;

  /// Release Commands to be sent again.
  struct Retransmission {
    std::string imsi;
    std::uint8_t id = 0;
    nas::Octets n1;
  };
  [[nodiscard]] std::vector<Retransmission> tick(NasTime now);

  [[nodiscard]] const SmfCounters& counters() const { return counters_; }

private:
  enum class State : std::uint8_t { establishing, active, releasing };
  struct Session {
    State state = State::establishing;
    std::uint8_t pti = 0;
    Ipv4 address{};
    std::string dnn;
    ngap::Slice slice;
    ngap::Tunnel uplink;
    nas::Octets release_command;
    nas::Timer timer;
    unsigned num_transmissions = 0;
  };
  using Key = std::pair<std::string, std::uint8_t>;   ///< IMSI, PDU session identity

  SmReply on(const SubscriberData& subscriber, const nas::UplinkNasTransport& transport, const nas::PduSessionEstablishmentRequest& request);
  SmReply on(const Key& key, const nas::PduSessionReleaseRequest& request, NasTime now);
  [[nodiscard]] std::optional<nas::SmCause> refusal(const SubscriberData& subscriber, const nas::UplinkNasTransport& transport,
                                                    const nas::PduSessionEstablishmentRequest& request) const;
  [[nodiscard]] nas::PduSessionEstablishmentAccept accept(const SubscriberData& subscriber, const Session& session,
                                                          const nas::PduSessionEstablishmentRequest& request) const;
  [[nodiscard]] ngap::SessionSetup setup_of(std::uint8_t id, const Session& session) const;
  [[nodiscard]] std::optional<Ipv4> take_address();
  void erase(const Key& key);

  SmfConfig config_;
  Upf& upf_;
  std::map<Key, Session> sessions_;
  std::set<std::uint16_t> taken_;      ///< host parts of addresses in use
  SmfCounters counters_;
};

}  // namespace ravi::core
