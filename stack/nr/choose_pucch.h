#pragma once
// Which PUCCH carries a slot's uplink control: the same decision on both sides of the link. TS 38.213 §9.2.

#include "stack/nr/cell.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"

#include <optional>

namespace ravi::nr {

/// What wants to be sent in one slot by one UE.
struct UciNeeds {
  unsigned num_harq_ack = 0;
  unsigned resource_indicator = 0;  ///< PUCCH resource indicator of the last DCI 1_0 that asked for HARQ-ACK here
  unsigned first_cce = 0;           ///< of that DCI, for the common resources
  unsigned num_cce = 1;             ///< of its CORESET
  bool is_sr_occasion = false;
  bool has_csi = false;
};

/// The PUCCH: HARQ-ACK of one or two bits alone on format 1; more, or with CSI, on format 2, the SR occasion adding a bit; CSI
/// alone on its own format 2; an SR alone on its format 1. A positive SR that meets HARQ-ACK on format 1 moves those bits to
/// the SR's resource (§9.2.5.1): see `sr_pucch`. Without `config` the common resources. Nothing: nothing to send, or no
/// resource for it.
[[nodiscard]] std::optional<PucchPdu> choose_pucch(const Cell& cell, const UeConfig* config, Rnti rnti, const UciNeeds& needs) noexcept;

/// The scheduling request's resource, with `num_harq_ack` bits (0..2) of HARQ-ACK moved to it. Nothing: none configured.
[[nodiscard]] std::optional<PucchPdu> sr_pucch(const Cell& cell, const UeConfig& config, Rnti rnti, unsigned num_harq_ack) noexcept;

/// PRBs of a format 2 resource that so many UCI bits take: as few as the code rate allows, at most `max_prb`. §9.2.5.1.
[[nodiscard]] unsigned pucch_format2_num_prb(unsigned num_bits, unsigned num_symbols, float max_code_rate, unsigned max_prb) noexcept;

/// What a PUSCH carries of it: HARQ-ACK and CSI, with the weights configured; a scheduling request gives way. §9.3.
[[nodiscard]] PuschUci pusch_uci(const UeConfig* config, unsigned num_harq_ack, bool has_csi) noexcept;

inline constexpr unsigned kWidebandCqiBits = 4;  ///< one port: TS 38.212 Table 6.3.1.1.2-7

}  // namespace ravi::nr
