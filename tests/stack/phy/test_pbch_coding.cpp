#include "stack/phy/pbch_coding.h"

#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>

namespace ravi::phy {

TEST_CASE("PBCH: payloads of every SFN, cell and L_max come back; a wrong cell reads other bits")
{
  std::mt19937 random(30);
  PolarDecoder decoder;
  for (int run = 0; run < 300; ++run) {
    const unsigned l_max = std::array{4U, 8U, 64U}[random() % 3];
    const nr::Pci pci(static_cast<unsigned>(random() % nr::Pci::kCount));
    PbchPayload sent{.sfn_lsb = static_cast<unsigned>(random() % 16), .half_frame = static_cast<unsigned>(random() % 2),
                     .extra = static_cast<unsigned>(random() % 8)};
    for (auto& bit : sent.bch) bit = static_cast<std::uint8_t>(random() & 1U);
    std::array<std::uint8_t, kPbchCodedBits> coded;
    std::array<std::int8_t, kPbchCodedBits> llrs;
    std::optional<PbchPayload> got, elsewhere;
    {
      const RealtimeScope realtime;
      encode_pbch(sent, pci, l_max, coded);
      for (std::size_t i = 0; i < coded.size(); ++i) llrs[i] = coded[i] != 0 ? -10 : 10;
      got = decode_pbch(decoder, llrs, pci, l_max);
      elsewhere = decode_pbch(decoder, llrs, nr::Pci((pci.value() + 1) % nr::Pci::kCount), l_max);
    }
    REQUIRE(got == sent);
    REQUIRE(elsewhere.has_value());  // the CRC lies outside the cell's scrambling
    REQUIRE(*elsewhere != sent);
  }
}

TEST_CASE("PBCH: noise and silence give nothing")
{
  std::mt19937 random(31);
  PolarDecoder decoder;
  std::array<std::int8_t, kPbchCodedBits> llrs{};
  for (int run = 0; run < 200; ++run) {
    for (auto& llr : llrs) llr = static_cast<std::int8_t>(static_cast<int>(random() % 241) - 120);
    CHECK_FALSE(decode_pbch(decoder, llrs, nr::Pci(1), 8));
  }
}

}  // namespace ravi::phy
