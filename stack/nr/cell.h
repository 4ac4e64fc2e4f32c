#pragma once
// What a cell is, and what a UE has been told to use in it: the values of MIB, SIB1 and RRCSetup as every layer uses them.
//
// The gNB derives them from an intent and writes the RRC messages from them; the UE reads them back from the messages. So both
// ends of every procedure work from the same structs. Defaults are the standard's where it has one.

#include "stack/nr/band.h"
#include "stack/nr/coreset0.h"
#include "stack/nr/mcs.h"
#include "stack/nr/phy_mac.h"
#include "stack/nr/ssb_position.h"
#include "stack/nr/tdd_pattern.h"
#include "stack/nr/time_allocation.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi::nr {

/// PLMN identity: digits as text, "001" and "01" or "001".
struct Plmn {
  std::string mcc = "001";
  std::string mnc = "01";
  friend bool operator==(const Plmn&, const Plmn&) = default;
};

/// SearchSpace of TS 38.331, one symbol position a slot.
struct SearchSpace {
  unsigned id = 1;
  unsigned coreset_id = 0;
  unsigned period_slots = 1;   ///< monitoringSlotPeriodicityAndOffset
  unsigned offset_slots = 0;
  unsigned duration_slots = 1;
  unsigned first_symbol = 0;   ///< of monitoringSymbolsWithinSlot, one bit set
  std::array<std::uint8_t, 5> num_candidates{};  ///< at aggregation levels 1, 2, 4, 8, 16
  bool is_common = true;       ///< DCI 0_0 and 1_0 of the common kind; else of a UE search space
  bool has_formats_1 = false;  ///< UE search space: DCI 0_1 and 1_1 instead of 0_0 and 1_0
  friend bool operator==(const SearchSpace&, const SearchSpace&) = default;
};

struct RandomAccess {
  unsigned prach_configuration_index = 1;
  unsigned msg1_frequency_start = 8;          ///< PRBs from the initial uplink BWP's start
  Scs msg1_scs = Scs::khz15;                  ///< short formats
  unsigned root_sequence_index = 1;
  unsigned zero_correlation_zone = 0;
  unsigned num_preambles = 64;                ///< totalNumberOfRA-Preambles
  unsigned response_window_slots = 10;
  unsigned contention_resolution_subframes = 64;
  unsigned preamble_trans_max = 7;
  int preamble_received_target_power_dbm = -100;
  unsigned power_ramping_step_db = 4;
};

/// UE-TimersAndConstants of SIB1.
struct UeTimers {
  std::chrono::milliseconds t300{1000};
  std::chrono::milliseconds t301{1000};
  std::chrono::milliseconds t310{1000};
  std::chrono::milliseconds t311{3000};
  std::chrono::milliseconds t319{1000};
  unsigned n310 = 1;
  unsigned n311 = 1;
};

/// A cell: everything that is the same for all its UEs.
/// When idle UEs listen for being paged. TS 38.331 §6.3.2 PCCH-Config, TS 38.304 §7.1.
struct PagingConfig {
  unsigned cycle_frames = 128;         ///< T
  unsigned frames_apart = 1;           ///< T / N: of those that page somebody
  unsigned frame_offset = 0;           ///< PF_offset
  unsigned occasions_per_frame = 1;    ///< N_s
  std::vector<unsigned> first_monitoring_occasions;  ///< one a paging occasion, counted in the frame; empty: they follow one another
  friend bool operator==(const PagingConfig&, const PagingConfig&) = default;
};

/// How accesses of one category are held back. TS 38.331 §5.3.14.5; categories: TS 24.501 Table 4.5.2.2.
struct AccessBarring {
  unsigned category = 7;                ///< 1..63
  unsigned factor_percent = 50;         ///< of them that may go on: 0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95
  unsigned time_s = 4;                  ///< 4, 8, 16, 32, 64, 128, 256, 512: those held back wait 0.7 to 1.3 of that
  std::uint8_t barred_identities = 0;   ///< bits 6..0: access identities 1, 2, 11..15; the others' access is not barred
  friend bool operator==(const AccessBarring&, const AccessBarring&) = default;
};

struct Cell {
  // -- identity
  Pci pci;
  Plmn plmn;
  std::uint32_t tracking_area_code = 1;
  std::uint64_t nr_cell_identity = 1;   ///< 36 bits
  bool is_barred = false;
  std::vector<AccessBarring> access_barring;  ///< of this PLMN; categories that are not there are free
  // -- carriers
  unsigned band = 3;
  Duplex duplex = Duplex::fdd;
  Hertz bandwidth{10e6};                ///< the channel's
  Carrier downlink;
  Carrier uplink;                       ///< TDD: the same as downlink
  std::optional<TddConfig> tdd;
  PrbRange downlink_bwp_crb;            ///< initial and only bandwidth part
  PrbRange uplink_bwp_crb;
  // -- SS/PBCH block
  SsbPosition ssb;
  unsigned ssb_period_ms = 10;
  unsigned ssb_l_max = 4;
  std::uint8_t ssb_positions_in_burst = 0x80;  ///< bit 7: index 0
  int ss_pbch_block_power_dbm = -16;
  unsigned dmrs_type_a_position = 2;    ///< 2, 3
  // -- control
  unsigned coreset0_index = 6;          ///< pdcch-ConfigSIB1
  unsigned search_space0_index = 0;
  Coreset coreset0;
  SearchSpace ra_search_space;          ///< also for paging; on CORESET#0
  std::optional<PagingConfig> paging = PagingConfig{};  ///< nothing: in another search space, so the UE cannot be paged
  unsigned sib1_period_ms = 20;         ///< how often the gNB sends it; the UE doesn't rely on it
  // -- shared channels
  std::vector<PdschTimeAllocation> pdsch_time_allocations;  ///< pdsch-ConfigCommon; empty: default table A
  std::vector<PuschTimeAllocation> pusch_time_allocations;  ///< pusch-ConfigCommon; empty: default table A
  // -- random access and uplink
  RandomAccess random_access;
  unsigned pucch_resource_common = 11;
  std::optional<unsigned> pucch_hopping_id;                 ///< absent: the PCI
  std::int64_t n_ta_offset_tc = 25'600;
  int p0_nominal_dbm = -90;
  UeTimers timers;
};

