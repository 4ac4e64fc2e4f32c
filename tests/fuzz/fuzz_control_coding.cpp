// Any LLRs at any sizes into the decoders of DCI, PBCH and UCI: they answer or refuse, and what UCI decoding accepts can be
// coded again. The first three bytes choose the sizes.

#include "stack/phy/dci_coding.h"
#include "stack/phy/pbch_coding.h"
#include "stack/phy/uci.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ravi;
  using namespace ravi::phy;
  static PolarDecoder decoder;
  static UciCodec codec;
  if (size < 5) return 0;
  const unsigned num_bits = (data[0] | unsigned{data[1]} << 8U) % 2048;
  const std::uint8_t choice = data[2];
  const std::span<const std::int8_t> llrs(reinterpret_cast<const std::int8_t*>(data + 3), size - 3);
  const auto num_llrs = static_cast<unsigned>(llrs.size());
  std::vector<std::uint8_t> bits(num_bits), coded(llrs.size());

  if (choice % 3 == 0) {
    constexpr std::array kModulations = {nr::Modulation::pi2_bpsk, nr::Modulation::bpsk, nr::Modulation::qpsk,
                                         nr::Modulation::qam16, nr::Modulation::qam64, nr::Modulation::qam256};
    const auto modulation = kModulations[choice / 3U % kModulations.size()];
    const auto decoding = codec.decode(llrs, modulation, {}, bits);
    if (decoding.has_value() != is_codable_uci(num_bits, num_llrs)) std::abort();
    if (decoding && decoding->check != UciCheck::crc_failed && !codec.encode(bits, modulation, coded)) std::abort();
  } else if (choice % 3 == 1) {
    if (const auto code = make_dci_code(num_bits, num_llrs)) {
      const std::array rntis = {nr::Rnti(0x4601), nr::kSiRnti};
      if (const auto rnti = decode_dci(decoder, *code, llrs, rntis, bits)) encode_dci(*code, bits, *rnti, coded);
    }
  } else {
    std::array<std::int8_t, kPbchCodedBits> received{};
    std::copy_n(llrs.begin(), std::min(llrs.size(), received.size()), received.begin());
    const nr::Pci pci(num_bits % nr::Pci::kCount);
    constexpr std::array kLMax = {4U, 8U, 64U};
    const unsigned l_max = kLMax[choice / 3U % kLMax.size()];
    if (const auto payload = decode_pbch(decoder, received, pci, l_max)) {
      std::array<std::uint8_t, kPbchCodedBits> again;
      encode_pbch(*payload, pci, l_max, again);
    }
  }
  return 0;
}
