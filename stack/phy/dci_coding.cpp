#include "stack/phy/dci_coding.h"

#include "stack/phy/crc.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace ravi::phy {
namespace {

/// CRC24C over 24 ones and then the DCI.
std::uint32_t parity_of(std::span<const std::uint8_t> dci)
{
  static constexpr auto kOnes = [] {
    std::array<std::uint8_t, kDciCrcBits> ones{};
    ones.fill(1);
    return ones;
  }();
  return crc_of_bits(Crc::crc24c, dci, crc_of_bits(Crc::crc24c, kOnes));
}

std::uint32_t read_parity(std::span<const std::uint8_t> bits)
{
  std::uint32_t parity = 0;
  for (const std::uint8_t bit : bits) parity = parity << 1U | bit;
  return parity;
}

}  // namespace

std::optional<PolarCode> make_dci_code(unsigned dci_bits, unsigned coded_bits) noexcept
{
  if (dci_bits < kMinDciBits || dci_bits > kMaxDciBits) return std::nullopt;
  return make_polar_code(dci_bits + kDciCrcBits, coded_bits, PolarLink::downlink);
}

void encode_dci(const PolarCode& code, std::span<const std::uint8_t> dci, nr::Rnti rnti, std::span<std::uint8_t> coded) noexcept
{
  assert(dci.size() + kDciCrcBits == code.num_bits);
  std::array<std::uint8_t, kMaxPolarDownlinkBits> bits;
  std::copy(dci.begin(), dci.end(), bits.begin());
  write_crc_bits(Crc::crc24c, parity_of(dci) ^ rnti.value(), std::span(bits).subspan(dci.size(), kDciCrcBits));
  encode_polar(code, std::span(bits).first(code.num_bits), coded);
}

std::optional<nr::Rnti> decode_dci(PolarDecoder& decoder, const PolarCode& code, std::span<const std::int8_t> llrs,
                                   std::span<const nr::Rnti> rntis, std::span<std::uint8_t> dci) noexcept
{
  assert(dci.size() + kDciCrcBits == code.num_bits);
  std::array<std::uint8_t, kMaxPolarDownlinkBits> bits;
  const auto word = std::span(bits).first(code.num_bits);
  decoder.decode(code, llrs);
  for (unsigned rank = 0; rank < PolarDecoder::kListSize && decoder.gap(rank) <= kMaxPolarGap; ++rank) {
    decoder.word(rank, word);
    const std::uint32_t mask = parity_of(word.first(dci.size())) ^ read_parity(word.last(kDciCrcBits));
    const auto found = std::find_if(rntis.begin(), rntis.end(), [&](nr::Rnti rnti) { return rnti.value() == mask; });
    if (found == rntis.end()) continue;
    std::copy_n(word.begin(), dci.size(), dci.begin());
    return *found;
  }
  return std::nullopt;
}

}  // namespace ravi::phy
