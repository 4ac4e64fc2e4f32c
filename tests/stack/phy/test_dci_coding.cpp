#include "stack/phy/dci_coding.h"

#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace ravi::phy {

TEST_CASE("DCI: what is sent to one RNTI is read with it, at every size and aggregation level, and with no other")
{
  std::mt19937 random(20);
  PolarDecoder decoder;
  for (const unsigned level : {1U, 2U, 4U, 8U, 16U}) {
    for (unsigned size = kMinDciBits; size <= kMaxDciBits; ++size) {
      const auto code = make_dci_code(size, 108 * level);
      if (!code) {
        CHECK(size + kDciCrcBits > 108 * level);
        continue;
      }
      CAPTURE(level);
      CAPTURE(size);
      std::vector<std::uint8_t> dci(size), coded(108 * level), got(size);
      for (auto& bit : dci) bit = static_cast<std::uint8_t>(random() & 1U);
      const nr::Rnti rnti(static_cast<std::uint16_t>(random()));
      const nr::Rnti other(static_cast<std::uint16_t>(rnti.value() ^ 0x8000U));
      std::vector<std::int8_t> llrs(coded.size());
      const RealtimeScope realtime;
      encode_dci(*code, dci, rnti, coded);
      for (std::size_t i = 0; i < coded.size(); ++i) llrs[i] = coded[i] != 0 ? -30 : 30;
      REQUIRE(decode_dci(decoder, *code, llrs, std::array{nr::kPRnti, rnti}, got) == rnti);
      REQUIRE(got == dci);
      REQUIRE_FALSE(decode_dci(decoder, *code, llrs, std::array{other}, got));
      REQUIRE_FALSE(decode_dci(decoder, *code, llrs, {}, got));
    }
  }
  CHECK_FALSE(make_dci_code(11, 108));
  CHECK_FALSE(make_dci_code(141, 1728));
}

TEST_CASE("DCI: an empty candidate gives nothing, zeros and noise alike")
{
  std::mt19937 random(21);
  PolarDecoder decoder;
  const auto code = make_dci_code(39, 432);
  REQUIRE(code);
  std::vector<std::uint8_t> got(39, 7);
  std::vector<std::int8_t> llrs(432);
  CHECK_FALSE(decode_dci(decoder, *code, llrs, std::array{nr::Rnti(0x4601)}, got));
  for (int run = 0; run < 300; ++run) {
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 241) - 120);
    CHECK_FALSE(decode_dci(decoder, *code, llrs, std::array{nr::Rnti(0x4601), nr::kSiRnti}, got));
  }
  CHECK(got == std::vector<std::uint8_t>(39, 7));
}

}  // namespace ravi::phy