struct PucchResource {
  unsigned id = 0;
  std::uint8_t format = 1;
  unsigned starting_prb = 0;
  std::optional<unsigned> second_hop_prb;
  SymbolRange symbols{0, 14};
  unsigned initial_cyclic_shift = 0;    ///< format 1
  unsigned time_domain_occ = 0;         ///< format 1
  unsigned num_prb = 1;                 ///< format 2: the most it may use
  friend bool operator==(const PucchResource&, const PucchResource&) = default;
};

/// Something that happens every `period_slots`, `offset_slots` after a multiple of that.
struct PeriodicResource {
  unsigned period_slots = 20;
  unsigned offset_slots = 0;
  unsigned pucch_resource_id = 0;
  [[nodiscard]] constexpr bool is_at(Slot slot) const { return slot.count() % period_slots == offset_slots; }
  friend bool operator==(const PeriodicResource&, const PeriodicResource&) = default;
};

struct DedicatedCoreset {
  unsigned id = 1;
  Coreset coreset;
  bool has_scrambling_id = false;  ///< pdcch-DMRS-ScramblingID (`coreset.dmrs_id`) scrambles a UE search space's DCIs too
  bool has_tci = false;            ///< tci-PresentInDCI
};

/// A CSI-RS, of power or of none: elements that a PDSCH leaves out when it comes. TS 38.211 §7.3.1.5; TS 38.214 §5.1.4.2.
struct PeriodicElements {
  unsigned id = 0;
  ReservedElements elements;
  unsigned period_slots = 20;
  unsigned offset_slots = 0;
  bool is_in_use = true;  ///< of zero power: in the periodic set
  [[nodiscard]] constexpr bool is_at(Slot slot) const { return is_in_use && slot.count() % period_slots == offset_slots; }
};

/// What RRC says of the fields of DCI formats 1_1 and 0_1, beside the lists of UeConfig. TS 38.212 §7.3.1.
struct DciFieldConfig {
  unsigned vrb_bundle_size = 0;         ///< vrb-ToPRB-Interleaver: 2, 4; 0: no field
  bool is_prb_bundling_dynamic = false;
  unsigned num_aperiodic_zp_sets = 0;   ///< aperiodic ZP CSI-RS resource sets
  unsigned num_codebook_srs = 0;        ///< resources of the SRS resource set for `codebook`
  unsigned csi_request_bits = 0;        ///< reportTriggerSize
};

/// What one UE has been told in its cell group configuration.
struct UeConfig {
  Rnti c_rnti;
  std::vector<DedicatedCoreset> coresets;
  std::vector<SearchSpace> search_spaces;
  // -- PDSCH and PUSCH
  McsTable pdsch_mcs_table = McsTable::qam64;
  McsTable pusch_mcs_table = McsTable::qam64;
  unsigned pdsch_dmrs_additional_position = 2;
  unsigned pusch_dmrs_additional_position = 2;
  std::vector<PdschTimeAllocation> pdsch_time_allocations;  ///< pdsch-Config's; empty: the cell's
  std::vector<PuschTimeAllocation> pusch_time_allocations;  ///< pusch-Config's; empty: the cell's
  std::vector<PeriodicElements> nzp_csi_rs;                 ///< non-zero power, periodic
  std::vector<PeriodicElements> zp_csi_rs;                  ///< zero power, of the periodic set
  DciFieldConfig dci_fields;
  bool has_limited_soft_buffer = true;                      ///< PDSCH, TS 38.212 §5.4.2.1; false: a departure, not in RRC
  unsigned max_mimo_layers = 1;                             ///< of PDSCH: sizes the limited soft buffer
  bool has_pusch_limited_buffer = false;                    ///< rateMatching of PUSCH-ServingCellConfig
  unsigned num_dl_harq_processes = 16;
  std::vector<unsigned> dl_data_to_ul_ack{4};      ///< k_1, for the DCI's field
  std::array<unsigned, 3> beta_offset_ack_index{9, 9, 9};   ///< up to 2, up to 11, more bits
  std::array<unsigned, 2> beta_offset_csi1_index{9, 9};     ///< up to 11, more bits
  float alpha_scaling = 1.0F;
  // -- PUCCH
  std::vector<PucchResource> pucch_resources;
  std::array<std::vector<unsigned>, 2> pucch_resource_sets;  ///< resource ids: up to 2 bits, more
  float pucch_format2_max_code_rate = 0.25F;
  bool is_simultaneous_harq_ack_csi = true;                  ///< format 2
  std::optional<PeriodicResource> scheduling_request;
  unsigned sr_trans_max = 64;
  std::optional<PeriodicResource> csi_report;                ///< wideband CQI, 4 bits
  CqiTable cqi_table = CqiTable::table1;
  // -- MAC
  unsigned periodic_bsr_subframes = 10;
  unsigned retx_bsr_subframes = 80;
};

}  // namespace ravi::nr
