#pragma once
// The gNB: modem, radio bearers, RRC a UE, NGAP and GTP-U joined. One slot engine for `SlotLoop`, on its thread, in two turns a slot:
// user plane and air, which samples wait for and which allocate nothing; then RRC's and NGAP's procedures.

#include "radio/result.h"
#include "radio/slot_loop.h"
#include "radio/units.h"
#include "stack/bearer/bearers.h"
#include "stack/gnb/gnb_modem.h"
#include "stack/ngap/gnb_ngap.h"
#include "stack/ngap/n2_link.h"
#include "stack/ngap/n3_link.h"
#include "stack/pcap/tap.h"
#include "stack/rlc/sdu_queue.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/gnb_rrc.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ravi::gnb {

/// Network time: of the radio's samples.
using Time = std::chrono::milliseconds;

struct GnbConfig {
  nr::Cell cell;
  SampleRate rate;
  std::int64_t lead = 2;             ///< slots: SlotLoop's, from the uplink received to the downlink made
  mac::SchedulerConfig scheduler;
  rrc::GnbRrcConfig rrc;
  rrc::UeConfigOptions ue;
  ngap::GnbNgapConfig ngap;          ///< PLMN, TAC and cell identity are taken from the cell
  pcap::Tap* tap = nullptr;          ///< what passes is recorded there; it outlives the gNB
  Time silence{3'000};               ///< a UE with periodic reports that was not heard for so long is lost
  std::optional<Time> inactivity;    ///< a UE without a packet for so long is sent to idle; nothing: never
};

struct GnbCounters {
  std::uint64_t ues = 0;             ///< that began a connection
  std::uint64_t rejected = 0;        ///< no room, or a first message that is none
  std::uint64_t lost_ues = 0;        ///< whose radio link failed
  std::uint64_t inactive_ues = 0;    ///< sent to idle
  std::uint64_t pages = 0;           ///< UEs that the core asked for on the air
  std::uint64_t gaps = 0;            ///< in the radio's samples
  std::uint64_t uplink_packets = 0;
  std::uint64_t downlink_packets = 0;
  std::uint64_t dropped_packets = 0; ///< no such tunnel, or a full queue
  std::uint64_t dropped_signalling = 0;  ///< PDUs of SRBs and CCCH: more in one slot than there is room for
};

/// One UE at one moment. Totals since it began its connection.
struct UeStatistics {
  nr::Rnti rnti;
  std::optional<std::uint32_t> ran_ue_id;  ///< nothing: the core does not know it yet
  bool is_connected = false;               ///< RRC
  bool has_session = false;                ///< a PDU session's bearer stands
  unsigned cqi = 0;                        ///< last reported; 0: none, or out of range
  float uplink_snr_db = 0.0F;              ///< of the last PUSCH
  std::size_t downlink_waiting = 0;        ///< octets
  std::size_t uplink_waiting = 0;          ///< as the UE reported, less what was granted since
  mac::LinkCounters downlink;
  mac::LinkCounters uplink;
  std::uint64_t downlink_packets = 0;      ///< of IP, taken from the core
  std::uint64_t uplink_packets = 0;        ///< given to it
  std::uint64_t scheduling_requests = 0;
};
inline constexpr std::size_t kMaxUes = 64;
using UeStatisticsList = nr::FixedList<UeStatistics, kMaxUes>;

class Gnb {
public:
  /// The links outlive it. `bad_input`: a cell or rate that cannot be.
  [[nodiscard]] static Result<std::unique_ptr<Gnb>> make(const GnbConfig& config, ngap::N2Link& n2, ngap::N3Link& n3);

  /// One slot of the radio, in and out. Slots of the radio are slots of the uplink. Allocates nothing, takes no lock.
  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;
  /// After each slot: what its signalling, the core and the timers ask for. Allocates.
  void run_procedures() noexcept;

