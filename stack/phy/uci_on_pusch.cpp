#include "stack/phy/uci_on_pusch.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ravi::phy {
namespace {

bool has_dmrs(const nr::PuschPdu& pdu, unsigned symbol) { return (pdu.dmrs.symbols >> symbol & 1U) != 0; }

/// CRC bits of a UCI part of `num_bits`, TS 38.212 §6.3.1.2.
unsigned num_crc_bits(unsigned num_bits) { return num_bits < 12 ? 0 : (num_bits < 20 ? 6 : 11); }

/// First symbol without DM-RS after the first run of DM-RS symbols: l^(1).
unsigned first_after_dmrs(const nr::PuschPdu& pdu)
{
  unsigned symbol = pdu.symbols.begin;
  while (symbol < pdu.symbols.end() && !has_dmrs(pdu, symbol)) ++symbol;
  while (symbol < pdu.symbols.end() && has_dmrs(pdu, symbol)) ++symbol;
  return symbol;
}

unsigned first_without_dmrs(const nr::PuschPdu& pdu)
{
  unsigned symbol = pdu.symbols.begin;
  while (symbol < pdu.symbols.end() && has_dmrs(pdu, symbol)) ++symbol;
  return symbol;
}

/// Elements a part would like: ceil((O + L) beta sum(M) / sum(K)). Eight decimals are more than the tables' beta have.
unsigned wanted_elements(unsigned num_bits, float beta, unsigned num_elements, unsigned num_code_block_bits)
{
  const double exact = static_cast<double>(num_bits + num_crc_bits(num_bits)) * static_cast<double>(beta) * num_elements /
                       num_code_block_bits;
  return static_cast<unsigned>(std::ceil(exact - 1e-6));
}

unsigned share_of(float alpha, unsigned num_elements)
{
  return static_cast<unsigned>(std::ceil(static_cast<double>(alpha) * num_elements - 1e-6));
}

}  // namespace

PuschMultiplex::PuschMultiplex(unsigned max_num_prb)
  : kinds_(std::size_t{max_num_prb} * nr::kSubcarriersPerPrb * nr::kSymbolsPerSlot)
{
}

void PuschMultiplex::count_elements(const nr::PuschPdu& pdu) noexcept
{
  kinds_used_ = 0;
  for (unsigned symbol = 0; symbol < nr::kSymbolsPerSlot; ++symbol) {
    const unsigned all = pdu.prb.count * nr::kSubcarriersPerPrb;
    const unsigned beside_dmrs = pdu.dmrs.num_cdm_groups_without_data == 1 ? all / 2 : 0;
    num_in_symbol_[symbol] = !pdu.symbols.contains(symbol) ? 0 : (has_dmrs(pdu, symbol) ? beside_dmrs : all);
    begin_of_symbol_[symbol] = kinds_used_;
    kinds_used_ += num_in_symbol_[symbol];
  }
}

/// Sum of M_sc^UCI(l) over the symbols from `first_symbol` on: UCI never shares a symbol with DM-RS.
unsigned PuschMultiplex::uci_elements(const nr::PuschPdu& pdu, unsigned first_symbol) const noexcept
{
  unsigned sum = 0;
  for (unsigned symbol = first_symbol; symbol < pdu.symbols.end(); ++symbol) {
    if (!has_dmrs(pdu, symbol)) sum += num_in_symbol_[symbol];
  }
  return sum;
}

bool PuschMultiplex::lay_out(const nr::PuschPdu& pdu, unsigned num_code_block_bits) noexcept
{
  kinds_used_ = num_sch_ = num_harq_ack_ = num_csi_part1_ = 0;
  bits_per_element_ = nr::bits_per_symbol(pdu.sch.modulation);
  const std::size_t room = std::size_t{pdu.prb.count} * nr::kSubcarriersPerPrb * nr::kSymbolsPerSlot;
  if (pdu.symbols.end() > nr::kSymbolsPerSlot || room > kinds_.size() || num_code_block_bits == 0) return false;
  count_elements(pdu);
  std::fill_n(kinds_.begin(), kinds_used_, Kind::sch);

  const nr::PuschUci& uci = pdu.uci;
  const unsigned all_elements = uci_elements(pdu, pdu.symbols.begin);
  const unsigned after_dmrs = first_after_dmrs(pdu);
  // TS 38.212 §6.3.2.4.1.1. Up to two bits are mapped into elements reserved for two, and punctured in.
  const auto harq_ack_elements = [&](unsigned num_bits) {
    return std::min(wanted_elements(num_bits, uci.beta_offset_harq_ack, all_elements, num_code_block_bits),
                    share_of(uci.alpha_scaling, uci_elements(pdu, after_dmrs)));
  };
  const bool is_punctured = uci.num_harq_ack_bits <= 2;
  const bool has_uci = uci.num_harq_ack_bits > 0 || uci.num_csi_part1_bits > 0;
  std::size_t taken = 0;  // elements that CSI part 1 cannot have
  if (is_punctured && has_uci) {
    taken = harq_ack_elements(2);
    place(pdu, after_dmrs, taken, Kind::sch, Kind::reserved);
  }
  if (uci.num_harq_ack_bits > 0) num_harq_ack_ = harq_ack_elements(uci.num_harq_ack_bits);
  if (!is_punctured) {
    taken = num_harq_ack_;
    place(pdu, after_dmrs, num_harq_ack_, Kind::sch, Kind::harq_ack);
  }
  if (uci.num_csi_part1_bits > 0) {  // §6.3.2.4.1.2
    const unsigned limit = share_of(uci.alpha_scaling, all_elements);
    if (limit <= taken) return false;
    num_csi_part1_ = std::min<std::size_t>(
        wanted_elements(uci.num_csi_part1_bits, uci.beta_offset_csi1, all_elements, num_code_block_bits), limit - taken);
    place(pdu, first_without_dmrs(pdu), num_csi_part1_, Kind::sch, Kind::csi_part1);
  }
  if (is_punctured) place(pdu, after_dmrs, num_harq_ack_, Kind::reserved, Kind::sch_under_harq_ack);
  const std::size_t num_rate_matched = num_csi_part1_ + (is_punctured ? 0 : num_harq_ack_);
  if (num_rate_matched >= kinds_used_) return false;
  num_sch_ = kinds_used_ - num_rate_matched;
  const auto placed = [&](Kind kind) {
    return static_cast<std::size_t>(std::count(kinds_.begin(), kinds_.begin() + static_cast<std::ptrdiff_t>(kinds_used_), kind));
  };
  return placed(is_punctured ? Kind::sch_under_harq_ack : Kind::harq_ack) == num_harq_ack_ &&
         placed(Kind::csi_part1) == num_csi_part1_;
}

