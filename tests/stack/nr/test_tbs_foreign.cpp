// Transport block sizes against what a foreign gNB scheduled in a recorded attach.

#include "stack/nr/tbs.h"

#include "tests/stack/nr/reference.h"

#include "nlohmann/json.hpp"

#include <array>
#include <cstdio>

using namespace ravi::nr;

namespace {

Modulation modulation_of(const std::string& name)
{
  if (name == "QPSK") return Modulation::qpsk;
  if (name == "16QAM") return Modulation::qam16;
  REQUIRE(name == "64QAM");
  return Modulation::qam64;
}

}  // namespace

TEST_CASE(
    "TBS: each transport block of a foreign attach has the size some MCS of its modulation gives, and its base graph")
{
  std::ifstream file(test::reference_folder() / "iq" / "foreign-attach.truth.jsonl");
  if (!file) {
    MESSAGE("skipped: no reference data");
    return;
  }
  unsigned num_checked = 0;
  std::string line;
  while (std::getline(file, line)) {
    const auto entry = nlohmann::json::parse(line);
    const std::string what = entry["what"];
    const std::size_t at = what.find("prb=[");
    std::array<unsigned, 4> range{};  // PRBs and symbols, [begin, end) each
    std::array<char, 8> modulation{};
    const int num_read = at == std::string::npos ? 0
                                                 : std::sscanf(what.c_str() + at, "prb=[%u, %u) symb=[%u, %u) mod=%7s rv=0", &range[0],
                                                               &range[1], &range[2], &range[3], modulation.data());
    if (num_read != 5) continue;
    const unsigned tbs_bytes = test::number(test::split(what.substr(what.find("tbs=") + 4), ' ').front());
    const std::size_t graph = what.find("bg=BG");
    const unsigned num_prb = range[1] - range[0];
    const unsigned num_symbols = range[3] - range[2];
    // DM-RS type 1, additional position 2: three symbols with neither CDM group carrying data.
    const unsigned num_re = num_re_for_tbs(num_prb, num_symbols, dmrs_re_per_prb(DmrsType::type1, 3, 2));
    const bool is_rar = entry["channel"] == "PDSCH" && what.find("rnti=0x4601") == std::string::npos;
    CAPTURE(what);
    bool is_found = false;
    for (unsigned index = 0; index <= 28 && !is_found; ++index) {
      const Mcs row = *mcs(McsTable::qam64, index);
      if (row.modulation != modulation_of(modulation.data())) continue;
      for (const TbScaling scaling : {TbScaling::one, TbScaling::half, TbScaling::quarter}) {
        if (scaling != TbScaling::one && !is_rar) continue;
        const unsigned bits = transport_block_bits(num_re, row, 1, scaling);
        if (bits != 8 * tbs_bytes) continue;
        const bool is_bg1 = ldpc_base_graph(bits, row) == LdpcBaseGraph::bg1;
        is_found = is_found || graph == std::string::npos || is_bg1 == (what[graph + 5] == '1');
      }
    }
    CHECK(is_found);
    ++num_checked;
  }
  MESSAGE("transport blocks compared: ", num_checked);
  CHECK(num_checked > 100);
}
