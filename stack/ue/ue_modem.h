#pragma once
// The UE below RRC: finds a cell in the samples, stays in step with it, and turns its slots into MAC SDUs and back.
//
// Each radio slot: `feed`, then `next_slot` until it is false; after each slot the layers above take `received()`, then
// `plan_uplink`, fill what it names, `send`. Once in step nothing allocates but `search`.

#include "radio/dsp/mix.h"
#include "radio/iq.h"
#include "radio/time.h"
#include "radio/units.h"
#include "stack/mac/ue_mac.h"
#include "stack/nr/cell.h"
#include "stack/ue/control_search.h"
#include "stack/ue/find_cell.h"
#include "stack/ue/tx_timeline.h"
#include "stack/ue/ue_phy.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::ue {

struct UeModemConfig {
  SampleRate rate;
  CellSelection selection;
  DbFs level{-15.0};           ///< mean power of a full uplink
  std::uint64_t seed = 1;
  unsigned search_ms = 45;     ///< of samples a search looks at
  bool has_limited_soft_buffer = true;  ///< as the standard says; false: a gNB that does not limit it (apps/quirks.h)
  unsigned max_lost_blocks = 20;  ///< SS/PBCH blocks not read before an idle UE's cell counts as lost; connected, RRC decides
};

struct UeModemCounters {
  std::uint64_t searches = 0;
  std::uint64_t slots = 0;
  std::uint64_t lost_cells = 0;
  std::uint64_t dcis = 0;
  std::uint64_t late = 0;         ///< transmissions made too late
};

/// A MAC SDU and the logical channel it came on.
struct ReceivedSdu {
  std::uint8_t lcid = 0;
  std::span<const std::uint8_t> octets;
};

/// What became of the cell's SS/PBCH block in a slot.
enum class BlockStatus : std::uint8_t { none, heard, missed };

class UeModem {
public:
  explicit UeModem(const UeModemConfig& config);

  // -- in ---------------------------------------------------------------------------------------------------------------
  /// Samples of the radio, in order. After a gap the cell's timing goes on by the sample clock.
  void feed(SampleTime at, std::span<const Cf32> samples) noexcept;
  /// True when enough is there to look for a cell and none is known; then `search` is due.
  [[nodiscard]] bool wants_search() const noexcept { return !phy_ && samples_.size() >= search_length_; }
  /// Looks for a cell in what was fed. Allocates, and may take longer than the samples last.
  [[nodiscard]] Result<void> search();
  /// Decodes the next downlink slot, if it is all there.
  [[nodiscard]] bool next_slot() noexcept;
  /// Of the slot just decoded; `none` where no block was due.
  [[nodiscard]] BlockStatus block() const noexcept { return block_; }
  /// SDUs of the slot just decoded; valid until the next.
  [[nodiscard]] std::span<const ReceivedSdu> received() const noexcept { return received_.span(); }
  /// A PCCH message in the slot just decoded; valid until the next; empty: none.
  [[nodiscard]] std::span<const std::uint8_t> pcch() const noexcept { return pcch_; }

  // -- out --------------------------------------------------------------------------------------------------------------
  /// What goes out `kUplinkLead` slots after the slot just decoded. `buffers`: what waits above.
  mac::UeUplink& plan_uplink(const std::array<std::size_t, mac::kNumLogicalChannelGroups>& buffers) noexcept;
  /// Puts the plan, filled, on the time line.
  void send() noexcept;
  /// Samples for the radio to send.
  void take(SampleTime at, std::span<Cf32> out) noexcept;

  // -- state ------------------------------------------------------------------------------------------------------------
  [[nodiscard]] bool is_in_step() const noexcept { return phy_ != nullptr && !is_lost_; }
  /// In step only.
  [[nodiscard]] const nr::Cell& cell() const noexcept { return cell_; }
  [[nodiscard]] mac::UeMac& mac() noexcept { return *mac_; }
  [[nodiscard]] nr::Slot slot() const noexcept { return slot_; }
  void configure(const nr::UeConfig& config);
  /// Whose paging occasions an idle UE listens in, `nr::paging_ue_id`; nothing: none.
  void set_paging(std::optional<unsigned> ue_id) noexcept { paging_ue_id_ = ue_id; }
  /// Leaves the cell, also one that is lost: a search comes next. Frees.
  void leave() noexcept;
  /// Back to the common configuration of the cell.
  void release() noexcept;
  [[nodiscard]] float snr_db() const noexcept { return snr_db_; }
  [[nodiscard]] unsigned cqi() const noexcept { return cqi_; }
  [[nodiscard]] float cfo_hz() const noexcept { return cfo_hz_; }
  [[nodiscard]] const UeModemCounters& counters() const noexcept { return counters_; }
  /// Of all cells since construction. See `UeMac`.
  [[nodiscard]] mac::LinkCounters downlink_counters() const noexcept;
  [[nodiscard]] mac::LinkCounters uplink_counters() const noexcept;
  [[nodiscard]] const std::string& search_error() const noexcept { return search_error_; }

  static constexpr unsigned kUplinkLead = 3;  ///< slots

private:
  void plan_searches();
  void hear_control() noexcept;
  void hear(const phy::FoundDci& dci, const ControlSearch& control) noexcept;
  void receive(const mac::UeDownlink& downlink) noexcept;
  void track() noexcept;
  void skip_lost_slots() noexcept;
  void drop_before(SampleTime time) noexcept;

  UeModemConfig config_;
  std::size_t search_length_;
  std::vector<Cf32> samples_;        ///< from `samples_begin_` on
  SampleTime samples_begin_;
  bool is_first_ = true;

  nr::Cell cell_;
  std::optional<nr::UeConfig> ue_config_;
  ControlSearch common_;                   ///< the RA search space
  std::vector<ControlSearch> dedicated_;   ///< of `ue_config_`
  std::unique_ptr<UePhy> phy_;       ///< null: no cell
  bool is_lost_ = false;             ///< the cell; it is to be left
  std::unique_ptr<mac::UeMac> mac_;
  dsp::FrequencyShift downlink_shift_;
  dsp::FrequencyShift uplink_shift_;
  std::int64_t slot_length_ = 0;
  SampleTime slot_begin_;            ///< of the next slot to decode
  nr::Slot next_slot_;
  nr::Slot slot_;                    ///< the last decoded
  SampleTime decoded_begin_;         ///< where it began
  double drift_ = 0.0;               ///< of the slots' beginning against `slot_begin_`, samples
  std::vector<Cf32> slot_samples_;
  std::vector<std::uint8_t> payload_;           ///< of the UE's own block
  std::vector<std::uint8_t> response_payload_;  ///< of a random access response
  phy::FoundDcis found_;
  nr::FixedList<ReceivedSdu, 64> received_;
  std::span<const std::uint8_t> pcch_;          ///< of response_payload_
  std::optional<unsigned> paging_ue_id_;
  mac::UeUplink uplink_;
  TxTimeline timeline_;
  unsigned num_lost_blocks_ = 0;
  BlockStatus block_ = BlockStatus::none;
  float snr_db_ = 0.0F;
  unsigned cqi_ = 0;
  float cfo_hz_ = 0.0F;
  std::string search_error_;
  UeModemCounters counters_;
  mac::LinkCounters past_downlink_, past_uplink_;  ///< of cells that were left
};

}  // namespace ravi::ue
