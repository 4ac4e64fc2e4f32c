#pragma once
// The UE's non-access stratum: registration, authentication, security mode, sessions, service request, deregistration.
// TS 24.501 §5, §6. A state machine without input or output of its own: inputs are calls, what comes of them are actions.

#include "stack/nas/codec.h"
#include "stack/nas/nas_security.h"
#include "stack/nas/timer.h"
#include "stack/nas/ue_actions.h"
#include "stack/nas/ue_sessions.h"
#include "stack/nas/usim.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace ravi::nas {

/// All of NEA0..3 and NIA1..3.
[[nodiscard]] UeSecurityCapability default_security_capability();

struct UeNasConfig {
  UsimConfig usim;
  std::string imeisv = "0000000000000000";    ///< 16 digits
  UeSecurityCapability security_capability = default_security_capability();
  Octets mm_capability = {0x00};              ///< 5GMM capability, TS 24.501 §9.11.3.1
  std::optional<std::uint8_t> update_type;    ///< 5GS update type, §9.11.3.9A
  std::optional<Nssai> requested_nssai;
  bool has_follow_on = true;                  ///< keep the connection after registration
  std::vector<SessionConfig> sessions = {{}}; ///< asked for after every initial registration
  std::uint64_t random_seed = 1;              ///< of ephemeral SUCI keys
};

/// What came in and was not used.
struct UeNasCounters {
  std::uint64_t malformed = 0;           ///< not decodable
  std::uint64_t integrity_failures = 0;  ///< wrong MAC, or replayed
  std::uint64_t unprotected = 0;         ///< plain where only protected ones are processed, §4.4.4.2
  std::uint64_t unexpected = 0;          ///< no procedure waits for it
};

