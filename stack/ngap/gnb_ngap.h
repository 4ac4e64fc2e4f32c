#pragma once
// The gNB's end of NGAP: NG setup, one association a UE, and the procedures between. TS 38.413 §8. Inputs are calls; what the
// gNB has to do comes out as events.

#include "stack/ngap/codec.h"
#include "stack/ngap/n2_link.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace ravi::ngap {

/// Since when it began, in sample time.
using Time = std::chrono::milliseconds;

struct GnbNgapConfig {
  Plmn plmn;
  std::uint32_t gnb_id = 1;
  unsigned gnb_id_bits = 22;            ///< 22..32
  std::string name = "ravi";
  std::uint32_t tac = 1;
  std::uint64_t nr_cell_identity = 1;   ///< 36 bits
  std::vector<Slice> slices{{}};
  std::size_t max_ues = 1024;
};

// -- events -----------------------------------------------------------------------------------------------------------

struct NgEstablished {
  std::string amf_name;
  std::vector<Guami> guamis;
};
/// Will be tried again at `retry_at`.
struct NgSetupRefused {
  Cause cause;
  Time retry_at{0};
};
/// The link or the interface is gone; all UEs come as `ReleaseUe` before it.
struct NgLost {};
/// Release the UE's radio and memory, then call `context_released`.
struct ReleaseUe {
  std::uint32_t ran_ue_id = 0;
  Cause cause;
};
/// The requests come as they are in messages.h; `ids.ran` names the UE. Answer `InitialContextSetupRequest` by `context_set_up` or
/// `context_failed`, `SessionSetupRequest` by `sessions_set_up`, `SessionReleaseCommand` by `sessions_released`.
using GnbEvent = std::variant<NgEstablished, NgSetupRefused, NgLost, DownlinkNasTransport, InitialContextSetupRequest,
                              SessionSetupRequest, SessionReleaseCommand, ReleaseUe, Paging>;

struct GnbNgapCounters {
  std::uint64_t malformed = 0;          ///< not decodable, or of no procedure of ours
  std::uint64_t unknown_ue = 0;         ///< for an association that is not there
  std::uint64_t unexpected = 0;         ///< in no state that asks for it
  std::uint64_t error_indications = 0;  ///< received
  std::uint64_t events_dropped = 0;
};

/// One gNB and one AMF; one thread. May allocate.
class GnbNgap {
public:
  static constexpr Time kSetupWait{5'000};     ///< for an answer to NG Setup, and between attempts if the AMF names no time
  static constexpr std::size_t kMaxEvents = 4096;

  /// `link` outlives this.
  GnbNgap(GnbNgapConfig config, N2Link& link);

  /// Receives, and runs the timers: NG Setup goes out at the first call on a link that is up, and again after a failure.
  void run(Time now);
  [[nodiscard]] std::vector<GnbEvent> take_events();
  [[nodiscard]] bool is_established() const { return state_ == State::established; }

  /// A UE's first NAS message; its RAN UE NGAP ID from here on. Empty: no AMF, or too many UEs.
  struct InitialUe {
    Octets nas;
    EstablishmentCause cause = EstablishmentCause::mo_signalling;
    std::optional<STmsi> s_tmsi;
  };
  [[nodiscard]] std::optional<std::uint32_t> initial_ue(const InitialUe& ue);

  // Each is false if the UE has no association at both ends (yet, or any more).
  bool uplink_nas(std::uint32_t ran_ue_id, std::span<const std::uint8_t> nas);
  bool nas_not_delivered(std::uint32_t ran_ue_id, std::span<const std::uint8_t> nas, const Cause& cause);
  bool context_set_up(std::uint32_t ran_ue_id, std::vector<SessionAdmitted> admitted, std::vector<SessionCause> failed);
  bool context_failed(std::uint32_t ran_ue_id, const Cause& cause, std::vector<SessionCause> failed);
  bool sessions_set_up(std::uint32_t ran_ue_id, std::vector<SessionAdmitted> admitted, std::vector<SessionCause> failed);
  bool sessions_released(std::uint32_t ran_ue_id, std::vector<std::uint8_t> sessions);
  bool radio_capability(std::uint32_t ran_ue_id, std::span<const std::uint8_t> capability);
  /// Asks the AMF to release: `ReleaseUe` follows. A UE that the AMF has not answered yet is released at once.
  bool request_release(std::uint32_t ran_ue_id, const Cause& cause, std::vector<std::uint8_t> active_sessions);
  /// After `ReleaseUe`. `sessions`: those that there were.
  void context_released(std::uint32_t ran_ue_id, std::vector<std::uint8_t> sessions);

  /// NG Reset of everything (after an own fault). All UEs come as `ReleaseUe`.
  void reset(const Cause& cause);

  [[nodiscard]] std::size_t num_ues() const { return ues_.size(); }
  [[nodiscard]] const GnbNgapCounters& counters() const { return counters_; }
  /// Called with each message, as sent and as received, for traces.
  std::function<void(bool is_uplink, std::span<const std::uint8_t> message)> trace;

private:
  enum class State : std::uint8_t { down, waiting, asked, established };
  struct Ue {
    std::optional<std::uint64_t> amf_ue_id;
    bool is_releasing = false;
    bool owes_complete = false;   ///< the AMF commanded the release
  };

  void send(const Message& message);
  void send_setup(Time now);
  void report(GnbEvent event);
  void release_all(const Cause& cause);
  [[nodiscard]] std::optional<UeIds> ids_of(std::uint32_t ran_ue_id) const;
  /// The association that a downlink message is for; else an Error Indication goes out. §10.6.
  [[nodiscard]] Ue* find(const UeIds& ids);
  void send_error(const UeIds& ids, const Cause& cause);
  [[nodiscard]] Location location() const;

  void on(const NgSetupResponse& response);
  void on(const NgSetupFailure& failure);
  void on(const UeContextReleaseCommand& command);
  void on(const NgReset& reset);
  void on(const AmfConfigurationUpdate& update);
  void on(const Paging& paging) { report(paging); }
  void on(const ErrorIndication& error);
  void on(const NgResetAcknowledge&) {}
  template <class Other>
  void on(const Other& message);

  GnbNgapConfig config_;
  N2Link& link_;
  Time now_{0};
  State state_ = State::down;
  Time deadline_{0};              ///< of `waiting` and `asked`
  std::map<std::uint32_t, Ue> ues_;
  std::uint32_t next_ran_ue_id_ = 1;
  std::vector<GnbEvent> events_;
  GnbNgapCounters counters_;
};

}  // namespace ravi::ngap
