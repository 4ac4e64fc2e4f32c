#pragma once
// The UE's MAC: random access, HARQ of both directions, scheduling requests, buffer status, and what to send in each slot.
// TS 38.321 §5; TS 38.213 §8, §9.
//
// Like the gNB's scheduler it decides and carries no data: the UE gives it DCIs and transport blocks as they are decoded, tells
// it what waits above, asks for a slot's uplink, and fills the transport block that it names. One thread; real time but for
// construction, `configure` and `start`.

#include "stack/mac/link_counters.h"
#include "stack/mac/mac_ce.h"
#include "stack/mac/mac_pdu.h"
#include "stack/mac/rar.h"
#include "stack/nr/cell.h"
#include "stack/nr/choose_pucch.h"
#include "stack/nr/dci.h"
#include "stack/nr/dci_1.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/scheduled_pusch.h"
#include "stack/nr/slot.h"

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace ravi::mac {

struct UeMacConfig {
  std::uint64_t seed = 1;       ///< of preambles and backoff
  unsigned uplink_lead = 2;     ///< slots from the one just received to the first that can still be planned
};

/// A PDSCH that a DCI has scheduled.
struct UeDownlink {
  enum class Content : std::uint8_t { sib1, paging, rar, ue };
  nr::PdschPdu pdu;
  Content content = Content::ue;
};

struct UePrach {
  std::uint8_t preamble = 0;
  nr::PrachOccasion occasion;
};

struct UePusch {
  nr::PuschPdu pdu;
  nr::Uci uci;
  std::span<std::uint8_t> transport_block;  ///< this MAC's memory, until the HARQ process is used again
  bool is_to_be_filled = false;             ///< new data: control elements and SDUs to be written before it is encoded
  bool is_msg3 = false;
};

struct UePucch {
  nr::PucchPdu pdu;
  nr::Uci uci;
};

/// At most one of each; PUSCH and PUCCH never both.
struct UeUplink {
  std::optional<UePrach> prach;
  std::optional<UePusch> pusch;
  std::optional<UePucch> pucch;
};

enum class RandomAccessState : std::uint8_t { idle, preamble, waits_for_response, waits_for_resolution };

/// Something the layers above must know.
enum class UeMacEvent : std::uint8_t { random_access_succeeded, random_access_failed, scheduling_request_failed };

class UeMac {
public:
  UeMac(const nr::Cell& cell, const UeMacConfig& config);

  /// Begins random access for a CCCH message, which goes out in Msg3 (6 or 8 octets, kept until resolved); or, with a C-RNTI, to
  /// come back in step.
  void start_random_access(std::span<const std::uint8_t> ccch) noexcept;
  void configure(const nr::UeConfig& config) { config_ = config; }
  /// Forgets the C-RNTI, configuration and all processes.
  void reset() noexcept;

  // -- downlink --------------------------------------------------------------------------------------------------------
  /// The RNTI looked for in the RA search space beside the C-RNTI: RA-RNTI within the response window, TC-RNTI after it.
  [[nodiscard]] std::optional<nr::Rnti> common_rnti(nr::Slot slot) const noexcept;
  [[nodiscard]] std::optional<nr::Rnti> c_rnti() const noexcept { return c_rnti_; }

  /// A DCI for this UE. Nothing: it makes no sense, or is a repetition of what is decoded already (it is acknowledged).
  [[nodiscard]] std::optional<UeDownlink> on_dci_1_0(nr::Slot slot, const nr::Dci10& dci, nr::DciRnti kind, nr::Rnti rnti,
                                                     const nr::DciPlace& place) noexcept;
  [[nodiscard]] std::optional<UeDownlink> on_dci_1_1(nr::Slot slot, const nr::Dci11& dci, const nr::DciPlace& place) noexcept;
  void on_dci_0_0(nr::Slot slot, const nr::Dci00& dci, nr::Rnti rnti, const nr::DciPlace& place) noexcept;
  void on_dci_0_1(nr::Slot slot, const nr::Dci01& dci, const nr::DciPlace& place) noexcept;
  /// The outcome of what `on_dci_1_0` or `on_dci_1_1` gave: acknowledged in its slot. `payload` if the CRC is right. RAR and contention
  /// resolution are taken here; SDUs are for the layers above to take out.
  void on_pdsch(nr::Slot slot, const UeDownlink& downlink, bool is_crc_ok, std::span<const std::uint8_t> payload) noexcept;

  // -- uplink ----------------------------------------------------------------------------------------------------------
  /// Octets waiting above by logical channel group; called every slot before `plan_uplink`.
  void set_buffers(const std::array<std::size_t, kNumLogicalChannelGroups>& octets) noexcept { buffers_ = octets; }
  void set_cqi(unsigned cqi) noexcept { cqi_ = cqi; }
  /// Each uplink slot in turn.
  void plan_uplink(nr::Slot slot, UeUplink& uplink) noexcept;
  /// Octets to leave free behind the SDUs of a new transport block for `write_control_elements`.
  [[nodiscard]] std::size_t num_control_octets(const UePusch& pusch) const noexcept;
  /// Msg3's CCCH message or C-RNTI; then a buffer status report if anything waits, which says what `set_buffers` was last told:
  /// tell it again after the SDUs are in. Control elements stand behind SDUs, TS 38.321 §6.1.2.
  void write_control_elements(const UePusch& pusch, MacPduWriter& writer) noexcept;

  /// Uplink slots before this one will not be planned any more: samples were lost.
  void skip_to(nr::Slot slot) noexcept;
  [[nodiscard]] std::optional<UeMacEvent> next_event() noexcept;
  [[nodiscard]] RandomAccessState random_access() const noexcept { return ra_state_; }
  /// N_TA in T_c, without N_TA,offset.
  [[nodiscard]] std::int64_t n_ta_tc() const noexcept { return n_ta_tc_; }
  [[nodiscard]] unsigned num_preambles_sent() const noexcept { return num_preambles_; }
  /// Blocks for this UE alone, by CRC.
  [[nodiscard]] const LinkCounters& downlink_counters() const noexcept { return downlink_counters_; }
  /// DCIs that ask for what is not built: aperiodic CSI, a PUSCH without data, SRS, several layers. They are not obeyed.
  [[nodiscard]] std::uint64_t num_refused_dcis() const noexcept { return num_refused_dcis_; }
  /// As the gNB's grants tell: a retransmission asked for is a failure, a new grant for the process a success.
  [[nodiscard]] const LinkCounters& uplink_counters() const noexcept { return uplink_counters_; }

private:
  struct DlProcess {
    std::optional<unsigned> ndi;
    bool is_decoded = false;
    unsigned tbs_bytes = 0;
    std::uint8_t base_graph = 1;
  };
  struct UlProcess {
    std::optional<unsigned> ndi;
    bool is_filled = false;     ///< the block at hand has been written
    bool is_repeated = false;   ///< a retransmission was asked for
    unsigned tbs_bytes = 0;
    std::uint8_t base_graph = 1;
    std::vector<std::uint8_t> transport_block;
  };
  /// HARQ-ACK to send in one slot.
  struct Acknowledgement {
    std::optional<nr::Slot> slot;
    nr::SmallBits bits;
    unsigned resource_indicator = 0;
    unsigned first_cce = 0;
    unsigned num_cce = 1;
    bool is_common = false;  ///< asked for before there was a dedicated configuration: Msg4
  };
  struct Grant {
    std::optional<nr::Slot> slot;
    nr::PuschPdu pdu;
    bool is_msg3 = false;
    std::optional<unsigned> total_dai;  ///< of format 0_1: how many HARQ-ACK bits the gNB counts on, modulo 4, as the field
  };
  /// How the PDSCH of the slot under way is acknowledged: what its DCI said.
  struct Feedback {
    unsigned k_1 = 4;
    unsigned dai = 0;
    unsigned pucch_resource = 0;
    unsigned first_cce = 0;
    unsigned num_cce = 1;
    unsigned mcs = 0;
  };
  /// A new grant's way into the plan.
  struct GrantOrigin {
    nr::Rnti rnti;
    const nr::SearchSpace* search_space = nullptr;  ///< nullptr: a random access response
    unsigned delay = 0;                             ///< slots beside k_2
    std::optional<unsigned> total_dai;
  };
  static constexpr unsigned kRing = 64;  // slots

  void acknowledge(nr::Slot slot, bool is_ack) noexcept;
  static void complete_codebook(unsigned total_dai, std::optional<Acknowledgement>& acknowledgement) noexcept;
  void on_rar(nr::Slot slot, std::span<const std::uint8_t> payload) noexcept;
  void on_ue_block(nr::Slot slot, std::span<const std::uint8_t> payload) noexcept;
  [[nodiscard]] std::optional<UeDownlink> follow(nr::Slot slot, nr::PdschPdu& pdu, unsigned ndi, nr::DciRnti kind) noexcept;
  void recognise(nr::Rnti rnti) noexcept;
  void add_grant(nr::Slot slot, const nr::UplinkGrant& grant, const GrantOrigin& origin) noexcept;
  void run_random_access(nr::Slot slot, UeUplink& uplink) noexcept;
  void fail_attempt(nr::Slot slot) noexcept;
  void plan_pucch(const nr::UciNeeds& needs, const Acknowledgement* acknowledgement, UeUplink& uplink) noexcept;
  [[nodiscard]] bool wants_to_request(nr::Slot slot) noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept;

  nr::Cell cell_;
  UeMacConfig settings_;
  std::optional<nr::UeConfig> config_;
  nr::PrachConfig prach_;
  std::minstd_rand random_;
  std::optional<nr::Rnti> c_rnti_;
  std::int64_t n_ta_tc_ = 0;
  unsigned cqi_ = 0;
  std::array<std::size_t, kNumLogicalChannelGroups> buffers_{};

  // random access
  RandomAccessState ra_state_ = RandomAccessState::idle;
  nr::FixedList<std::uint8_t, 8> ccch_;      ///< octets of the CCCH message; empty: the C-RNTI is sent instead
  std::uint8_t preamble_ = 0;
  unsigned num_preambles_ = 0;
  nr::Rnti ra_rnti_;
  std::optional<nr::Rnti> tc_rnti_;
  std::optional<nr::Slot> not_before_;       ///< backoff
  nr::Slot window_begin_;
  nr::Slot window_end_;
  std::optional<nr::Slot> resolution_end_;
  unsigned backoff_ms_ = 0;

  std::array<DlProcess, 16> dl_;
  std::array<UlProcess, 16> ul_;
  std::array<Acknowledgement, kRing> acknowledgements_;
  std::array<Grant, kRing> grants_;
  std::optional<nr::Slot> last_report_;      ///< when the gNB was last told what waits, or granted something
  std::array<bool, kNumLogicalChannelGroups> had_data_{};  ///< after the slot planned last
  bool is_report_due_ = false;               ///< a regular buffer status report is triggered and not yet sent
  unsigned num_requests_ = 0;
  nr::FixedList<UeMacEvent, 8> events_;
  Feedback feedback_;                        ///< of the UE's PDSCH in the slot under way
  std::uint64_t num_refused_dcis_ = 0;
  LinkCounters downlink_counters_;
  LinkCounters uplink_counters_;
};

}  // namespace ravi::mac
