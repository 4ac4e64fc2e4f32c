#pragma once
// The access and mobility function: NG interface, registration, authentication, NAS security, connections. TS 24.501 §5,
// TS 38.413 §8, TS 33.501 §6.

#include "stack/core/smf.h"
#include "stack/core/subscribers.h"
#include "stack/nas/codec.h"
#include "stack/nas/nas_security.h"
#include "stack/nas/timer.h"
#include "stack/ngap/codec.h"
#include "stack/ngap/n2_link.h"
#include "stack/security/suci.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::core {

/// A key pair's half of the home network, with which it reveals what a SUCI conceals. TS 33.501 §C.3.
struct HomeNetworkKey {
  std::uint8_t id = 1;                  ///< as the USIM names it, 1..255
  security::SuciScheme scheme = security::SuciScheme::profile_a;
  security::Key256 private_key;
};

struct AmfConfig {
  std::string name = "ravi-amf";
  nas::Plmn plmn;
  std::uint32_t tac = 1;                ///< the one tracking area
  std::uint8_t region = 2;
  std::uint16_t set = 1;
  std::uint8_t pointer = 0;
  std::vector<ngap::Slice> slices{{}};  ///< what gNBs may offer; at most 8
  /// In order of preference; the first that the UE has too.
  std::vector<security::CipheringAlgorithm> ciphering{security::CipheringAlgorithm::nea2, security::CipheringAlgorithm::nea0};
  std::vector<security::IntegrityAlgorithm> integrity{security::IntegrityAlgorithm::nia2};
  std::chrono::seconds t3512{std::chrono::minutes(54)};
  ngap::Ambr ue_ambr{1'000'000'000, 1'000'000'000};
  std::size_t max_ues = 1024;
  std::string network_name;             ///< what phones show; empty: they are told none
  std::string short_network_name;       ///< where there is little room
  std::vector<HomeNetworkKey> home_network_keys;
};

struct AmfCounters {
  std::uint64_t malformed_ngap = 0;
  std::uint64_t malformed_nas = 0;
  std::uint64_t integrity_failures = 0;    ///< wrong MAC, or replayed
  std::uint64_t unprotected = 0;           ///< plain where only protected ones are processed, TS 24.501 §4.4.4.3
  std::uint64_t unexpected = 0;            ///< in no state that asks for it
  std::uint64_t unknown_ue = 0;            ///< NGAP for an association that is not there
  std::uint64_t error_indications = 0;     ///< received
  std::uint64_t authentications = 0;       ///< completed
  std::uint64_t authentication_failures = 0;
  std::uint64_t resynchronizations = 0;
  std::uint64_t registrations = 0;         ///< completed
  std::uint64_t implicit_detaches = 0;
  std::uint64_t configuration_updates = 0; ///< sent
};

/// Makes each RAND. Seeded for repeatable runs.
using RandSource = std::function<security::Rand()>;
/// From a seeded generator: for tests and simulated networks, not for keeping secrets.
[[nodiscard]] RandSource seeded_rand(std::uint64_t seed);

