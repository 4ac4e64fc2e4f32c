#pragma once
// The physical uplink shared channel: one transport block on one layer, CP-OFDM, with uplink control multiplexed on it.
// TS 38.211 §6.3.1, §6.4.1.1; TS 38.212 §6.2, §6.3.2.

#include "radio/iq.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"
#include "stack/phy/channel_estimate.h"
#include "stack/phy/resource_grid.h"
#include "stack/phy/transport_block.h"
#include "stack/phy/uci.h"
#include "stack/phy/uci_on_pusch.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::phy {

struct PuschResult {
  nr::SchResult sch;
  nr::UciResult uci;  ///< where the PDU has any; without a CRC of its own it is as good as the DM-RS says (snr_db)
};

/// Working memory of one PUSCH at a time, either direction; made once for the widest carrier. One a thread; real time.
class PuschCodec {
public:
  explicit PuschCodec(unsigned max_num_prb);

  /// Writes data and DM-RS into port 0 of the slot's grid, data of mean power 1. False, and nothing written: an allocation
  /// outside the carrier or the grid, payload or UCI of another size than the PDU says, or a coding the standard does not have.
  [[nodiscard]] bool encode(const nr::PuschPdu& pdu, std::span<const std::uint8_t> payload, const nr::Uci& uci,
                            const nr::Carrier& carrier, nr::Slot slot, GridSpan grid) noexcept;

  /// Estimates, equalizes, decodes UCI and transport block. `harq`: cleared here for new data. payload: pdu.sch.tbs_bytes,
  /// meant only if sch.is_crc_ok. A PDU that is not possible gives a failed CRC and no UCI.
  [[nodiscard]] PuschResult decode(const nr::PuschPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                                   ConstGridSpan grid, HarqSoftBuffer& harq, std::span<std::uint8_t> payload) noexcept;

private:
  struct Allocation {
    unsigned first_subcarrier = 0;  ///< of the grid
    unsigned first_crb = 0;
    unsigned delta = 0;             ///< of the DM-RS comb
  };

  [[nodiscard]] bool lay_out(const nr::PuschPdu& pdu, const nr::Carrier& carrier, unsigned num_grid_prb, Allocation& at) noexcept;
  void equalize_all(const nr::PuschPdu& pdu, const Allocation& at, unsigned antenna, ConstGridSpan grid) noexcept;
  void decode_uci(const nr::PuschPdu& pdu, nr::UciResult& result) noexcept;

  unsigned max_num_prb_;
  PuschMultiplex multiplex_;
  ChannelEstimate channel_;
  SchEncoder encoder_;
  SchDecoder decoder_;
  UciCodec uci_;
  std::vector<Cf32> pilots_;
  std::vector<Cf32> h_;
  std::vector<Cf32> elements_;
  std::vector<float> noise_;
  std::vector<std::uint8_t> bits_;           ///< of the whole PUSCH
  std::vector<std::uint8_t> sch_bits_;
  std::vector<std::uint8_t> harq_ack_bits_;
  std::vector<std::uint8_t> csi_bits_;
  std::vector<std::int8_t> llrs_;
  std::vector<std::int8_t> sch_llrs_;
  std::vector<std::int8_t> harq_ack_llrs_;
  std::vector<std::int8_t> csi_llrs_;
};

}  // namespace ravi::phy
