#include "stack/phy/ldpc_encoder.h"
#include "radio/realtime.h"
#include "tests/stack/nr/reference.h"
#include "tests/stack/phy/ldpc_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace ravi;
using nr::LdpcBaseGraph;

namespace {

/// The text between the quotes behind "key": in a line of JSON.
std::string field(const std::string& line, const std::string& key)
{
  const std::size_t begin = line.find("\"" + key + "\": \"") + key.size() + 5;
  return line.substr(begin, line.find('"', begin) - begin);
}

std::vector<std::uint8_t> bits_of(const std::string& text)
{
  std::vector<std::uint8_t> bits(text.size());
  std::ranges::transform(text, bits.begin(), [](char c) { return c == '1' ? std::uint8_t{1} : std::uint8_t{0}; });
  return bits;
}

}  // namespace

TEST_CASE("Every foreign code block, two of each graph and lifting size, is encoded bit for bit [TS 38.212 §5.3.2]")
{
  const auto encoder = std::make_unique<phy::LdpcEncoder>();
  for (const LdpcBaseGraph graph : {LdpcBaseGraph::bg1, LdpcBaseGraph::bg2}) {
    const auto path = nr::test::reference_folder() / "vectors" /
                      (graph == LdpcBaseGraph::bg1 ? "ldpc_bg1.jsonl" : "ldpc_bg2.jsonl");
    std::ifstream file(path);
    if (!file) {
      MESSAGE("skipped: no reference data in ", path.string());
      return;
    }
    std::size_t num_blocks = 0;
    std::string line;
    while (std::getline(file, line)) {
      const std::string info = field(line, "info");
      const std::string want = field(line, "codeword");
      const auto z = static_cast<unsigned>(info.size()) / phy::ldpc_shape(graph).num_info_columns;
      CAPTURE(z);
      REQUIRE(want.size() == phy::ldpc_code_length(graph, z));
      std::vector<std::uint8_t> codeword(want.size());
      encoder->encode(graph, z, bits_of(info), codeword);
      REQUIRE(codeword == bits_of(want));
      ++num_blocks;
    }
    CHECK(num_blocks == 2 * phy::kLiftingSizes.size());
  }
}

TEST_CASE("Every codeword satisfies all parity checks, and a shorter one is its beginning")
{
  std::mt19937 random(3);
  const auto encoder = std::make_unique<phy::LdpcEncoder>();
  for (const LdpcBaseGraph graph : {LdpcBaseGraph::bg1, LdpcBaseGraph::bg2}) {
    for (const phy::LiftingSize size : phy::kLiftingSizes) {
      std::vector<std::uint8_t> info(std::size_t{phy::ldpc_shape(graph).num_info_columns} * size.z);
      for (auto& bit : info) bit = random() & 1U;
      std::vector<std::uint8_t> codeword(phy::ldpc_code_length(graph, size.z));
      {
        const RealtimeScope calm;
        encoder->encode(graph, size.z, info, codeword);
      }
      REQUIRE(phy::test::count_failed_checks(graph, size.z, info, codeword) == 0);

      std::vector<std::uint8_t> shorter(codeword.size() * 4 / 7);
      encoder->encode(graph, size.z, info, shorter);
      REQUIRE(std::ranges::equal(shorter, std::span(codeword).first(shorter.size())));
      codeword[codeword.size() / 2] ^= 1U;
      REQUIRE(phy::test::count_failed_checks(graph, size.z, info, codeword) > 0);
    }
  }
}