/// Several gNBs, one thread. Time is the caller's and only goes forward. May allocate.
class Amf {
public:
  /// TS 24.501 Table 10.2.2.
  static constexpr NasTime kRetransmission{6'000};   ///< T3522, T3550, T3555, T3560, T3570
  static constexpr NasTime kT3513{6'000};            ///< paging
  static constexpr unsigned kMaxTransmissions = 5;
  static constexpr NasTime kReleaseWait{10'000};     ///< for UE Context Release Complete

  /// The others outlive this.
  Amf(AmfConfig config, Subscribers& subscribers, Smf& smf, RandSource random);
  ~Amf();
  Amf(const Amf&) = delete;
  Amf& operator=(const Amf&) = delete;

  /// Another gNB's link; it outlives this.
  void attach(ngap::N2Link& link);
  /// The link is gone, or is to go: its UEs are no longer connected.
  void detach(const ngap::N2Link& link);
  void run(NasTime now);

  /// Downlink waits for an idle UE.
  void page(const std::string& imsi);
  /// Network-initiated deregistration. False: not registered.
  bool deregister(const std::string& imsi);

  enum class UeState : std::uint8_t { deregistered, registering, registered };
  struct UeEntry {
    std::string imsi;        ///< empty: not known yet
    UeState state = UeState::deregistered;
    bool is_connected = false;
    std::optional<nas::Guti> guti;
    std::string imeisv;      ///< empty: not told
  };
  [[nodiscard]] std::vector<UeEntry> ues() const;
  [[nodiscard]] std::size_t num_established_gnbs() const;
  [[nodiscard]] const AmfCounters& counters() const { return counters_; }

  /// Called with each NGAP message, for traces.
  std::function<void(bool is_uplink, std::span<const std::uint8_t> message)> trace;
  /// Called with each NAS message: uplink deciphered, downlink before it is ciphered.
  std::function<void(bool is_uplink, std::uint64_t amf_ue_id, std::span<const std::uint8_t> plain)> nas_trace;

  /// Universal time and local time zone, for UEs to set their clocks by; not set: they are told none.
  std::function<nas::UniversalTime()> clock;

private:
  enum class Step : std::uint8_t { none, identification, authentication, security_mode, accepting, updating, deregistering };
  enum class Protection : std::uint8_t { none, checked };

  struct Gnb {
    ngap::N2Link* link = nullptr;   ///< null: detached, the place is free
    bool is_established = false;
  };
  struct Connection {
    std::size_t gnb = 0;
    ngap::UeIds ids;
    bool has_context = false;     ///< the gNB was asked to set up its security
    bool is_releasing = false;
    nas::Timer release_timer;
  };
  struct Challenge {
    security::AuthenticationVector vector;
    nas::KeySet key_set;
  };
  /// A request that an answer is due to; sent again when its timer expires.
  struct Outstanding {
    nas::MmMessage message;
    nas::SecurityHeader header = nas::SecurityHeader::plain;
    nas::Timer timer;
    unsigned num_transmissions = 0;
  };
  struct Ue {
    std::optional<Connection> connection;
    UeState state = UeState::deregistered;
    Step step = Step::none;
    std::string imsi;
    std::optional<nas::Guti> guti;
    std::optional<nas::Guti> old_guti;         ///< valid until the new one is confirmed
    std::optional<nas::NasSecurity> security;
    std::optional<Challenge> challenge;
    unsigned num_sync_failures = 0;
    nas::UeSecurityCapability capability;
    std::string imeisv;
    std::optional<nas::RegistrationRequest> registration;
    std::optional<Outstanding> outstanding;
    nas::Octets radio_capability;
    nas::Timer reachable;                      ///< mobile reachable timer, while idle
    nas::Timer paging;
    unsigned num_pages = 0;
    bool is_due_new_guti = false;              ///< it answered a page; its context is being set up
    bool is_gone = false;                      ///< erased at the end of this `run`
  };

  // amf.cpp: NGAP
  void send(std::size_t gnb, const ngap::Message& message);
  void receive(std::size_t gnb, std::span<const std::uint8_t> octets);
  void send_error(std::size_t gnb, const ngap::UeIds& ids, const ngap::Cause& cause);
  [[nodiscard]] Ue* find(std::size_t gnb, const ngap::UeIds& ids);
  void lose(std::size_t gnb);
  void disconnect(Ue& ue);
  void release(Ue& ue, const ngap::Cause& cause);
  void erase_gone();
  void take_resources(Ue* ue, const std::vector<ngap::SessionAdmitted>& admitted, const std::vector<ngap::SessionCause>& failed);
  void run_timers(Ue& ue);
  void on(std::size_t gnb, const ngap::NgSetupRequest& request);
  void on(std::size_t gnb, const ngap::InitialUeMessage& message);
  void on(std::size_t gnb, const ngap::UplinkNasTransport& message);
  void on(std::size_t gnb, const ngap::InitialContextSetupResponse& response);
  void on(std::size_t gnb, const ngap::InitialContextSetupFailure& failure);
  void on(std::size_t gnb, const ngap::SessionSetupResponse& response);
  void on(std::size_t gnb, const ngap::UeContextReleaseRequest& request);
  void on(std::size_t gnb, const ngap::UeContextReleaseComplete& complete);
  void on(std::size_t gnb, const ngap::UeRadioCapabilityInfoIndication& indication);
  void on(std::size_t gnb, const ngap::NgReset& reset);
  void on(std::size_t gnb, const ngap::ErrorIndication& error);
  template <class Other>
  void on(std::size_t gnb, const Other& message);

  // amf_nas.cpp: NAS in and out, identification, authentication, security mode
  void receive_initial_nas(Ue& newcomer, std::span<const std::uint8_t> nas);
  void receive_nas(Ue& ue, std::span<const std::uint8_t> nas);
  void receive_plain(Ue& ue, std::span<const std::uint8_t> plain, Protection protection);
  void trace_nas(bool is_uplink, const Ue& ue, std::span<const std::uint8_t> plain) const;
  void dispatch(Ue& ue, const nas::MmMessage& message, Protection protection);
  [[nodiscard]] nas::Octets protect(Ue& ue, const nas::MmMessage& message, nas::SecurityHeader header);
  void send_nas(Ue& ue, const nas::MmMessage& message,
                nas::SecurityHeader header = nas::SecurityHeader::integrity_ciphered);
  void send_and_wait(Ue& ue, Step step, const nas::MmMessage& message, nas::SecurityHeader header);
  void finish(Ue& ue, Step step);
  [[nodiscard]] std::optional<std::string> reveal(const nas::Suci& suci) const;
  void identify(Ue& ue);
  void challenge(Ue& ue);
  void reject_authentication(Ue& ue);
  void command_security_mode(Ue& ue);
  void on(Ue& ue, const nas::IdentityResponse& response);
  void on(Ue& ue, const nas::AuthenticationResponse& response);
  void on(Ue& ue, const nas::AuthenticationFailure& failure);
  void on(Ue& ue, const nas::SecurityModeComplete& complete);
  void on(Ue& ue, const nas::SecurityModeReject& reject);

  // amf_registration.cpp: registration, deregistration, service request, transport
  [[nodiscard]] Ue* find(const nas::STmsi& s_tmsi);
  void on(Ue& ue, const nas::RegistrationRequest& request, Protection protection);
  void accept_registration(Ue& ue);
  [[nodiscard]] nas::RegistrationAccept registration_accept(const Ue& ue, const SubscriberData& subscriber,
                                                            const nas::RegistrationRequest& request) const;
  void reject_registration(Ue& ue, nas::MmCause cause);
  void set_up_context(Ue& ue, nas::Octets nas, std::vector<ngap::SessionSetup> sessions);
  [[nodiscard]] std::vector<ngap::SessionSetup> reconcile(Ue& ue, const std::optional<nas::PduSessionSet>& status,
                                                          const std::optional<nas::PduSessionSet>& wanted);
  void detach_others(const Ue& ue);
  [[nodiscard]] nas::Guti new_guti();
  [[nodiscard]] ngap::Guami guami() const;
  void on(Ue& ue, const nas::RegistrationComplete& complete);
  void tell_name_and_time(Ue& ue);
  void reallocate_guti(Ue& ue);
  void on(Ue& ue, const nas::ConfigurationUpdateComplete& complete);
  void on(Ue& ue, const nas::ServiceRequest& request, Protection protection);
  void on(Ue& ue, const nas::DeregistrationRequestUe& request, Protection protection);
  void on(Ue& ue, const nas::DeregistrationAcceptNetwork& accept);
  void on(Ue& ue, const nas::UplinkNasTransport& transport);
  void send_back(Ue& ue, const nas::UplinkNasTransport& transport, nas::MmCause cause);
  void send_session(Ue& ue, std::uint8_t id, const SmReply& reply);

  AmfConfig config_;
  Subscribers& subscribers_;
  Smf& smf_;
  RandSource random_;
  NasTime now_{0};
  std::vector<Gnb> gnbs_;
  std::vector<std::unique_ptr<Ue>> ues_;
  std::uint64_t next_amf_ue_id_ = 1;
  std::uint32_t next_tmsi_ = 0xC000'0001;
  AmfCounters counters_;
};

}  // namespace ravi::core
