#pragma once
// A gNB on a radio: slot loop, Gnb and its links, and a core where one is to run in the same process.

#include "apps/slot_node.h"
#include "radio/latest.h"
#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/ngap/n2_link.h"
#include "stack/ngap/n3_link.h"
#include "stack/pcap/tap.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace ravi::apps {

/// The gNB's ends of its links to the core.
struct CoreLinks {
  std::unique_ptr<ngap::N2Link> n2;
  std::unique_ptr<ngap::N3Link> n3;
};

/// A core in the gNB's process, run each slot in the gNB's sample time, just before the gNB's procedures. Null `core`: there is none.
struct EmbeddedCore {
  std::unique_ptr<ngap::N2Link> n2;
  std::unique_ptr<ngap::N3Link> n3;
  std::unique_ptr<core::Core> core;
  /// If set: called each slot on the gNB's thread, behind the core's own work.
  std::function<void(core::Core&, std::chrono::nanoseconds now)> each_slot;
  /// If set: NAS in plain is recorded there; it outlives the node.
  pcap::Tap* tap = nullptr;
};
/// A core with links in process, and the gNB's ends of them.
[[nodiscard]] std::pair<CoreLinks, EmbeddedCore> embed_core(const core::CoreConfig& config, core::Subscribers subscribers,
                                                            core::RandSource random);

struct GnbNodeConfig {
  gnb::GnbConfig gnb;
  std::int64_t num_slots = 0;       ///< ends after so many; 0: goes on until stopped
  bool is_digested = false;         ///< see SlotNodeConfig
};

struct GnbNodeStatus {
  std::chrono::nanoseconds time{0};  ///< network time
  bool has_core = false;
  gnb::GnbCounters gnb;
  gnb::GnbModemCounters modem;
  gnb::UeStatisticsList ues;
};

/// The gNB's part of a slot.
struct GnbEngine {
  SampleRate rate;
  CoreLinks links;
  EmbeddedCore core;
  std::unique_ptr<gnb::Gnb> gnb;
  Latest<GnbNodeStatus> latest;
  std::chrono::nanoseconds now{0};

  SlotOutput operator()(const RxSlot& in, TxSlot& out) noexcept;
  void run_procedures() noexcept;
};

class GnbNode {
public:
  /// `radio`: open; the node sets its rate and starts it. `bad_input`: a cell or rate that cannot be.
  [[nodiscard]] static Result<std::unique_ptr<GnbNode>> make(const GnbNodeConfig& config, std::unique_ptr<Radio> radio,
                                                             CoreLinks links, EmbeddedCore core = {});

  /// Start its radio, then step it or start its thread.
  [[nodiscard]] SlotNode<GnbEngine>& node() noexcept { return node_; }
  /// As of the last slot. One reader, any thread.
  [[nodiscard]] const GnbNodeStatus& status() noexcept { return engine_.latest.read(); }
  /// Before the start (to hang a trace on) or after the end.
  [[nodiscard]] gnb::Gnb& gnb() noexcept { return *engine_.gnb; }
  [[nodiscard]] core::Core* core() noexcept { return engine_.core.core.get(); }

private:
  GnbNode(const GnbNodeConfig& config, CoreLinks links, EmbeddedCore core, std::unique_ptr<gnb::Gnb> gnb,
          std::unique_ptr<Radio> radio);

  GnbEngine engine_;
  SlotNode<GnbEngine> node_;
};

}  // namespace ravi::apps
