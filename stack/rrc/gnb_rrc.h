#pragma once
// The gNB's RRC towards one UE: setup, security, capability, reconfiguration, release. TS 38.331 §5.3, §5.6, §5.7.

#include "stack/nr/cell.h"
#include "stack/rrc/rrc_action.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace ravi::rrc {

struct GnbRrcConfig {
  std::vector<security::CipheringAlgorithm> ciphering{security::CipheringAlgorithm::nea2, security::CipheringAlgorithm::nea0};  ///< best first
  std::vector<security::IntegrityAlgorithm> integrity{security::IntegrityAlgorithm::nia2};
  Time procedure_timeout{5000};      ///< the UE's answer to anything; foreign UEs run slower than their samples
  Time release_delay{60};            ///< from RRCRelease until the UE is forgotten
  unsigned reject_wait_s = 1;        ///< waitTime, 1..16
  bool is_srb2_used = true;          ///< NAS to the UE on SRB2 once it is there
  /// Sessions all of whose QoS flows are of these 5QIs get a DRB in RLC UM, others in AM. As given: those that bear the loss of a
  /// packet in a thousand or more (voice, video calls, live media). TS 23.501 Table 5.7.4-1.
  std::vector<unsigned> um_five_qis{1, 2, 3, 7, 65, 66, 67, 75, 79};
};

/// InitialUEMessage: the first NAS message and who sent it.
struct InitialUe {
  Octets nas;
  unsigned establishment_cause = 3;          ///< EstablishmentCause's number; 3: mo-Signalling
  unsigned selected_plmn = 1;
  std::optional<std::uint64_t> ng_5g_s_tmsi; ///< 48 bits
};

enum class GnbRrcFailure : std::uint8_t {
  no_setup_complete,      ///< nobody is known above yet: remove
  no_common_algorithm,
  security_mode_failure,  ///< the UE refused, or did not answer
  no_capability,
  no_reconfiguration,
  radio_link,             ///< RLC's retransmissions or integrity checks failed
};

struct SessionResult {
  unsigned pdu_session = 0;
  unsigned drb = 0;       ///< 0: refused
};

/// Initial context setup is done: security is active, capabilities are known, its sessions set up.
struct ContextIsSetUp {
  std::vector<SessionResult> sessions;
};
struct SessionsAreSetUp {
  std::vector<SessionResult> sessions;
};
struct SessionsAreReleased {
  std::vector<unsigned> pdu_sessions;
};
/// UERadioCapabilityInfoIndication: UERadioAccessCapabilityInformation.
struct UeCapability {
  Octets information;
};
/// UEContextReleaseRequest towards the core; InitialContextSetupFailure where that was under way.
struct RequestRelease {
  GnbRrcFailure cause = GnbRrcFailure::radio_link;
  bool is_context_setup = false;
};
/// Forget the UE: all its layers.
struct RemoveUe {};

using GnbAction = std::variant<SendSdu, AddBearer, RemoveBearer, ConfigureUe, ActivateSecurity, DeliverNas, InitialUe, ContextIsSetUp,
                               SessionsAreSetUp, SessionsAreReleased, UeCapability, RequestRelease, RemoveUe>;

struct SessionRequest {
  unsigned pdu_session = 1;
  std::vector<unsigned> qfis{1};
  Octets nas;             ///< goes with the reconfiguration; empty: none
  std::vector<unsigned> five_qis{9};  ///< of those flows
};

/// InitialContextSetupRequest.
struct ContextRequest {
  security::Key256 k_gnb;
  AlgorithmSet ue_algorithms;
  Octets nas;             ///< empty: none
  std::vector<SessionRequest> sessions;
  Octets radio_capability; ///< that the core has kept; the UE is asked where there is none of NR
};

struct GnbRrcCounters {
  std::uint64_t malformed = 0;     ///< not decodable, or with a part that is not
  std::uint64_t unexpected = 0;    ///< in no state that waits for it, a wrong transaction, or without integrity
  std::uint64_t unsupported = 0;   ///< messages and alternatives not built: ignored, TS 38.331 §10
  std::uint64_t timeouts = 0;
  std::uint64_t dropped_actions = 0;
};

