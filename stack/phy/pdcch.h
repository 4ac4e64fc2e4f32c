#pragma once
// The physical downlink control channel: DCIs on the CCEs of a CORESET, sent and searched for. TS 38.211 §7.3.2, §7.4.1.3.

#include "radio/iq.h"
#include "stack/nr/phy_mac.h"
#include "stack/phy/resource_grid.h"
#include "stack/nr/search_space.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace ravi::phy {

/// PRBs of a grid; every REG bundle is whole PRBs in all symbols of its CORESET, so a set of them says where a DCI lies.
using PrbSet = std::bitset<nr::kMaxNumPrb>;

/// PRBs of the carrier's grid of CCEs [cce_index, cce_index + aggregation_level). TS 38.211 §7.3.2.2. Nothing where the CORESET
/// is not one the standard knows, does not lie in the carrier, or has no such CCEs.
[[nodiscard]] std::optional<PrbSet> cce_prbs(const nr::Coreset& coreset, const nr::Carrier& carrier, unsigned cce_index,
                                             unsigned aggregation_level) noexcept;

/// A DCI that was found.
struct FoundDci {
  nr::Rnti rnti;
  nr::SmallBits payload;
  unsigned coreset_id = 0;         ///< of the search space; `decode` leaves it 0
  unsigned cce_index = 0;
  unsigned aggregation_level = 0;
  unsigned first_symbol = 0;
  float snr_db = 0.0F;
};
using FoundDcis = nr::FixedList<FoundDci, 8>;

/// How DCIs are looked for in one search space set.
struct PdcchSearch {
  nr::Coreset coreset;
  nr::SearchSpace search_space;
  unsigned scrambling_id = 0;    ///< n_ID of PdcchPdu
  unsigned scrambling_rnti = 0;  ///< n_RNTI of PdcchPdu
  nr::Rnti c_rnti;               ///< of the hash in a UE search space
  nr::FixedList<nr::Rnti, 6> rntis;      ///< that may mask the CRC
  nr::FixedList<std::uint8_t, 3> sizes;  ///< DCI payload sizes, bits
};

/// Working memory and polar codes for both directions.
class PdcchCodec {
public:
  PdcchCodec();
  ~PdcchCodec();
  PdcchCodec(PdcchCodec&&) noexcept;
  PdcchCodec& operator=(PdcchCodec&&) noexcept;

  /// Writes one DCI and its DM-RS into the slot's grid. False, and nothing written: CCEs outside the CORESET or carrier, or a
  /// payload that does not fit them.
  [[nodiscard]] bool encode(const nr::PdcchPdu& pdu, const nr::Carrier& carrier, nr::Slot slot, unsigned port,
                            GridSpan grid) noexcept;

  /// Tries one candidate: `pdu` says where, `sizes` and `rntis` what. A candidate without the DM-RS costs next to nothing.
  [[nodiscard]] std::optional<FoundDci> decode(const nr::PdcchPdu& pdu, std::span<const std::uint8_t> sizes,
                                               std::span<const nr::Rnti> rntis, const nr::Carrier& carrier, nr::Slot slot,
                                               unsigned antenna, ConstGridSpan grid) noexcept;

  /// Tries every candidate of the search space in this slot (whether it is monitored is for the caller to ask), the highest
  /// aggregation level first, and adds what it finds. CCEs of a DCI in `found` are not tried again.
  void search(const PdcchSearch& search, const nr::Carrier& carrier, nr::Slot slot, unsigned antenna, ConstGridSpan grid,
              FoundDcis& found) noexcept;

private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace ravi::phy
