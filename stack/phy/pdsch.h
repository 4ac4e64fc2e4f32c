#pragma once
// The physical downlink shared channel: one transport block on one layer. TS 38.211 §7.3.1, §7.4.1.1; TS 38.212 §7.2.

#include "radio/iq.h"
#include "stack/nr/phy_mac.h"
#include "stack/phy/channel_estimate.h"
#include "stack/phy/resource_grid.h"
#include "stack/phy/transport_block.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::phy {

/// Resource elements that carry data of this PDSCH: what its transport block is rate matched to. 0 for a PDU that is not
/// possible on the carrier.
[[nodiscard]] unsigned num_pdsch_elements(const nr::PdschPdu& pdu, const nr::Carrier& carrier) noexcept;

/// A PDSCH's resource blocks within the carrier.
struct PdschAllocation {
  unsigned first_crb = 0;    ///< of `bwp_crb`
  nr::PrbRange vrb;          ///< within `bwp_crb`
  unsigned bundle_size = 0;  ///< of the interleaved mapping; 0: not interleaved
  unsigned bundle_phase = 0; ///< what the first bundle lacks
  unsigned num_bundles = 1;
  unsigned delta = 0;        ///< of the DM-RS comb

  /// The physical block of virtual block vrb.begin + i, as a CRB. TS 38.211 §7.3.1.6.
  [[nodiscard]] unsigned crb(unsigned i) const noexcept;
};

/// Working memory of one PDSCH at a time, either direction; made once for the widest carrier. One a thread.
class PdschCodec {
public:
  explicit PdschCodec(unsigned max_num_prb);

  /// Writes data and DM-RS into the slot's grid. False, and nothing written: an allocation outside the carrier or the grid, a
  /// payload of another size than the PDU says, or a coding the standard does not have.
  [[nodiscard]] bool encode(const nr::PdschPdu& pdu, std::span<const std::uint8_t> payload, const nr::Carrier& carrier,
                            nr::Slot slot, unsigned port, GridSpan grid) noexcept;

  /// Estimates, equalizes, decodes. `harq`: cleared here for new data. payload: pdu.sch.tbs_bytes, meant only if is_crc_ok.
  /// A PDU that is not possible gives a failed CRC.
  [[nodiscard]] nr::SchResult decode(const nr::PdschPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna,
                                     ConstGridSpan grid, HarqSoftBuffer& harq, std::span<std::uint8_t> payload) noexcept;

private:
  void find_runs(const PdschAllocation& at, const nr::Carrier& carrier, unsigned reference_crb) noexcept;
  std::size_t equalize_symbol(const nr::PdschPdu& pdu, const PdschAllocation& at, unsigned symbol, std::span<const Cf32> received,
                              std::size_t first) noexcept;

  unsigned max_num_prb_;
  ChannelEstimate channel_;
  std::vector<PilotRun> runs_;            ///< the allocation's physical blocks, ascending
  std::vector<std::uint16_t> packed_;     ///< [virtual block]: its place among them
  SchEncoder encoder_;
  SchDecoder decoder_;
  std::vector<Cf32> pilots_;
  std::vector<Cf32> h_;
  std::vector<Cf32> y_;
  std::vector<Cf32> row_;
  std::vector<Cf32> elements_;
  std::vector<float> noise_;
  std::vector<float> row_noise_;
  std::vector<std::int8_t> llrs_;
  std::vector<std::uint8_t> bits_;
};

}  // namespace ravi::phy
