#include "stack/nr/tbs.h"

#include "stack/nr/tbs_tables.h"
#include "tests/stack/nr/reference.h"

#include <algorithm>
#include <cmath>

using namespace ravi::nr;

namespace {

Mcs qam64(unsigned index) { return *mcs(McsTable::qam64, index); }

// The clause once more, word for word in floating point: exact for the sizes here, whose N_info has few bits.
unsigned literal_tbs(double n_info, double code_rate, const std::array<std::uint16_t, 93>& table)
{
  if (n_info <= 3824) {
    const double n = std::max(3.0, std::floor(std::log2(n_info)) - 6);
    const double quantized = std::max(24.0, std::exp2(n) * std::floor(n_info / std::exp2(n)));
    return *std::find_if(table.begin(), table.end(), [&](unsigned tbs) { return tbs >= quantized; });
  }
  const double n = std::floor(std::log2(n_info - 24)) - 5;
  const double quantized = std::max(3840.0, std::exp2(n) * std::floor((n_info - 24) / std::exp2(n) + 0.5));
  double blocks = 1;
  if (code_rate <= 0.25)
    blocks = std::ceil((quantized + 24) / 3816);
  else if (quantized > 8424)
    blocks = std::ceil((quantized + 24) / 8424);
  return static_cast<unsigned>(8 * blocks * std::ceil((quantized + 24) / (8 * blocks)) - 24);
}

}  // namespace

TEST_CASE("TBS: the table of small sizes is the specification's [TS 38.214 Table 5.1.3.2-1]")
{
  const auto rows = test::read_table("tbs");
  if (!rows) return;
  REQUIRE(rows->size() == tables::kTbs.size());
  for (std::size_t i = 0; i < rows->size(); ++i) CHECK(tables::kTbs[i] == test::number((*rows)[i][1]));
}

TEST_CASE("TBS: resource elements count up to 156 a PRB, less DM-RS and overhead [TS 38.214 §5.1.3.2 step 1]")
{
  CHECK(dmrs_re_per_prb(DmrsType::type1, 3, 2) == 36);
  CHECK(dmrs_re_per_prb(DmrsType::type1, 1, 1) == 6);
  CHECK(dmrs_re_per_prb(DmrsType::type2, 2, 3) == 24);
  CHECK(num_re_for_tbs(10, 13, 36) == 1200);
  CHECK(num_re_for_tbs(10, 14, 6) == 1560);
  CHECK(num_re_for_tbs(10, 14, 12, 18) == 1380);
  CHECK(num_re_for_tbs(1, 1, 12) == 0);
  CHECK(num_re_for_tbs(1, 1, 12, 18) == 0);
}

TEST_CASE("TBS: known sizes")
{
  // 273 PRB, 13 symbols, one DM-RS symbol with both CDM groups, 256QAM 948/1024: by hand from the clause.
  // N_info = 273 * 144 * 948/1024 * 8 = 291162.375; n = 13; N' = 8192 * round(291138.375 / 8192) = 294912; C = 36.
  CHECK(transport_block_bits(273 * 144, *mcs(McsTable::qam256, 27)) == 295176);
  CHECK(transport_block_bits(273 * 144, *mcs(McsTable::qam256, 27), 4) % 8 == 0);
  // One PRB of 2 data symbols, QPSK 120/1024: N_info = 5.625, hence the smallest block.
  CHECK(transport_block_bits(24, qam64(0)) == 24);
  CHECK(transport_block_bits(0, qam64(0)) == 24);
  // RAR of the recording n3-fdd-pci500-rar: PRB 13..28, symbols 1..13, MCS 5, DM-RS on three symbols; 352 bits.
  CHECK(transport_block_bits(num_re_for_tbs(16, 13, 36), qam64(5), 1, TbScaling::quarter) == 352);
}

TEST_CASE("TBS: every allocation, MCS and layer count agrees with the clause in floating point")
{
  for (const auto table : {McsTable::qam64, McsTable::qam256, McsTable::qam64_low_se}) {
    for (unsigned index = 0; index <= max_mcs(table); ++index) {
      const Mcs row = *mcs(table, index);
      for (const unsigned re_per_prb : {12U, 30U, 96U, 120U, 132U, 144U, 156U}) {
        for (unsigned num_prb = 1; num_prb <= kMaxNumPrb; num_prb += num_prb < 60 ? 1 : 7) {
          const unsigned num_re = num_prb * re_per_prb;
          for (const unsigned layers : {1U, 2U, 4U}) {
            const double n_info = num_re * row.code_rate() * bits_per_symbol(row.modulation) * layers;
            REQUIRE(transport_block_bits(num_re, row, layers) == literal_tbs(n_info, row.code_rate(), tables::kTbs));
          }
          const double n_info = num_re * row.code_rate() * bits_per_symbol(row.modulation);
          REQUIRE(transport_block_bits(num_re, row, 1, TbScaling::half) ==
                  literal_tbs(n_info / 2, row.code_rate(), tables::kTbs));
          REQUIRE(transport_block_bits(num_re, row, 1, TbScaling::quarter) ==
                  literal_tbs(n_info / 4, row.code_rate(), tables::kTbs));
        }
      }
    }
  }
}

TEST_CASE("TBS: sizes are whole bytes, never shrink with more resources, and blocks of a segmented one are equal")
{
  for (unsigned index = 0; index <= 28; ++index) {
    unsigned before = 0;
    for (unsigned num_re = 0; num_re < 45'000; num_re += 12) {
      const unsigned bits = transport_block_bits(num_re, qam64(index));
      REQUIRE(bits % 8 == 0);
      REQUIRE(bits >= before);
      before = bits;
      const bool bg2 = ldpc_base_graph(bits, qam64(index)) == LdpcBaseGraph::bg2;
      const unsigned largest = bg2 ? 3840 : 8448;
      const unsigned with_crc = bits + (bits > 3824 ? 24 : 16);
      if (with_crc <= largest) continue;
      const unsigned blocks = (with_crc + largest - 25) / (largest - 24);
      REQUIRE(with_crc % blocks == 0);  // TS 38.212 §5.2.2 needs no filler there
    }
  }
}

TEST_CASE("LDPC base graph: 2 for small blocks and low rates, at the borders of the clause [TS 38.212 §7.2.2]")
{
  CHECK(ldpc_base_graph(292, qam64(28)) == LdpcBaseGraph::bg2);
  CHECK(ldpc_base_graph(300, qam64(28)) == LdpcBaseGraph::bg1);
  CHECK(ldpc_base_graph(3824, qam64(16)) == LdpcBaseGraph::bg2);  // 658/1024 = 0.643
  CHECK(ldpc_base_graph(3832, qam64(16)) == LdpcBaseGraph::bg1);
  CHECK(ldpc_base_graph(3824, qam64(9)) == LdpcBaseGraph::bg2);    // 679/1024 = 0.663
  CHECK(ldpc_base_graph(3824, qam64(23)) == LdpcBaseGraph::bg1);   // 719/1024 = 0.702
  CHECK(ldpc_base_graph(20'000, qam64(3)) == LdpcBaseGraph::bg2);  // 251/1024 = 0.245
  CHECK(ldpc_base_graph(20'000, qam64(4)) == LdpcBaseGraph::bg1);  // 308/1024 = 0.301
}

TEST_CASE("Peak rate: one full slot's block times the slots in a second")
{
  const Mcs best = *mcs(McsTable::qam64, 28);
  CHECK(peak_rate_bps(num_re_for_tbs(52, 13, 36), best, 1, 1000.0) ==
        doctest::Approx(1000.0 * transport_block_bits(52 * 120, best)));
}