  [[nodiscard]] const GnbCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] GnbModem& modem() noexcept { return *modem_; }
  [[nodiscard]] std::size_t num_ues() const noexcept { return ues_.size(); }
  [[nodiscard]] bool has_core() const noexcept { return ngap_.is_established(); }
  /// Every UE that has a context, by age. Between two slots, on their thread; allocates nothing.
  [[nodiscard]] UeStatisticsList ue_statistics() const noexcept;

private:
  /// A PDU session's tunnel.
  struct Session {
    std::uint8_t id = 1;
    ngap::Tunnel uplink;
    std::uint32_t downlink_teid = 0;
    std::vector<std::uint8_t> qfis;
    unsigned drb = 0;
    ngap::Cause refusal = ngap::cause::kRadioResourcesNotAvailable;  ///< where it gets no DRB
  };
  struct Ue {
    nr::Rnti rnti;
    unsigned index = 0;                ///< among the cell's: which PUCCH resources
    std::optional<std::uint32_t> ran_ue_id;
    mac::ContentionResolutionIdentity resolution{};
    rrc::Octets ccch;                  ///< SRB0's answer, until it is sent
    rrc::GnbRrc rrc;
    bearer::Bearers bearers{security::Direction::downlink};
    std::vector<Session> sessions;
    std::uint64_t downlink_packets = 0;
    std::uint64_t uplink_packets = 0;
    std::uint64_t num_heard = 0;       ///< MAC's, when last looked at
    std::uint64_t num_packets = 0;     ///< the same, both ways
    Time last_heard{0};
    Time last_packet{0};
    std::optional<Time> release_asked; ///< of the core, when
    bool is_removed = false;
  };

  Gnb(const GnbConfig& config, std::unique_ptr<GnbModem> modem, ngap::N2Link& n2, ngap::N3Link& n3);

  void begin_ue(const ReceivedSdu& sdu);
  [[nodiscard]] bool take_user_plane(const ReceivedSdu& sdu);
  void deliver(const ReceivedSdu& sdu);
  void drain(Ue& ue, bearer::Bearer& bearer);
  void act(Ue& ue);
  void on(Ue& ue, const rrc::GnbAction& action);
  void on(const ngap::GnbEvent& event);
  void start_sessions(Ue& ue, const std::vector<ngap::SessionSetup>& setups, std::vector<rrc::SessionRequest>& requests);
  void report_sessions(Ue& ue, const std::vector<rrc::SessionResult>& results, bool is_context);
  void add_bearer(Ue& ue, const rrc::BearerConfig& config);
  void page(const ngap::STmsi& s_tmsi);
  void watch(Ue& ue);
  void request_release(Ue& ue, const ngap::Cause& cause);
  void fail_context(Ue& ue, const ngap::Cause& cause);
  void remove_ended();
  void send_uplink_packet(Ue& ue, const bearer::Bearer& bearer, std::span<const std::uint8_t> packet);
  void receive_downlink_packets();
  void fill(const mac::DlTransmission& transmission);
  void record_rrc(pcap::RrcChannel channel, nr::Rnti rnti, std::span<const std::uint8_t> message) noexcept;
  [[nodiscard]] Ue* find(nr::Rnti rnti);
  [[nodiscard]] Ue* find_ran(std::uint32_t ran_ue_id);

  GnbConfig config_;
  std::unique_ptr<GnbModem> modem_;
  ngap::N3Link& n3_;
  ngap::GnbNgap ngap_;
  std::vector<std::unique_ptr<Ue>> ues_;
  std::vector<std::uint64_t> paged_;        ///< 5G-S-TMSIs that wait for their paging occasion
  rlc::SduQueue signalling_;                ///< received, for `run_procedures`; tagged with RNTI and LCID
  std::uint32_t next_teid_ = 1;
  Time now_{0};
  std::optional<std::int64_t> next_index_;  ///< of the slot that should come
  std::array<std::uint8_t, ngap::kMaxDatagram> datagram_{};
  GnbCounters counters_;
};

}  // namespace ravi::gnb