/// RRCReject, for a UE that is not let in.
[[nodiscard]] Octets rrc_reject(unsigned wait_s);

/// One thread. Inputs with the network time, timers by `tick` at least every few milliseconds; after every call the actions.
class GnbRrc {
public:
  enum class State : std::uint8_t { idle, waits_for_setup_complete, connected, releasing, removed };

  GnbRrc(const nr::Cell& cell, const nr::UeConfig& ue, GnbRrcConfig config = {});

  /// SRB0. RRCSetupRequest is answered with RRCSetup, and so are RRCReestablishmentRequest and RRCResumeRequest: the UE falls back
  /// to a new connection. TS 38.331 §5.3.7.8, §5.3.13.8.
  void on_ccch(std::span<const std::uint8_t> sdu, Time now);
  /// SRB1 or 2, as PDCP delivers it.
  void on_dcch(std::span<const std::uint8_t> sdu, bool is_integrity_verified, Time now);
  /// RLC gave up, or PDCP found a wrong MAC-I.
  void on_radio_link_failure();

  // -- from the core ---------------------------------------------------------------------------------------------------
  /// False: the UE's connection is ending, or too much waits.
  bool send_nas(Octets nas, Time now);
  void setup_context(ContextRequest request, Time now);
  void setup_sessions(std::vector<SessionRequest> sessions, Time now);
  /// nas: with the reconfiguration; empty: none.
  void release_sessions(std::vector<unsigned> pdu_sessions, Octets nas, Time now);
  void release(Time now);

  void tick(Time now);
  [[nodiscard]] std::vector<GnbAction> take_actions() { return std::exchange(actions_, {}); }

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_security_active() const { return is_ciphering_active_; }
  [[nodiscard]] const GnbRrcCounters& counters() const { return counters_; }

private:
  enum class Procedure : std::uint8_t { none, setup, security_mode, capability, reconfiguration };
  struct ReleaseSessions {
    std::vector<unsigned> pdu_sessions;
    Octets nas;
  };
  using Job = std::variant<ContextRequest, std::vector<SessionRequest>, ReleaseSessions>;
  struct Drb {
    unsigned identity = 1;
    unsigned pdu_session = 1;
  };

  [[nodiscard]] RlcMode mode_of(const SessionRequest& session) const;
  void act(GnbAction action);
  void begin(Procedure procedure, Time now);
  void fail(GnbRrcFailure cause);
  template <class Message>
  void send(unsigned srb, const Message& message);
  [[nodiscard]] bool answers(Procedure procedure, unsigned transaction);
  void add_job(Job job, Time now);
  void next_job(Time now);
  void start_security_mode(const ContextRequest& request, Time now);
  void start_sessions(const std::vector<SessionRequest>& sessions, Time now);
  void start_release(const ReleaseSessions& release, Time now);
  void flush_nas();
  void on_setup_complete(const void* message, Time now);
  void on_capability(const void* message, Time now);
  void on_security_complete(Time now);
  void start_context_sessions(Time now);
  void on_reconfiguration_complete(Time now);
  void end_job(Time now);

  nr::Cell cell_;
  nr::UeConfig ue_;
  GnbRrcConfig config_;
  State state_ = State::idle;
  Procedure procedure_ = Procedure::none;
  std::optional<Time> deadline_;
  unsigned transaction_ = 0;
  unsigned establishment_cause_ = 3;
  std::optional<std::uint64_t> s_tmsi_part1_;
  AsSecurity security_;
  bool is_integrity_active_ = false;
  bool is_ciphering_active_ = false;
  bool has_srb2_ = false;
  std::deque<Job> jobs_;                 ///< the first is under way where `procedure_` says so
  std::vector<SessionResult> results_;
  std::vector<Drb> drbs_;
  std::deque<Octets> waiting_nas_;       ///< while security changes
  std::vector<GnbAction> actions_;
  GnbRrcCounters counters_;
};

}  // namespace ravi::rrc
