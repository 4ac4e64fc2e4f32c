#pragma once
// The UE's RRC: cell selection's last word, connection, security, capability, reconfiguration, release, radio link monitoring.
// TS 38.331 §5.2.2.4, §5.3, §5.6, §5.7; TS 38.304 §5.3.
//
// Left out on purpose: re-establishment. Wherever it would begin, the UE goes to idle and says why; NAS connects again.

#include "radio/result.h"
#include "stack/nr/cell.h"
#include "stack/rrc/access_control.h"
#include "stack/rrc/rrc_action.h"

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ravi::rrc {

struct UeRrcConfig {
  std::vector<nr::Plmn> plmns{nr::Plmn{}};       ///< that the UE may use; empty: any
  AlgorithmSet algorithms;
  std::vector<unsigned> bands{1, 3, 40, 78};     ///< told in the capability
  std::uint8_t access_identities = 0;            ///< bits 6..0: 1, 2, 11..15, TS 24.501 Table 4.5.2.1; 0: access identity 0
  std::uint64_t seed = 1;                        ///< of the random identity and of access control
};

enum class CellVerdict : std::uint8_t { suitable, barred, reserved, wrong_plmn };

/// May the UE camp on it? TS 38.304 §5.3.1.
[[nodiscard]] CellVerdict judge(const UeRrcConfig& config, const nr::Cell& cell, bool is_reserved);

enum class ReleaseReason : std::uint8_t {
  released,                 ///< RRCRelease
  rejected,                 ///< RRCReject: not again before `wait`
  t300_expired,
  radio_link_failure,       ///< T310, random access or RLC while connected
  integrity_failure,
  setup_failure,            ///< RRCSetup asks for what is not built
  security_failure,         ///< SecurityModeCommand refused after it had been answered with SecurityModeFailure
  reconfiguration_failure,  ///< RRCReconfiguration asks for what is not built
  aborted,                  ///< by NAS
};

/// The connection is there (RRCSetupComplete is on its way).
struct Connected {};
/// Idle again: release RLC, PDCP and MAC's dedicated configuration.
struct Released {
  ReleaseReason reason = ReleaseReason::released;
  Time wait{0};
};
/// Activate the integrity of `security` on SRB1 and check the SecurityModeCommand just given with it; then `on_security_verified`.
struct VerifySecurity {
  AsSecurity security;
};
/// The cell holds accesses of this kind back: the request waits, and goes on by itself after `AccessAlleviated`. TS 38.331 §5.3.14.
struct AccessBarred {};
struct AccessAlleviated {};
/// Somebody is paged, perhaps this UE: NAS knows.
struct Paged {
  std::uint64_t ng_5g_s_tmsi = 0;
};
using UeAction = std::variant<SendSdu, AddBearer, RemoveBearer, ConfigureUe, VerifySecurity, ActivateSecurity, DeliverNas, Connected, Released,
                              AccessBarred, AccessAlleviated, Paged>;

struct UeRrcCounters {
  std::uint64_t malformed = 0;
  std::uint64_t unexpected = 0;      ///< in no state for it, or without integrity
  std::uint64_t unsupported = 0;
  std::uint64_t dropped_actions = 0;
};

/// One thread. Inputs with the network time, timers by `tick`; after every call the actions, in order.
class UeRrc {
public:
  enum class State : std::uint8_t { idle, connecting, connected };

  explicit UeRrc(UeRrcConfig config);

  /// The cell the UE camps on, from its MIB and SIB1. Only while idle.
  void camp_on(const nr::Cell& cell);
  /// cause: EstablishmentCause's number. False: not idle, no cell, or the wait after a reject is not over. True and the action
  /// `AccessBarred`: it waits.
  bool connect(Octets nas, unsigned cause, std::optional<std::uint64_t> ng_5g_s_tmsi, Time now);
  /// MAC's contention resolution gives the C-RNTI before RRCSetup is delivered.
  void set_c_rnti(nr::Rnti rnti) { ue_.c_rnti = rnti; }
  void on_ccch(std::span<const std::uint8_t> sdu, Time now);
  void on_dcch(std::span<const std::uint8_t> sdu, bool is_integrity_verified, Time now);
  /// Only while idle.
  void on_pcch(std::span<const std::uint8_t> message);
  void on_security_verified(bool is_right);
  /// From NAS, once it has a security context; before the SecurityModeCommand comes.
  void set_k_gnb(const security::Key256& k_gnb) { k_gnb_ = k_gnb; }
  /// False: not connected.
  bool send_nas(Octets nas);
  void abort();

  // -- from lower layers -----------------------------------------------------------------------------------------------
  void on_random_access_problem();
  /// The cell the UE camped on is no longer there: idle until `camp_on`.
  void on_cell_lost();
  void on_max_retransmissions() { end_if_connected(ReleaseReason::radio_link_failure); }
  void on_integrity_failure() { end_if_connected(ReleaseReason::integrity_failure); }
  /// Of the radio link, evaluated every 10 ms or so. TS 38.331 §5.3.10.
  void on_out_of_sync(Time now);
  void on_in_sync();
  void tick(Time now);

  [[nodiscard]] std::vector<UeAction> take_actions() { return std::exchange(actions_, {}); }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_security_active() const { return is_security_active_; }
  [[nodiscard]] const nr::UeConfig& ue_config() const { return ue_; }
  [[nodiscard]] const UeRrcCounters& counters() const { return counters_; }
  /// Why the last RRCSetup or RRCReconfiguration that ended a connection was not obeyed; empty: none.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] bool is_t310_running() const { return t310_.has_value(); }

private:
  void act(UeAction action);
  template <class Message>
  void send(unsigned srb, const Message& message);
  void end(ReleaseReason reason, Time wait = Time(0));
  void end_if_connected(ReleaseReason reason);
  void on_setup(const void* message);
  void on_security_mode_command(const void* message);
  void on_reconfiguration(const void* message);
  void on_capability_enquiry(const void* message);
  /// Bearers and cell group of a message; an error leaves all as it was.
  [[nodiscard]] Result<void> apply(std::span<const std::uint8_t> cell_group, const void* radio_bearers);

  UeRrcConfig config_;
  std::mt19937_64 random_;
  State state_ = State::idle;
  std::optional<nr::Cell> cell_;
  nr::UeConfig ue_;
  Octets initial_nas_;
  std::optional<std::uint64_t> s_tmsi_;
  AccessControl access_;
  struct Request {
    Octets nas;
    unsigned cause = 0;
    std::optional<std::uint64_t> ng_5g_s_tmsi;
  };
  std::optional<Request> barred_;        ///< waits for T390
  std::optional<security::Key256> k_gnb_;
  struct PendingSecurity {
    AsSecurity security;
    unsigned transaction = 0;
  };
  std::optional<PendingSecurity> pending_security_;
  bool is_security_active_ = false;
  bool has_srb2_ = false;
  std::optional<Time> t300_;
  std::optional<Time> t302_;
  std::optional<Time> t310_;
  std::optional<Time> release_at_;       ///< RRCRelease is carried out a little later, so that RLC can acknowledge it
  unsigned num_out_of_sync_ = 0;
  unsigned num_in_sync_ = 0;
  std::vector<UeAction> actions_;
  std::string refusal_;
  UeRrcCounters counters_;
};

}  // namespace ravi::rrc
