#pragma once
// The gNB's scheduler: broadcast, random access, and who sends and receives what in each slot. TS 38.321 §5; TS 38.214 §5, §6.
//
// It decides; it carries no data. The gNB tells it how much waits for each UE and what was received, asks for a slot's plan, and
// fills the transport blocks the plan names. All control here lies on CORESET#0, with DCI 0_0 and 1_0.

#include "stack/mac/cce_allocation.h"
#include "stack/mac/rar.h"
#include "stack/mac/scheduled_ue.h"
#include "stack/mac/slot_plan.h"
#include "stack/nr/cell.h"
#include "stack/nr/prach_config.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/nr/search_space.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::mac {

struct SchedulerConfig {
  unsigned max_num_ues = 16;
  unsigned first_c_rnti = 0x4601;
  unsigned min_k1 = 4;             ///< slots from a PDSCH to its HARQ-ACK; what UEs here can do
  unsigned min_k2 = 3;             ///< slots from a grant to its PUSCH; rows of the cell's list below it are not used
  unsigned common_aggregation_level = 4;     ///< wanted; the next ones where it is not free
  unsigned dedicated_aggregation_level = 2;  ///< in UE search spaces
  unsigned min_dedicated_cqi = 6;            ///< from here on a UE is reached in its own search space
  unsigned max_transmissions = 4;  ///< of one transport block
  unsigned sib1_mcs = 5;
  unsigned rar_mcs = 0;
  unsigned paging_mcs = 0;
  unsigned min_response_slots = 2;  ///< from a preamble's slot to its response; srsUE listens from the third on only
  unsigned msg3_mcs = 0;
  unsigned request_grant_octets = 200;  ///< granted to a scheduling request: a report and a first message
  LinkAdaptationConfig downlink;
  LinkAdaptationConfig uplink;
};

/// What became of a PUSCH for the layers above.
enum class PuschOutcome : std::uint8_t { received, failed, given_up, unknown };

/// One thread. Calls marked "slot" are real time; construction and `configure_ue` allocate.
class Scheduler {
public:
  /// `mib`: 24 bits, first bit of the message highest. `sib1`: the BCCH-DL-SCH message.
  Scheduler(const nr::Cell& cell, std::uint32_t mib, std::span<const std::uint8_t> sib1, const SchedulerConfig& config = {});

  // -- UEs. They appear by themselves with a preamble. ---------------------------------------------------------------
  /// When a dedicated configuration comes into force: a UE that is told it by Msg4 has it once that is acknowledged, and then gets a
  /// grant to answer with.
  enum class InForce : std::uint8_t { now, after_msg4 };
  /// False: no such UE.
  bool configure_ue(nr::Rnti rnti, const nr::UeConfig& config, InForce when = InForce::now);
  void remove_ue(nr::Rnti rnti) noexcept;
  [[nodiscard]] const ScheduledUe* find(nr::Rnti rnti) const noexcept;
  /// Those without an RNTI are free places.
  [[nodiscard]] std::span<const ScheduledUe> ues() const noexcept { return ues_; }

  // -- paging ------------------------------------------------------------------------------------------------------------
  /// Sends the PCCH message once, in the next paging occasion of UEs with that identity (`nr::paging_ue_id`); in place of one for the same
  /// that still waits. False: too long, or too many wait.
  bool page(unsigned ue_id, std::span<const std::uint8_t> pcch) noexcept;
  /// A message for that identity waits.
  [[nodiscard]] bool is_paging(unsigned ue_id) const noexcept;

  // -- slot: what waits, what was received -----------------------------------------------------------------------------
  void set_dl_buffer(nr::Rnti rnti, std::size_t octets, bool has_ccch) noexcept;
  /// Octets that the UE says wait; replaces what was known.
  void on_buffer_status(nr::Rnti rnti, std::size_t octets) noexcept;
  /// Grants the UE something as if it had asked.
  void request_grant(nr::Rnti rnti) noexcept;
  /// The C-RNTI of the UE that will answer; nothing: no room. `slot`: in which the occasion began.
  std::optional<nr::Rnti> on_preamble(nr::Slot slot, const nr::PrachOccasion& occasion, const nr::PrachPreamble& preamble) noexcept;
  PuschOutcome on_pusch(nr::Slot slot, const nr::PuschPdu& pdu, const nr::SchResult& sch, const nr::UciResult& uci) noexcept;
  void on_pucch(nr::Slot slot, const nr::PucchPdu& pdu, const nr::UciResult& uci) noexcept;
  /// After all results of the slot: HARQ-ACK that did not come counts as none.
  void end_uplink(nr::Slot slot) noexcept;
  /// Instead of plan, results and end: uplink slots [slot, slot + count) were lost with the radio's samples.
  void skip_uplink(nr::Slot slot, std::int64_t count) noexcept;

  // -- slot: plans ------------------------------------------------------------------------------------------------------
  /// Slots must follow one another, each once.
  void plan_downlink(nr::Slot slot, DownlinkPlan& plan) noexcept;
  /// What to receive; every downlink slot up to min(k1, k2) before it has been planned.
  void plan_uplink(nr::Slot slot, UplinkPlan& plan) noexcept;
  /// PRACH occasions that begin in the slot.
  [[nodiscard]] nr::PrachOccasions prach_occasions(nr::Slot slot) const noexcept;