inline constexpr Time kT3510{15'000};    ///< of a registration. Table 10.2.1
inline constexpr Time kT3517{15'000};    ///< of a service request

/// One UE; one thread. Time is the caller's (sample time), given with `tick`, and only goes forward. May allocate.
class UeNas {
public:
  enum class State : std::uint8_t { deregistered, registering, registered, requesting_service, deregistering };

  explicit UeNas(UeNasConfig config);

  /// Registers in the selected cell's PLMN; forgets failures before.
  void start(const Plmn& serving);
  /// §5.5.2.2. Switching off asks for no answer.
  enum class Deregistration : std::uint8_t { normal, switch_off };
  void deregister(Deregistration kind);
  std::optional<std::uint8_t> establish_session(const SessionConfig& config);
  bool release_session(std::uint8_t id);
  /// User data waits while idle. §5.6.1.
  void request_service();
  /// The UE's identity was in a paging message. §5.6.2.2.
  void paged(const STmsi& identity);

  void downlink_nas(std::span<const std::uint8_t> message);
  void connection_established();
  void connection_failed();
  /// The connection asked for has to wait, and no longer: the procedure's timer stands still meanwhile. §5.5.1.2.7 a), §5.6.1.7 a)
  void access_barred();
  void access_alleviated();
  /// By the network, or because the cell was lost; after a loss `start` tells of the next cell.
  void connection_released();
  void tick(Time now);

  /// What is to be done, in order; at most a few dozen after any one input.
  [[nodiscard]] std::vector<UeAction> take_actions();

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_connected() const { return connection_ == Connection::connected; }
  [[nodiscard]] const std::optional<Guti>& guti() const { return guti_; }
  [[nodiscard]] PduSessionSet active_sessions() const { return sessions_.active(); }
  [[nodiscard]] const UeNasCounters& counters() const { return counters_; }
  /// Called with each NAS message: downlink deciphered, uplink before it is ciphered (initial messages as they are sent, with what
  /// they may not show ciphered within).
  std::function<void(bool is_uplink, std::span<const std::uint8_t> plain)> trace;

private:
  enum class Connection : std::uint8_t { idle, requested, connected };
  enum class Protection : std::uint8_t { none, checked };

  // ue_nas.cpp: in and out
  void dispatch(const MmMessage& message, Protection protection);
  void receive_plain(std::span<const std::uint8_t> plain, Protection protection);
  void send(const MmMessage& message);
  void send_initial(const Octets& nas, EstablishmentCause cause);
  void send_waiting();
  void take_from_sessions();
  void use_as_key();

  // ue_registration.cpp
  void begin_registration(RegistrationType type);
  [[nodiscard]] RegistrationRequest registration_request(RegistrationType type, const MobileIdentity& identity) const;
  [[nodiscard]] std::optional<Suci> concealed_identity();
  [[nodiscard]] std::optional<MobileIdentity> own_identity();
  void abandon_registration(std::optional<MmCause> cause);
  void give_up(std::optional<MmCause> cause, std::optional<Time> retry_after);
  void forget_network();
  void on(const RegistrationAccept& accept);
  void on_reject(MmCause cause, std::optional<Time> back_off, Protection protection);
  void adopt(const std::optional<MobileIdentity>& identity);

  // ue_authentication.cpp
  void on(const AuthenticationRequest& request);
  void on_authentication_reject(Protection protection);
  void on_security_mode_command(const ProtectedNas& parts);
  [[nodiscard]] std::optional<MmCause> check(const SecurityModeCommand& command) const;
  void complete_security_mode(const SecurityModeCommand& command);
  void on(const IdentityRequest& request, Protection protection);
  void distrust_network();

  // ue_service.cpp
  void begin_service(ServiceType type, EstablishmentCause cause);
  void abandon_service();
  void count_failed_service();
  void on(const ServiceAccept& accept);
  void on_service_reject(const ServiceReject& reject, Protection protection);
  void send_deregistration(Deregistration kind);
  void end_deregistration();
  void on(const DeregistrationRequestNetwork& request);
  void on(const ConfigurationUpdateCommand& command);
  void on(const DownlinkNasTransport& transport);

  UeNasConfig config_;
  Usim usim_;
  UeSessions sessions_;
  std::mt19937_64 random_;
  Time now_{0};
  State state_ = State::deregistered;
  Connection connection_ = Connection::idle;
  std::vector<UeAction> actions_;
  std::vector<UplinkNasTransport> waiting_;  ///< for a connection
  UeNasCounters counters_;

  // -- identity and place
  Plmn serving_;
  std::optional<Guti> guti_;
  std::optional<Suci> suci_;                 ///< while T3519 runs
  std::optional<TaiList> tai_list_;
  std::optional<Nssai> allowed_nssai_;

  // -- security
  std::optional<NasSecurity> security_;
  bool is_secure_ = false;                   ///< protected messages are exchanged on this connection
  struct PendingKey {
    KeySet key_set;
    security::Key256 k_amf;
    security::Rand rand{};
    security::ResStar res_star{};
  };
  std::optional<PendingKey> pending_key_;    ///< authenticated, not yet in use
  unsigned num_authentication_failures_ = 0;
  Octets initial_message_;                   ///< the last one, complete, for Security Mode Complete
  bool is_initial_cut_ = false;              ///< it went without security, and so without some of its IEs

  // -- procedures
  RegistrationType registration_type_ = RegistrationType::initial;
  unsigned num_registration_attempts_ = 0;
  unsigned num_service_attempts_ = 0;
  unsigned num_deregistration_attempts_ = 0;
  bool registers_after_release_ = false;
  std::optional<Time> periodic_update_{std::chrono::minutes(54)};  ///< T3512
  Time t3502_value_{std::chrono::minutes(12)};
  Timer t3510_, t3512_, t3517_, t3519_, t3520_, t3521_;
  Timer retry_;                              ///< T3511, T3502, T3346 or T3247: then registration begins again
  Timer t3525_;                              ///< no service request before
};

}  // namespace ravi::nas
