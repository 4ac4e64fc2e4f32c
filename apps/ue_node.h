#pragma once
// A UE on a radio: slot loop, Ue, and the endpoint that makes and takes its IP packets.

#include "apps/slot_node.h"
#include "radio/latest.h"
#include "stack/ip/endpoint.h"
#include "stack/nr/numerology.h"
#include "stack/ue/ue.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace ravi::apps {

struct UeNodeConfig {
  ue::UeConfig ue;
  nr::Scs scs = nr::Scs::khz15;     ///< of the cell looked for: the radio's slots
  std::int64_t lead = 1;            ///< slots; at most 1 until the UE's modem plans further ahead
  std::int64_t num_slots = 0;       ///< ends after so many; 0: goes on until stopped
  bool is_digested = false;         ///< see SlotNodeConfig
};

struct UeNodeStatus {
  std::chrono::nanoseconds time{0};  ///< network time
  std::array<std::optional<ue::Time>, ue::kNumRungs> reached{};
  std::optional<nas::Ipv4> address;
  std::array<char, 160> trouble{};   ///< the last thing that went wrong, 0 at its end
  bool is_in_step = false;
  bool has_left = false;             ///< switched off, and the network has let it go
  unsigned pci = 0;                  ///< in step
  ue::UeStatistics statistics;
  ue::UeModemCounters modem;
  nas::UeNasCounters nas;
};

/// The UE's part of a slot.
struct UeEngine {
  SampleRate rate;
  ue::Ue ue;
  std::unique_ptr<ip::Endpoint> endpoint;  ///< null: what arrives is dropped
  Latest<UeNodeStatus> latest;
  std::atomic<bool> wants_off{false};
  std::chrono::nanoseconds now{0};

  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;
  void run_procedures() noexcept;
};

class UeNode {
public:
  /// `radio`: open; the node sets its rate and starts it.
  UeNode(const UeNodeConfig& config, std::unique_ptr<Radio> radio, std::unique_ptr<ip::Endpoint> endpoint);

  /// Start its radio, then step it or start its thread.
  [[nodiscard]] SlotNode<UeEngine>& node() noexcept { return node_; }
  /// Deregisters with the next slot; the node goes on until it is stopped, see `UeNodeStatus::has_left`. Any thread.
  void switch_off() noexcept { engine_.wants_off.store(true); }
  /// As of the last slot. One reader, any thread.
  [[nodiscard]] const UeNodeStatus& status() noexcept { return engine_.latest.read(); }
  /// Before the start (to hang a trace on) or after the end.
  [[nodiscard]] ue::Ue& ue() noexcept { return engine_.ue; }

private:
  UeEngine engine_;
  SlotNode<UeEngine> node_;
};

}  // namespace ravi::apps