  [[nodiscard]] const nr::Cell& cell() const noexcept { return cell_; }

private:
  using PrbMask = std::bitset<nr::kMaxNumPrb>;
  struct PendingRar {
    nr::Slot prach_slot;
    nr::Rnti ra_rnti;
    std::uint8_t preamble = 0;
    std::uint16_t timing_advance = 0;
    nr::Rnti temporary_c_rnti;
  };
  static constexpr std::size_t kMaxPcchOctets = 256;  // 32 records take 229
  struct PendingPage {
    unsigned ue_id = 0;
    std::size_t size = 0;
    std::array<std::uint8_t, kMaxPcchOctets> octets{};
  };
  /// PUSCHs granted in one uplink slot, and the PRBs they take.
  struct UplinkSlot {
    std::optional<nr::Slot> slot;
    nr::FixedList<nr::PuschPdu, 32> pusch;
    PrbMask used;
  };
  struct UplinkChoice {
    unsigned row = 0;
    nr::Slot slot;
  };

  [[nodiscard]] ScheduledUe* ue_of(nr::Rnti rnti) noexcept;
  [[nodiscard]] UplinkSlot& uplink_slot(nr::Slot slot) noexcept;
  [[nodiscard]] bool is_downlink(nr::Slot slot, nr::SymbolRange symbols) const noexcept;
  [[nodiscard]] bool is_uplink(nr::Slot slot, nr::SymbolRange symbols) const noexcept;

  // scheduler_broadcast.cpp: SSB, SIB1, RAR and Msg3
  void plan_ssb(DownlinkPlan& plan) noexcept;
  void plan_sib1(DownlinkPlan& plan) noexcept;
  void plan_paging(DownlinkPlan& plan) noexcept;
  void plan_rar(DownlinkPlan& plan) noexcept;
  [[nodiscard]] bool add_msg3_grant(nr::Slot rar_slot, const PendingRar& pending, RandomAccessResponse& response) noexcept;
  [[nodiscard]] bool plan_common_pdsch(DownlinkPlan& plan, nr::Rnti rnti, nr::DciRnti kind, const nr::SearchSpace& search_space,
                                       unsigned mcs, std::size_t octets, DlTransmission& transmission) noexcept;

  // scheduler_downlink.cpp
  void plan_ue_downlink(DownlinkPlan& plan, ScheduledUe& ue) noexcept;
  [[nodiscard]] bool send_block(DownlinkPlan& plan, ScheduledUe& ue, unsigned process, nr::PrbRange prb) noexcept;
  [[nodiscard]] std::optional<unsigned> choose_k1(const ScheduledUe& ue, nr::Slot slot) const noexcept;
  [[nodiscard]] nr::PdschScheduling pdsch_scheduling(const ScheduledUe& ue, unsigned time_row) const noexcept;
  void resolve(ScheduledUe& ue, Feedback& feedback, std::span<const std::uint8_t> bits) noexcept;
  void on_harq_result(ScheduledUe& ue, DlHarq& harq, bool is_ack, bool is_silent) noexcept;
  [[nodiscard]] PuschOutcome fail_block(ScheduledUe& ue, UlHarq& harq) noexcept;
  void take_uci(ScheduledUe& ue, nr::Slot slot, const nr::UciResult& uci) noexcept;

  // scheduler_uplink.cpp
  void plan_ue_grants(DownlinkPlan& plan, ScheduledUe& ue) noexcept;
  [[nodiscard]] bool grant(DownlinkPlan& plan, ScheduledUe& ue, unsigned process, const UplinkChoice& choice, unsigned mcs,
                           nr::PrbRange prb) noexcept;
  [[nodiscard]] PrbMask control_prbs(nr::Slot slot, const ScheduledUe& except) const noexcept;
  void plan_ue_control(nr::Slot slot, ScheduledUe& ue, UplinkPlan& plan) noexcept;

  [[nodiscard]] bool add_pdcch(DownlinkPlan& plan, nr::Rnti rnti, const nr::SearchSpace& search_space,
                               const CcePlace& place, const nr::SmallBits& payload) const noexcept;
  [[nodiscard]] const nr::SearchSpace& search_space_of(const ScheduledUe& ue) const noexcept;
  [[nodiscard]] unsigned aggregation_level(const nr::SearchSpace& search_space) const noexcept;
  [[nodiscard]] nr::DciSizes dci_sizes(const nr::SearchSpace& search_space) const noexcept;

  nr::Cell cell_;
  std::uint32_t mib_;
  std::vector<std::uint8_t> sib1_;
  SchedulerConfig config_;
  nr::PrachConfig prach_;
  nr::PrbRange coreset0_crb_;
  nr::SearchSpace type0_search_space_;
  std::vector<ScheduledUe> ues_;
  std::size_t next_granted_ = 0;     ///< round robin: whose turn is first, uplink
  std::size_t next_served_ = 0;      ///< the same, downlink
  std::uint16_t next_c_rnti_;
  nr::FixedList<PendingRar, 64> pending_rars_;
  nr::FixedList<PendingPage, 64> pages_;
  std::vector<std::uint8_t> sib1_block_;
  std::vector<std::uint8_t> paging_block_;
  std::vector<std::uint8_t> rar_block_;
  // of the slot being planned
  CceAllocation cces_;
  PrbMask downlink_used_;
  static constexpr unsigned kNumUplinkSlots = 64;
  std::array<UplinkSlot, kNumUplinkSlots> uplink_slots_;
};

/// The longest run of PRBs within [0, num_prb) free in `used`, at most `max_count` of it. count 0: none.
[[nodiscard]] nr::PrbRange longest_free(const std::bitset<nr::kMaxNumPrb>& used, unsigned num_prb, unsigned max_count) noexcept;
/// The first run of exactly `count`.
[[nodiscard]] std::optional<nr::PrbRange> first_free(const std::bitset<nr::kMaxNumPrb>& used, unsigned num_prb, unsigned count) noexcept;

}  // namespace ravi::mac
