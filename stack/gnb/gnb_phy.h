#pragma once
// The gNB's physical layer: a downlink plan to samples, uplink samples to what the plan said to receive.

#include "radio/iq.h"
#include "radio/result.h"
#include "radio/units.h"
#include "stack/mac/slot_plan.h"
#include "stack/nr/cell.h"
#include "stack/nr/prach_config.h"
#include "stack/phy/ofdm.h"
#include "stack/phy/pdcch.h"
#include "stack/phy/pdsch.h"
#include "stack/phy/prach.h"
#include "stack/phy/pucch_format2.h"
#include "stack/phy/pusch.h"
#include "stack/phy/resource_grid.h"
#include "stack/phy/ssb.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ravi::gnb {

/// What was received in one slot. Payloads are the PHY's memory, until the next slot.
struct UplinkReceipts {
  struct Pusch {
    nr::PuschPdu pdu;
    phy::PuschResult result;
    std::span<const std::uint8_t> payload;  ///< meant if result.sch.is_crc_ok
  };
  struct Pucch {
    nr::PucchPdu pdu;
    nr::UciResult result;
  };
  struct Preamble {
    nr::Slot slot;  ///< in which its occasion began
    nr::PrachOccasion occasion;
    nr::PrachPreamble preamble;
  };
  nr::FixedList<Pusch, 32> pusch;
  nr::FixedList<Pucch, 64> pucch;
  nr::FixedList<Preamble, 64> preambles;
};

/// One antenna each way. Making it allocates and plans; `transmit` and `receive` are real time, one thread.
class GnbPhy {
public:
  /// `bad_input` where the rate does not hold the carrier. `level`: mean power of a full downlink.
  [[nodiscard]] static Result<std::unique_ptr<GnbPhy>> make(const nr::Cell& cell, SampleRate rate, DbFs level = DbFs(-15.0));

  [[nodiscard]] std::size_t samples_per_slot() const noexcept { return modulator_.timing().samples_per_slot(); }

  /// One slot of samples. The downlink's slots begin N_TA,offset after the sample stream's (so that the uplink's, which UEs send
  /// that much early, begin with it): `samples` carries the end of the slot before and the beginning of this one.
  void transmit(const mac::DownlinkPlan& plan, std::span<Cf32> samples) noexcept;

  /// One slot of uplink samples. `occasions`: PRACH occasions that begin in it.
  void receive(const mac::UplinkPlan& plan, const nr::PrachOccasions& occasions, std::span<const Cf32> samples,
               UplinkReceipts& receipts) noexcept;

  /// Samples are missing between the slot received last and the next: preambles begun are lost, and the downlink has a hole.
  void skip() noexcept;

private:
  /// The soft bits of one HARQ process of one UE.
  struct HarqEntry {
    nr::Rnti rnti;
    std::uint8_t process = 0;
    std::uint64_t last_use = 0;
    phy::HarqSoftBuffer soft;
    std::vector<std::uint8_t> payload;
  };
  struct Occasion {
    nr::Slot slot;
    nr::PrachOccasion occasion;
  };

  GnbPhy(const nr::Cell& cell, SampleRate rate, phy::OfdmModulator modulator, phy::OfdmDemodulator demodulator);
  void make_prach_plans(SampleRate rate);
  [[nodiscard]] HarqEntry& harq_of(nr::Rnti rnti, std::uint8_t process) noexcept;
  void receive_prach(nr::Slot slot, const nr::PrachOccasions& occasions, std::span<const Cf32> samples,
                     UplinkReceipts& receipts) noexcept;

  nr::Cell cell_;
  phy::OfdmModulator modulator_;
  phy::OfdmDemodulator demodulator_;
  phy::ResourceGrid downlink_grid_;
  phy::ResourceGrid uplink_grid_;
  phy::SsbCodec ssb_;
  phy::PdcchCodec pdcch_;
  phy::PdschCodec pdsch_;
  phy::PuschCodec pusch_;
  phy::PucchFormat2 pucch2_;
  std::vector<HarqEntry> harqs_;
  std::uint64_t uses_ = 0;
  std::vector<Cf32> waveform_;       ///< [N_TA,offset of the slot before][slot]
  std::size_t delay_ = 0;            ///< N_TA,offset in samples
  std::vector<std::unique_ptr<phy::Prach>> prachs_;   ///< by the occasion's first symbol; null: there is none
  std::size_t prach_slots_ = 1;      ///< slots that one occasion lasts
  std::vector<Cf32> history_;        ///< the last `prach_slots_` slots
  nr::FixedList<Occasion, 32> open_; ///< occasions that have begun and not ended
};

}  // namespace ravi::gnb
