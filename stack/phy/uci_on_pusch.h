#pragma once
// Which resource elements of a PUSCH carry the transport block and which uplink control. TS 38.212 §6.2.7, §6.3.2.4.

#include "stack/nr/phy_mac.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::phy {

/// The multiplexing of one PUSCH, one layer: HARQ-ACK and CSI part 1. Its elements are all those of the allocation that are
/// not the DM-RS's, symbol by symbol, lowest subcarrier first. Memory is taken when made; real time after that.
class PuschMultiplex {
public:
  explicit PuschMultiplex(unsigned max_num_prb);

  /// `num_code_block_bits`: sum of K_r over the transport block's code blocks, > 0. False: the UCI asks for more than there
  /// is, or the allocation is impossible; then nothing is laid out.
  [[nodiscard]] bool lay_out(const nr::PuschPdu& pdu, unsigned num_code_block_bits) noexcept;

  /// Data subcarriers of one symbol of the slot; 0 where it is full of DM-RS. With one CDM group without data every second
  /// one of a DM-RS symbol.
  [[nodiscard]] unsigned num_data_subcarriers(unsigned symbol) const noexcept { return num_in_symbol_[symbol]; }

  // Coded bits of each part, after `lay_out`.
  [[nodiscard]] std::size_t num_bits() const noexcept { return kinds_used_ * bits_per_element_; }
  [[nodiscard]] std::size_t num_sch_bits() const noexcept { return num_sch_ * bits_per_element_; }
  [[nodiscard]] std::size_t num_harq_ack_bits() const noexcept { return num_harq_ack_ * bits_per_element_; }
  [[nodiscard]] std::size_t num_csi_part1_bits() const noexcept { return num_csi_part1_ * bits_per_element_; }

  /// Coded bits of the parts to those of the PUSCH; HARQ-ACK of at most two bits overwrites the transport block's.
  void multiplex(std::span<const std::uint8_t> sch, std::span<const std::uint8_t> harq_ack,
                 std::span<const std::uint8_t> csi_part1, std::span<std::uint8_t> out) const noexcept;

  /// LLRs of the PUSCH to those of its parts; where HARQ-ACK overwrote the transport block, that has 0.
  void demultiplex(std::span<const std::int8_t> in, std::span<std::int8_t> sch, std::span<std::int8_t> harq_ack,
                   std::span<std::int8_t> csi_part1) const noexcept;

  /// Those of the PUSCH's bits that are the HARQ-ACK's.
  void harq_ack_of(std::span<const std::uint8_t> in, std::span<std::uint8_t> harq_ack) const noexcept;

private:
  /// What an element carries.
  enum class Kind : std::uint8_t {
    sch,
    reserved,              ///< transport block; a HARQ-ACK of at most two bits may overwrite it, CSI part 1 may not
    sch_under_harq_ack,    ///< such an overwritten one
    harq_ack,
    csi_part1,
  };

  template <class Visit>
  void for_each_run(const Visit& visit) const noexcept;
  void count_elements(const nr::PuschPdu& pdu) noexcept;
  [[nodiscard]] unsigned uci_elements(const nr::PuschPdu& pdu, unsigned first_symbol) const noexcept;
  void place(const nr::PuschPdu& pdu, unsigned first_symbol, std::size_t num_elements, Kind from, Kind to) noexcept;

  unsigned num_in_symbol_[nr::kSymbolsPerSlot] = {};
  std::size_t begin_of_symbol_[nr::kSymbolsPerSlot] = {};
  std::vector<Kind> kinds_;
  std::size_t kinds_used_ = 0;
  std::size_t bits_per_element_ = 0;
  std::size_t num_sch_ = 0;
  std::size_t num_harq_ack_ = 0;
  std::size_t num_csi_part1_ = 0;
};

}  // namespace ravi::phy
