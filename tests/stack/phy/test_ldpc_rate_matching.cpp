#include "stack/phy/ldpc_rate_matching.h"
#include "radio/realtime.h"
#include "tests/radio/dsp/simd_targets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

using namespace ravi;
using nr::LdpcBaseGraph;

namespace {

constexpr unsigned kOrders[] = {1, 2, 4, 6, 8};

/// TS 38.212 §5.4.2.1 and §5.4.2.2 as they are written: for each sent bit in its order, the codeword bit it is.
std::vector<std::size_t> sent_bits(const phy::LdpcRateMatching& m, std::size_t num_bits)
{
  const unsigned num_info = phy::ldpc_shape(m.graph).num_info_columns;
  const unsigned code_columns = m.graph == LdpcBaseGraph::bg1 ? 66 : 50;
  const unsigned numerators[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};
  const unsigned k0 =
    numerators[m.graph == LdpcBaseGraph::bg1 ? 0 : 1][m.redundancy_version] * m.buffer_size / (code_columns * m.z) * m.z;
  std::vector<std::size_t> selected;
  for (std::size_t j = 0; selected.size() < num_bits; ++j) {
    const std::size_t bit = (k0 + j) % m.buffer_size;
    const bool is_filler = bit + 2 * m.z >= m.num_info_bits && bit + 2 * m.z < num_info * m.z;
    if (!is_filler) selected.push_back(bit);
  }
  std::vector<std::size_t> order(num_bits);
  const std::size_t columns = num_bits / m.bits_per_symbol;
  for (std::size_t j = 0; j < columns; ++j) {
    for (std::size_t i = 0; i < m.bits_per_symbol; ++i) order[i + j * m.bits_per_symbol] = selected[i * columns + j];
  }
  return order;
}

/// A random circular buffer and how much of it is sent.
struct Sample {
  phy::LdpcRateMatching matching;
  std::size_t num_bits;
};

Sample random_sample(std::mt19937& random)
{
  const auto pick = [&](std::size_t n) { return static_cast<unsigned>(random() % n); };
  Sample sample;
  auto& m = sample.matching;
  m.graph = pick(2) == 0 ? LdpcBaseGraph::bg1 : LdpcBaseGraph::bg2;
  m.z = phy::kLiftingSizes[pick(phy::kLiftingSizes.size())].z;
  const unsigned k = phy::ldpc_shape(m.graph).num_info_columns * m.z;
  m.num_info_bits = k - pick(k / 2);
  const unsigned n = phy::ldpc_code_length(m.graph, m.z);
  m.buffer_size = pick(3) == 0 ? n - pick(n / 2) : n;
  m.redundancy_version = pick(4);
  m.bits_per_symbol = kOrders[pick(5)];
  sample.num_bits = std::size_t{m.bits_per_symbol} * (1 + pick(3U * n / m.bits_per_symbol));
  return sample;
}

}  // namespace

TEST_CASE("Sent bits and their order follow the standard's loops, on every instruction set [TS 38.212 §5.4.2]")
{
  test::for_each_simd_target([] {
    std::mt19937 random(21);
    for (int round = 0; round < 300; ++round) {
      const Sample sample = random_sample(random);
      const auto& m = sample.matching;
      REQUIRE(phy::is_valid(m));
      CAPTURE(m.z);
      CAPTURE(sample.num_bits);
      const auto order = sent_bits(m, sample.num_bits);
      const std::size_t end = *std::ranges::max_element(order) + 1;
      REQUIRE(phy::ldpc_end_of_sent(m, sample.num_bits) >= end);
      if (sample.num_bits < m.buffer_size / 4) REQUIRE(phy::ldpc_end_of_sent(m, sample.num_bits) <= m.buffer_size);

      std::vector<std::uint8_t> codeword(phy::ldpc_end_of_sent(m, sample.num_bits));
      for (auto& bit : codeword) bit = random() & 1U;
      std::vector<std::uint8_t> sent(sample.num_bits);
      std::vector<std::int8_t> llrs(sample.num_bits);
      for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 41) - 20);
      std::vector<std::int8_t> soft(codeword.size(), 3);
      {
        const RealtimeScope calm;
        phy::match_rate(m, codeword, sent);
        phy::recover_rate(m, llrs, soft);
      }
      std::vector<int> want(codeword.size(), 3);
      bool is_equal = true;
      for (std::size_t i = 0; i < order.size(); ++i) {
        is_equal = is_equal && sent[i] == codeword[order[i]];
        want[order[i]] += llrs[i];
      }
      REQUIRE(is_equal);
      REQUIRE(std::ranges::equal(soft, want, [](std::int8_t got, int sum) { return got == sum; }));
    }
  });
}

TEST_CASE("The highest sent bit is told exactly where a transmission does not wrap")
{
  const phy::LdpcRateMatching m = {
    .graph = LdpcBaseGraph::bg2, .z = 16, .num_info_bits = 150, .buffer_size = 800, .redundancy_version = 0, .bits_per_symbol = 2};
  for (std::size_t n = 2; n <= 790; n += 2) {
    const auto order = sent_bits(m, n);
    REQUIRE(phy::ldpc_end_of_sent(m, n) == *std::ranges::max_element(order) + 1);
  }
  CHECK(phy::ldpc_end_of_sent(m, 0) == 0);
}

TEST_CASE("Combining saturates instead of wrapping")
{
  const phy::LdpcRateMatching m = {
    .graph = LdpcBaseGraph::bg2, .z = 16, .num_info_bits = 160, .buffer_size = 800, .redundancy_version = 1, .bits_per_symbol = 4};
  std::vector<std::int8_t> llrs(400);
  for (std::size_t i = 0; i < llrs.size(); ++i) llrs[i] = i % 2 == 0 ? 120 : -120;
  std::vector<std::int8_t> soft(800);
  for (int i = 0; i < 3; ++i) phy::recover_rate(m, llrs, soft);
  for (const std::int8_t value : soft) CHECK((value == 0 || value == 127 || value == -128));
}

TEST_CASE("Impossible buffers are told")
{
  const phy::LdpcRateMatching good = {.graph = LdpcBaseGraph::bg2, .z = 16, .num_info_bits = 100, .buffer_size = 800};
  CHECK(phy::is_valid(good));
  const auto with = [&](auto change) {
    phy::LdpcRateMatching bad = good;
    change(bad);
    return phy::is_valid(bad);
  };
  CHECK_FALSE(with([](auto& m) { m.z = 17; }));
  CHECK_FALSE(with([](auto& m) { m.num_info_bits = 161; }));
  CHECK_FALSE(with([](auto& m) { m.num_info_bits = 0; }));
  CHECK_FALSE(with([](auto& m) { m.buffer_size = 801; }));
  CHECK_FALSE(with([](auto& m) { m.buffer_size = 0; }));
  CHECK_FALSE(with([](auto& m) { m.redundancy_version = 4; }));
  CHECK_FALSE(with([](auto& m) { m.bits_per_symbol = 3; }));
}
