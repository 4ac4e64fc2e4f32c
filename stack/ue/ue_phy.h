#pragma once
// The UE's physical layer in a cell it is in step with: a downlink slot to DCIs and transport blocks, an uplink plan to samples.

#include "radio/iq.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"
#include "stack/mac/ue_mac.h"
#include "stack/nr/cell.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/pdcch.h"
#include "stack/phy/pdsch.h"
#include "stack/phy/prach.h"
#include "stack/phy/pucch_format2.h"
#include "stack/phy/pusch.h"
#include "stack/phy/resource_grid.h"
#include "stack/phy/ssb.h"
#include "stack/ue/tx_timeline.h"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ravi::ue {

/// One antenna each way. Making it allocates and plans; all else is real time, one thread.
class UePhy {
public:
  /// `bad_input` where the rate does not hold the carrier. `level`: mean power of a full uplink.
  [[nodiscard]] static Result<std::unique_ptr<UePhy>> make(const nr::Cell& cell, SampleRate rate, DbFs level = DbFs(-15.0));

  [[nodiscard]] std::size_t samples_per_slot() const noexcept { return modulator_.timing().samples_per_slot(); }

  // -- downlink: one slot at a time ------------------------------------------------------------------------------------
  /// Takes the slot's samples, from its first symbol's cyclic prefix on. What follows is about this slot.
  void receive(nr::Slot slot, std::span<const Cf32> samples) noexcept;
  /// Adds the DCIs of one search space to `found`.
  void search(const phy::PdcchSearch& search, phy::FoundDcis& found) noexcept;
  [[nodiscard]] nr::SchResult decode(const mac::UeDownlink& downlink, std::span<std::uint8_t> payload) noexcept;
  /// The cell's block in this slot, if there is one that decodes.
  [[nodiscard]] std::optional<phy::PbchResult> read_ssb() noexcept;

  // -- uplink ----------------------------------------------------------------------------------------------------------
  /// Puts the slot's transmission on the time line; `at`: where the slot begins, timing advance taken off. False: too late.
  bool transmit(const mac::UeUplink& uplink, nr::Slot slot, SampleTime at, TxTimeline& timeline) noexcept;

private:
  UePhy(const nr::Cell& cell, SampleRate rate, DbFs level, phy::OfdmModulator modulator, phy::OfdmDemodulator demodulator);
  [[nodiscard]] bool send_preamble(const mac::UePrach& prach, SampleTime at, TxTimeline& timeline) noexcept;

  nr::Cell cell_;
  float amplitude_;                 ///< of a full uplink
  phy::OfdmModulator modulator_;
  phy::OfdmDemodulator demodulator_;
  phy::ResourceGrid downlink_grid_;
  phy::ResourceGrid uplink_grid_;
  phy::SsbCodec ssb_;
  phy::PdcchCodec pdcch_;
  phy::PdschCodec pdsch_;
  phy::PuschCodec pusch_;
  phy::PucchFormat2 pucch2_;
  std::vector<phy::HarqSoftBuffer> harqs_;  ///< 16 processes, and one for broadcast
  std::vector<std::unique_ptr<phy::Prach>> prachs_;  ///< by the occasion's first symbol
  std::vector<Cf32> waveform_;
  std::vector<Cf32> preamble_;
  nr::Slot slot_;
};

}  // namespace ravi::ue
