#pragma once
// The gNB below RLC: the scheduler and the physical layer of one cell, slot by slot, with MAC PDUs taken apart.
//
// Each slot of the radio: `receive` the uplink; the layers above take `received()`; `plan` a later downlink slot, fill the
// transport blocks it names, `transmit`. Nothing allocates after `make`.

#include "radio/result.h"
#include "radio/units.h"
#include "stack/gnb/gnb_phy.h"
#include "stack/mac/mac_ce.h"
#include "stack/mac/mac_pdu.h"
#include "stack/mac/scheduler.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ravi::gnb {

/// A MAC SDU of a UE. `lcid` 0: a CCCH message, with which a UE that got in by random access begins.
struct ReceivedSdu {
  nr::Rnti rnti;
  std::uint8_t lcid = 0;
  std::span<const std::uint8_t> octets;
};

struct GnbModemCounters {
  std::uint64_t preambles = 0;
  std::uint64_t refused_preambles = 0;  ///< no room for another UE
  std::uint64_t malformed = 0;          ///< MAC PDUs that make no sense to their end
  std::uint64_t returned = 0;           ///< UEs that came back by random access with their C-RNTI
};

class GnbModem {
public:
  [[nodiscard]] static Result<std::unique_ptr<GnbModem>> make(const nr::Cell& cell, SampleRate rate, std::uint32_t mib,
                                                              std::span<const std::uint8_t> sib1,
                                                              const mac::SchedulerConfig& config = {});

  [[nodiscard]] std::size_t samples_per_slot() const noexcept { return phy_->samples_per_slot(); }

  // -- uplink ----------------------------------------------------------------------------------------------------------
  /// One slot of samples. Slots follow one another.
  void receive(nr::Slot slot, std::span<const Cf32> samples) noexcept;
  /// Slots [slot, slot + count) were lost: what was expected in them did not come.
  void skip(nr::Slot slot, std::int64_t count) noexcept;
  /// SDUs of the slot just received; valid until the next.
  [[nodiscard]] std::span<const ReceivedSdu> received() const noexcept { return received_.span(); }
  /// What the PHY made of it; valid until the next.
  [[nodiscard]] const UplinkReceipts& receipts() const noexcept { return receipts_; }
  /// What a UE's CCCH message began with: sent back to it with Msg4, TS 38.321 §6.1.3.3.
  [[nodiscard]] static mac::ContentionResolutionIdentity resolution_of(std::span<const std::uint8_t> ccch) noexcept;

  // -- downlink --------------------------------------------------------------------------------------------------------
  mac::DownlinkPlan& plan(nr::Slot slot) noexcept;
  [[nodiscard]] const mac::DownlinkPlan& planned() const noexcept { return plan_; }
  /// The plan, filled, to samples.
  void transmit(std::span<Cf32> samples) noexcept { phy_->transmit(plan_, samples); }

  [[nodiscard]] mac::Scheduler& scheduler() noexcept { return scheduler_; }
  [[nodiscard]] const mac::Scheduler& scheduler() const noexcept { return scheduler_; }
  [[nodiscard]] const GnbModemCounters& counters() const noexcept { return counters_; }

private:
  GnbModem(const nr::Cell& cell, std::unique_ptr<GnbPhy> phy, std::uint32_t mib, std::span<const std::uint8_t> sib1,
           const mac::SchedulerConfig& config)
    : phy_(std::move(phy)), scheduler_(cell, mib, sib1, config)
  {
  }
  void take_apart(nr::Rnti rnti, std::span<const std::uint8_t> pdu) noexcept;
  void take_report(nr::Rnti rnti, const mac::SubPdu& report) noexcept;

  std::unique_ptr<GnbPhy> phy_;
  mac::Scheduler scheduler_;
  mac::UplinkPlan uplink_plan_;
  mac::DownlinkPlan plan_;
  UplinkReceipts receipts_;
  nr::FixedList<ReceivedSdu, 128> received_;
  GnbModemCounters counters_;
};

}  // namespace ravi::gnb