/// Spreads `num_elements` over the symbols from `first_symbol` on, TS 38.212 §6.2.7: whole symbols first, then evenly with
/// distance d over the elements of kind `from`.
void PuschMultiplex::place(const nr::PuschPdu& pdu, unsigned first_symbol, std::size_t num_elements, Kind from, Kind to) noexcept
{
  for (unsigned symbol = first_symbol; symbol < pdu.symbols.end() && num_elements > 0; ++symbol) {
    if (has_dmrs(pdu, symbol)) continue;
    const std::span<Kind> row(kinds_.data() + begin_of_symbol_[symbol], num_in_symbol_[symbol]);
    const auto available = static_cast<std::size_t>(std::count(row.begin(), row.end(), from));
    if (available == 0) continue;
    const std::size_t count = std::min(available, num_elements);
    const std::size_t distance = available / count;
    std::size_t seen = 0;
    std::size_t placed = 0;
    for (Kind& kind : row) {
      if (kind != from) continue;
      if (seen++ % distance == 0 && placed < count) {
        kind = to;
        ++placed;
      }
    }
    num_elements -= count;
  }
}

/// Calls visit(kind, count) for each run of elements that carry the same: most are long, for UCI is little.
template <class Visit>
void PuschMultiplex::for_each_run(const Visit& visit) const noexcept
{
  const auto end = kinds_.begin() + static_cast<std::ptrdiff_t>(kinds_used_);
  for (auto first = kinds_.begin(); first != end;) {
    const Kind kind = *first;
    const auto last = std::find_if(first, end, [kind](Kind other) { return other != kind; });
    visit(kind, last - first);
    first = last;
  }
}

void PuschMultiplex::multiplex(std::span<const std::uint8_t> sch, std::span<const std::uint8_t> harq_ack,
                               std::span<const std::uint8_t> csi_part1, std::span<std::uint8_t> out) const noexcept
{
  assert(sch.size() == num_sch_bits() && harq_ack.size() == num_harq_ack_bits() && csi_part1.size() == num_csi_part1_bits());
  assert(out.size() == num_bits());
  auto s = sch.begin();
  auto h = harq_ack.begin();
  auto c = csi_part1.begin();
  auto o = out.begin();
  for_each_run([&](Kind kind, std::ptrdiff_t num_elements) {
    const std::ptrdiff_t count = num_elements * static_cast<std::ptrdiff_t>(bits_per_element_);
    const bool is_harq_ack = kind == Kind::harq_ack || kind == Kind::sch_under_harq_ack;
    auto& source = is_harq_ack ? h : (kind == Kind::csi_part1 ? c : s);
    o = std::copy_n(source, count, o);
    source += count;
    if (kind == Kind::sch_under_harq_ack) s += count;
  });
}

void PuschMultiplex::demultiplex(std::span<const std::int8_t> in, std::span<std::int8_t> sch, std::span<std::int8_t> harq_ack,
                                 std::span<std::int8_t> csi_part1) const noexcept
{
  assert(sch.size() == num_sch_bits() && harq_ack.size() == num_harq_ack_bits() && csi_part1.size() == num_csi_part1_bits());
  assert(in.size() == num_bits());
  auto s = sch.begin();
  auto h = harq_ack.begin();
  auto c = csi_part1.begin();
  auto i = in.begin();
  for_each_run([&](Kind kind, std::ptrdiff_t num_elements) {
    const std::ptrdiff_t count = num_elements * static_cast<std::ptrdiff_t>(bits_per_element_);
    const bool is_harq_ack = kind == Kind::harq_ack || kind == Kind::sch_under_harq_ack;
    auto& target = is_harq_ack ? h : (kind == Kind::csi_part1 ? c : s);
    target = std::copy_n(i, count, target);
    i += count;
    if (kind == Kind::sch_under_harq_ack) s = std::fill_n(s, count, std::int8_t{0});
  });
}

void PuschMultiplex::harq_ack_of(std::span<const std::uint8_t> in, std::span<std::uint8_t> harq_ack) const noexcept
{
  assert(in.size() == num_bits() && harq_ack.size() == num_harq_ack_bits());
  const auto step = static_cast<std::ptrdiff_t>(bits_per_element_);
  auto h = harq_ack.begin();
  for (std::size_t element = 0; element < kinds_used_; ++element) {
    if (kinds_[element] != Kind::harq_ack && kinds_[element] != Kind::sch_under_harq_ack) continue;
    h = std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(element) * step, step, h);
  }
}

}  // namespace ravi::phy
