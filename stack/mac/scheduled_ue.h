#pragma once
// What the gNB's scheduler remembers of one UE.

#include "stack/mac/link_adaptation.h"
#include "stack/mac/link_counters.h"
#include "stack/nr/cell.h"
#include "stack/nr/dci.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::mac {

inline constexpr unsigned kNumHarqProcesses = 16;
/// Redundancy versions of a block's first, second, ... transmission.
inline constexpr std::array<std::uint8_t, 4> kRedundancyVersions{0, 2, 3, 1};

enum class HarqState : std::uint8_t { idle, waits_for_result, waits_for_retransmission };

/// A HARQ process of the downlink: the transport block stays until it is acknowledged or given up.
struct DlHarq {
  HarqState state = HarqState::idle;
  unsigned ndi = 0;
  unsigned num_transmissions = 0;
  unsigned num_versions = 0;            ///< transmissions that the UE is thought to have heard: the next redundancy version
  unsigned num_prb = 0;
  nr::Dci10 dci;
  bool is_ccch = false;                 ///< carries SRB0: Msg4
  std::size_t tbs_bytes = 0;
  std::vector<std::uint8_t> transport_block;  ///< of the largest size, taken at construction
};

struct UlHarq {
  HarqState state = HarqState::idle;
  unsigned ndi = 0;
  unsigned num_transmissions = 0;
  unsigned num_versions = 0;            ///< transmissions that were heard, if badly: the next redundancy version
  unsigned num_prb = 0;
  unsigned num_symbols = 0;
  unsigned mcs = 0;
  std::size_t tbs_bytes = 0;
};

/// HARQ-ACK expected in one uplink slot, in the order of the DAI.
struct Feedback {
  std::optional<nr::Slot> slot;         ///< nothing: this entry is free
  nr::FixedList<std::uint8_t, 32> harq; ///< processes
  unsigned resource_indicator = 0;
  unsigned first_cce = 0;
  bool is_answered = false;
};

struct UeCounters {
  LinkCounters downlink;                ///< by HARQ-ACK; silence counts as a failure
  LinkCounters uplink;                  ///< by CRC
  std::uint64_t scheduling_requests = 0;
};

struct ScheduledUe {
  static constexpr unsigned kNumFeedbacks = 32;

  std::optional<nr::Rnti> rnti;         ///< nothing: this entry is free
  std::optional<nr::UeConfig> config;   ///< in force
  std::optional<nr::UeConfig> next_config;  ///< comes into force when Msg4 is acknowledged
  std::array<DlHarq, kNumHarqProcesses> dl;
  std::array<UlHarq, kNumHarqProcesses> ul;
  std::array<Feedback, kNumFeedbacks> feedbacks;
  LinkAdaptation dl_adaptation;
  LinkAdaptation ul_adaptation;
  std::size_t dl_buffer = 0;            ///< octets waiting above, headers included
  std::size_t ul_buffer = 0;            ///< octets the UE has reported, less what was granted since
  bool has_requested = false;           ///< a scheduling request or a wish of the upper layers not yet granted
  bool has_ccch = false;                ///< SRB0 waits: the next block is Msg4
  bool was_heard = false;               ///< a PUSCH of it was received: before that it may be noise taken for a preamble
  unsigned cqi = 0;                     ///< last reported
  float ul_snr_db = 0.0F;
  std::uint64_t num_heard = 0;          ///< signs of life: PUSCHs received and PUCCHs detected
  UeCounters counters;

  [[nodiscard]] const nr::UeConfig* config_pointer() const { return config ? &*config : nullptr; }
  [[nodiscard]] Feedback& feedback(nr::Slot slot)
  {
    Feedback& entry = feedbacks[slot.count() % kNumFeedbacks];
    if (entry.slot != slot) {
      entry = Feedback{};
      entry.slot = slot;
    }
    return entry;
  }
};

}  // namespace ravi::mac
