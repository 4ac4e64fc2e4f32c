#pragma once
// Follows one UE's attach on the radio, both directions, without taking part: what is sent follows from what was heard before.
// PRACH, RAR, Msg3, then every DCI and what it schedules; PUCCH by the UE's configuration once it is told.

#include "stack/gnb/gnb_phy.h"
#include "stack/nr/cell.h"
#include "stack/nr/choose_pucch.h"
#include "stack/nr/scheduled_pdsch.h"
#include "stack/ue/control_search.h"
#include "stack/ue/ue_phy.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::ue {

struct MonitoredPdu {
  bool is_downlink = false;
  bool is_response = false;  ///< of random access: another format
  std::vector<std::uint8_t> octets;
};

class RadioMonitor {
public:
  RadioMonitor(const nr::Cell& cell, SampleRate rate);

  [[nodiscard]] std::size_t samples_per_slot() const { return downlink_->samples_per_slot(); }
  /// One slot, both directions' samples from their own slot borders on. The MAC PDUs heard in it.
  std::vector<MonitoredPdu> hear(nr::Slot slot, std::span<const Cf32> downlink, std::span<const Cf32> uplink);
  /// What the UE has been told.
  void configure(const nr::UeConfig& config);

  [[nodiscard]] std::optional<nr::Rnti> rnti() const { return rnti_; }
  /// Everything heard, and silences where something was due, as text: "65.7 PDCCH ...", in the foreign gNB's words.
  [[nodiscard]] const std::vector<std::string>& journal() const { return journal_; }
  [[nodiscard]] unsigned num_crc_failures() const { return num_crc_failures_; }

private:
  struct Acknowledgement {
    nr::UciNeeds needs;
    bool is_common = false;
  };

  void hear_downlink(nr::Slot slot, std::vector<MonitoredPdu>& out);
  void on_dci(nr::Slot slot, const phy::FoundDci& found, const ControlSearch& control, std::vector<MonitoredPdu>& out);
  void on_rar(nr::Slot slot, std::span<const std::uint8_t> payload);
  void hear_uplink(nr::Slot slot, std::span<const Cf32> samples, std::vector<MonitoredPdu>& out);
  void plan_pucch(nr::Slot slot, const Acknowledgement* acknowledgement, mac::UplinkPlan& plan) const;
  void note(nr::Slot slot, const std::string& what);
  void note_pucch(nr::Slot slot, const nr::PucchPdu& pdu, const nr::UciResult& result);
  [[nodiscard]] const nr::UeConfig* config() const { return config_ ? &*config_ : nullptr; }

  nr::Cell cell_;
  std::unique_ptr<UePhy> downlink_;
  std::unique_ptr<gnb::GnbPhy> uplink_;
  nr::PrachConfig prach_;
  ControlSearch common_;
  std::vector<ControlSearch> dedicated_;
  std::optional<nr::UeConfig> config_;
  std::optional<nr::Rnti> ra_rnti_;   ///< a preamble waits for its answer
  std::uint8_t preamble_ = 0;
  std::optional<nr::Rnti> rnti_;
  std::map<std::uint64_t, nr::PuschPdu> grants_;                ///< by the slot's count
  std::map<std::uint64_t, Acknowledgement> acknowledgements_;   ///< the same
  std::array<std::optional<unsigned>, 16> uplink_ndi_{};
  std::vector<std::uint8_t> payload_;
  std::vector<std::string> journal_;
  unsigned num_crc_failures_ = 0;
};

}  // namespace ravi::ue
