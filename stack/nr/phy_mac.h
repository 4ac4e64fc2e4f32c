#pragma once
// What MAC asks of PHY for one slot, and what PHY answers: plain structs with the field names of the small-cell forum's
// FAPI (5G FAPI: PHY API). Both the gNB and the UE use them, each from its own end: what one sends the other receives.
//
// Frequency positions are common resource blocks (CRB, counted from point A) where a name says `crb`, else PRBs counted
// from the start of the bandwidth part. Symbols count within the slot.

#include "stack/nr/modulation.h"
#include "stack/nr/numerology.h"
#include "stack/nr/pci.h"
#include "stack/nr/prb_range.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::nr {

/// A bounded list without heap.
template <class T, std::size_t Capacity>
class FixedList {
public:
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr bool full() const { return size_ == Capacity; }
  [[nodiscard]] static constexpr std::size_t capacity() { return Capacity; }
  /// False: full, nothing added.
  constexpr bool push_back(const T& item)
  {
    if (full()) return false;
    items_[size_++] = item;
    return true;
  }
  constexpr void clear() { size_ = 0; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) { return assert(i < size_), items_[i]; }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const { return assert(i < size_), items_[i]; }
  [[nodiscard]] constexpr T* begin() { return items_.data(); }
  [[nodiscard]] constexpr T* end() { return items_.data() + size_; }
  [[nodiscard]] constexpr const T* begin() const { return items_.data(); }
  [[nodiscard]] constexpr const T* end() const { return items_.data() + size_; }
  [[nodiscard]] constexpr std::span<const T> span() const { return {items_.data(), size_}; }

private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

/// One bit a byte, in the standard's order; the most a DCI or a UCI part has here.
using SmallBits = FixedList<std::uint8_t, 128>;

/// The carrier both sides have agreed on, one direction.
struct Carrier {
  Scs scs = Scs::khz15;
  unsigned num_prb = 52;           ///< N_grid^size, 1..275: the grid's width
  unsigned offset_to_carrier = 0;  ///< N_grid^start: CRB of the grid's subcarrier 0
  Hertz center{};                  ///< the radio's tuning and f_0 of TS 38.211 §5.4 (middle of the grid)
};

/// Resource elements that a PDSCH leaves out: SSB, CSI-RS, rate-matching patterns. TS 38.214 §5.1.4.
struct ReservedElements {
  PrbRange crb;                        ///< in the carrier's spacing
  std::uint16_t symbols = 0;           ///< bit l: symbol l of the slot
  std::uint16_t subcarriers = 0x0FFF;  ///< bit k: subcarrier k of every PRB
};

// -- SS/PBCH block ------------------------------------------------------------------------------------------------------
struct SsbPdu {
  Pci phys_cell_id;
  std::uint8_t ssb_block_index = 0;   ///< i_SSB
  std::uint8_t l_max = 4;             ///< 4, 8 (FR1)
  Scs scs = Scs::khz15;               ///< of the block; the carrier's own in FR1 as built here
  unsigned first_subcarrier = 0;      ///< of the grid: the block's lowest subcarrier (of 240)
  unsigned first_symbol = 0;          ///< within the slot
  unsigned half_frame = 0;            ///< 0, 1
  unsigned sfn = 0;
  unsigned k_ssb = 0;                 ///< 0..31, sent in the payload
  std::uint32_t mib = 0;              ///< 24 bits of BCCH-BCH-Message, first bit of the message highest (bit 23); the six
                                      ///< SFN bits in it are PHY's to set from `sfn`
  Decibel beta_pss{};                 ///< PSS over SSS: 0 or 3 dB
};

// -- PDCCH --------------------------------------------------------------------------------------------------------------
enum class CceRegMapping : std::uint8_t { non_interleaved, interleaved };

/// TS 38.211 §7.3.2.2. The bit of `frequency_domain_resources` for group g of six PRBs is 1 << g, group 0 lowest.
struct Coreset {
  std::uint64_t frequency_domain_resources = 0;
  unsigned first_crb = 0;              ///< CRB of the lowest PRB of group 0
  unsigned duration = 1;               ///< symbols, 1..3
  CceRegMapping cce_reg_mapping = CceRegMapping::non_interleaved;
  unsigned reg_bundle_size = 6;        ///< L: 2, 3, 6
  unsigned interleaver_size = 2;       ///< R: 2, 3, 6
  unsigned shift_index = 0;            ///< n_shift; the PCI where not configured
  unsigned dmrs_reference_crb = 0;     ///< subcarrier 0 of the DM-RS sequence: 0, or CORESET#0's lowest CRB
  unsigned dmrs_id = 0;                ///< N_ID of the DM-RS: pdcch-DMRS-ScramblingID or the PCI
  [[nodiscard]] constexpr unsigned num_prb() const
  {
    unsigned groups = 0;
    for (std::uint64_t mask = frequency_domain_resources; mask != 0; mask &= mask - 1) ++groups;
    return groups * 6;
  }
  [[nodiscard]] constexpr unsigned num_cce() const { return num_prb() * duration / 6; }
  [[nodiscard]] constexpr unsigned lowest_crb() const
  {
    return first_crb + 6 * static_cast<unsigned>(frequency_domain_resources == 0 ? 0 : std::countr_zero(frequency_domain_resources));
  }
};

/// One DCI on its CCEs.
struct PdcchPdu {
  Coreset coreset;
  unsigned first_symbol = 0;
  unsigned cce_index = 0;
  unsigned aggregation_level = 4;  ///< 1, 2, 4, 8, 16
  Rnti rnti;                       ///< masks the CRC
  unsigned scrambling_id = 0;      ///< n_ID: pdcch-DMRS-ScramblingID in a UE search space, else the PCI
  unsigned scrambling_rnti = 0;    ///< n_RNTI: C-RNTI in a UE search space with a scrambling ID configured, else 0
  SmallBits payload;               ///< empty at a receiver, which fills it in
  Decibel power_offset{};          ///< over the SSS
};

// -- PDSCH and PUSCH ----------------------------------------------------------------------------------------------------
enum class MappingType : std::uint8_t { a, b };

/// DM-RS of PDSCH or PUSCH, one front-loaded symbol, configuration type 1. TS 38.211 §7.4.1.1, §6.4.1.1.
struct DmrsConfig {
  std::uint16_t symbols = 0;                    ///< bit l: DM-RS in symbol l of the slot
  unsigned scrambling_id = 0;                   ///< N_ID^nSCID
  unsigned n_scid = 0;
  unsigned num_cdm_groups_without_data = 2;
  unsigned port = 0;                            ///< 0..3 (1000 + port, or port)
  unsigned reference_crb = 0;                   ///< subcarrier 0 of the sequence: 0, or CORESET#0's lowest CRB (SI-RNTI)
};

/// A transport block's coding. TS 38.212 §7.2, §6.2.
struct SchConfig {
  Modulation modulation = Modulation::qpsk;
  unsigned target_code_rate = 120;      ///< R x 1024, of the MCS table; may be a half (x 10 is not used: 256QAM has 682.5)
  bool has_half_code_rate = false;      ///< R x 1024 has a further 0.5
  unsigned tbs_bytes = 0;
  std::uint8_t redundancy_version = 0;  ///< 0..3
  std::uint8_t base_graph = 1;          ///< 1, 2
  unsigned tbs_lbrm_bytes = 0;          ///< limited-buffer rate matching; 0: no limit
};

struct PdschPdu {
  Rnti rnti;
  PrbRange bwp_crb;                     ///< the bandwidth part's CRBs
  PrbRange prb;                         ///< allocation type 1, virtual PRBs, from `bwp_crb.begin`
  std::uint8_t vrb_bundle_size = 0;     ///< interleaved VRB-to-PRB mapping over `bwp_crb`: 2 or 4; 0: not interleaved
  SymbolRange symbols;
  MappingType mapping_type = MappingType::a;
  DmrsConfig dmrs;
  SchConfig sch;
  unsigned data_scrambling_id = 0;      ///< n_ID: dataScramblingIdentityPDSCH or the PCI
  std::uint8_t harq_process = 0;
  bool is_new_data = true;
  Decibel power_offset{};               ///< over the SSS
  FixedList<ReservedElements, 8> reserved;
};

/// UCI multiplexed on a PUSCH. TS 38.212 §6.3.2.
struct PuschUci {
  unsigned num_harq_ack_bits = 0;
  unsigned num_csi_part1_bits = 0;
  float alpha_scaling = 1.0F;
  float beta_offset_harq_ack = 1.0F;
  float beta_offset_csi1 = 1.0F;
};

struct PuschPdu {
  Rnti rnti;
  PrbRange bwp_crb;
  PrbRange prb;                         ///< allocation type 1, no frequency hopping
  SymbolRange symbols;
  MappingType mapping_type = MappingType::a;
  DmrsConfig dmrs;
  SchConfig sch;
  unsigned data_scrambling_id = 0;      ///< n_ID: dataScramblingIdentityPUSCH or the PCI
  std::uint8_t harq_process = 0;
  bool is_new_data = true;
  PuschUci uci;
};

// -- PUCCH --------------------------------------------------------------------------------------------------------------
struct PucchPdu {
  Rnti rnti;
  std::uint8_t format = 1;              ///< 1, 2
  PrbRange bwp_crb;
  unsigned starting_prb = 0;
  unsigned num_prb = 1;                 ///< format 2: 1..16
  std::optional<unsigned> second_hop_prb;
  SymbolRange symbols;
  unsigned initial_cyclic_shift = 0;    ///< format 1: m_0
  unsigned time_domain_occ = 0;         ///< format 1
  unsigned hopping_id = 0;              ///< n_ID of group and cyclic-shift hopping: hoppingId or the PCI
  unsigned scrambling_id = 0;           ///< format 2: dataScramblingIdentityPUSCH or the PCI
  unsigned dmrs_scrambling_id = 0;      ///< format 2: N_ID^0
  unsigned num_harq_ack_bits = 0;       ///< format 1: 0..2
  unsigned num_sr_bits = 0;             ///< format 1: 1 where a positive SR alone may stand; format 2: bits in the payload
  unsigned num_csi_part1_bits = 0;
};

// -- PRACH --------------------------------------------------------------------------------------------------------------
enum class PrachFormat : std::uint8_t { f0, f1, f2, f3, a1, a2, a3, b1, b2, b3, b4, c0, c2 };

/// One occasion in time and frequency. TS 38.211 §6.3.3.
struct PrachPdu {
  PrachFormat format = PrachFormat::f0;
  Scs scs = Scs::khz15;                 ///< of the preamble where it is short; long formats have 1.25 or 5 kHz
  unsigned root_sequence_index = 0;     ///< prach-RootSequenceIndex
  unsigned n_cs = 0;                    ///< N_CS, unrestricted set; 0: one preamble a root
  unsigned first_preamble = 0;
  unsigned num_preambles = 64;
  unsigned first_crb = 0;               ///< lowest CRB (uplink carrier spacing) of the occasion
  unsigned first_symbol = 0;            ///< l_0 + n_t N_dur, within the slot of the PUSCH spacing given with the samples
  unsigned frequency_index = 0;         ///< f_id of RA-RNTI
};

struct PrachPreamble {
  std::uint8_t index = 0;               ///< 0..63
  float timing_advance_us = 0.0F;       ///< round trip, >= 0
  float metric = 0.0F;                  ///< peak over noise, linear
  float power_dbfs = 0.0F;
};

// -- what a receiver says -----------------------------------------------------------------------------------------------
enum class Detection : std::uint8_t { absent, present };  ///< absent: DTX

/// Of a data channel's reception.
struct SchResult {
  bool is_crc_ok = false;
  float snr_db = 0.0F;
  float timing_offset_us = 0.0F;        ///< of the signal against the grid, positive: late
  float cfo_hz = 0.0F;                  ///< 0 where it cannot be told
  float rsrp_dbfs = 0.0F;               ///< mean power of one DM-RS resource element
};

/// Uplink control information, one bit a byte.
struct Uci {
  SmallBits harq_ack;
  SmallBits sr;
  SmallBits csi_part1;
};

struct UciResult {
  Detection detection = Detection::absent;
  bool is_crc_ok = true;                ///< where the UCI has a CRC
  Uci uci;
  float snr_db = 0.0F;
  float timing_offset_us = 0.0F;
};

}  // namespace ravi::nr
