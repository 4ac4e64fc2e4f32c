// tests/vectors/polar_chains.txt: made by scripts/polar_reference.py from the text of the standard (matrices, long division).

#include "radio/realtime.h"
#include "stack/phy/dci_coding.h"
#include "stack/phy/pbch_coding.h"
#include "stack/phy/uci.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ravi::phy {
namespace {

/// Bits behind a leading one, as hexadecimal digits.
std::vector<std::uint8_t> bits_of(const std::string& hex)
{
  std::vector<std::uint8_t> bits;
  for (const char digit : hex) {
    const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
    for (int bit = 3; bit >= 0; --bit) bits.push_back(static_cast<std::uint8_t>(value >> bit & 1));
  }
  bits.erase(bits.begin(), std::find(bits.begin(), bits.end(), 1) + 1);
  return bits;
}

std::vector<std::int8_t> llrs_of(const std::vector<std::uint8_t>& coded)
{
  std::vector<std::int8_t> llrs;
  for (const std::uint8_t bit : coded) llrs.push_back(bit != 0 ? -16 : 16);
  return llrs;
}

std::vector<std::istringstream> lines_of(const std::string& kind)
{
  std::ifstream file(RAVI_SOURCE_DIR "/tests/vectors/polar_chains.txt");
  REQUIRE(file);
  std::vector<std::istringstream> lines;
  std::string line, first;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    words >> first;
    if (first == kind) lines.push_back(std::move(words));
  }
  REQUIRE_FALSE(lines.empty());
  return lines;
}

}  // namespace

TEST_CASE("DCI coding equals the model made from the standard's text, both ways [TS 38.212 §7.3]")
{
  PolarDecoder decoder;
  for (auto& line : lines_of("dci")) {
    std::string rnti_hex, dci_hex, coded_hex;
    unsigned length = 0;
    line >> rnti_hex >> length >> dci_hex >> coded_hex;
    CAPTURE(length);
    const nr::Rnti rnti(static_cast<std::uint16_t>(std::stoul(rnti_hex, nullptr, 16)));
    const auto dci = bits_of(dci_hex);
    const auto expected = bits_of(coded_hex);
    CAPTURE(dci.size());
    const auto code = make_dci_code(static_cast<unsigned>(dci.size()), length);
    REQUIRE(code);
    std::vector<std::uint8_t> coded(length), got(dci.size());
    encode_dci(*code, dci, rnti, coded);
    CHECK(coded == expected);
    CHECK(decode_dci(decoder, *code, llrs_of(expected), std::array{rnti}, got) == rnti);
    CHECK(got == dci);
  }
}

TEST_CASE("PBCH coding equals the model made from the standard's text, both ways [TS 38.212 §7.1]")
{
  PolarDecoder decoder;
  for (auto& line : lines_of("pbch")) {
    unsigned pci = 0, l_max = 0;
    PbchPayload payload;
    std::string bch_hex, coded_hex;
    line >> pci >> l_max >> payload.sfn_lsb >> payload.half_frame >> payload.extra >> bch_hex >> coded_hex;
    CAPTURE(pci);
    const auto bch = bits_of(bch_hex);
    const auto expected = bits_of(coded_hex);
    REQUIRE(bch.size() == kBchBits);
    REQUIRE(expected.size() == kPbchCodedBits);
    std::copy(bch.begin(), bch.end(), payload.bch.begin());
    std::array<std::uint8_t, kPbchCodedBits> coded;
    encode_pbch(payload, nr::Pci(pci), l_max, coded);
    CHECK(std::equal(coded.begin(), coded.end(), expected.begin()));
    const auto llrs = llrs_of(expected);
    CHECK(decode_pbch(decoder, std::span<const std::int8_t, kPbchCodedBits>(llrs), nr::Pci(pci), l_max) == payload);
  }
}

TEST_CASE("UCI coding equals the model made from the standard's text, both ways, 12 to 1706 bits [TS 38.212 §6.3.1]")
{
  UciCodec codec;
  for (auto& line : lines_of("uci")) {
    unsigned length = 0;
    std::string uci_hex, coded_hex;
    line >> length >> uci_hex >> coded_hex;
    const auto uci = bits_of(uci_hex);
    const auto expected = bits_of(coded_hex);
    CAPTURE(length);
    CAPTURE(uci.size());
    REQUIRE(expected.size() == length);
    std::vector<std::uint8_t> coded(length), got(uci.size());
    REQUIRE(codec.encode(uci, nr::Modulation::qpsk, coded));
    CHECK(coded == expected);
    const auto llrs = llrs_of(expected);
    const RealtimeScope realtime;
    const auto decoding = codec.decode(llrs, nr::Modulation::qpsk, {}, got);
    REQUIRE(decoding);
    CHECK(decoding->check == UciCheck::crc_passed);
    CHECK(got == uci);
  }
}

}  // namespace ravi::phy
