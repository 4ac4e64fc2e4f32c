#include "stack/phy/pbch_coding.h"

#include "stack/phy/crc.h"
#include "stack/phy/scrambling.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace ravi::phy {
namespace {

constexpr unsigned kPayloadBits = 32;  // A
constexpr unsigned kCrcBits = 24;
constexpr unsigned kPolarBits = kPayloadBits + kCrcBits;

/// G(j) of TS 38.212 Table 7.1.1-1.
constexpr std::array<std::uint8_t, kPayloadBits> kInterleaver = {16, 23, 18, 17, 8,  30, 10, 6,  24, 7,  0,  5,  3,  2,  1,  4,
                                                                 9,  11, 12, 13, 14, 15, 19, 20, 21, 22, 25, 26, 27, 28, 29, 31};
constexpr unsigned kFirstSfn = 0;        // j_SFN: ten bits, the most significant first
constexpr unsigned kHalfFrame = 10;      // j_HRF
constexpr unsigned kFirstExtra = 11;     // j_SSB: three bits
constexpr unsigned kFirstOther = 14;     // j_other
constexpr unsigned kFirstSfnInBch = 1;   // behind the choice of BCCH-BCH-MessageType
constexpr unsigned kNumSfnInBch = 6;

using Payload = std::array<std::uint8_t, kPayloadBits>;

std::uint8_t bit_of(unsigned value, unsigned bit) { return static_cast<std::uint8_t>(value >> bit & 1U); }

bool is_sfn_in_bch(unsigned i) { return i >= kFirstSfnInBch && i < kFirstSfnInBch + kNumSfnInBch; }

/// a'_0 .. a'_31 of TS 38.212 §7.1.1.
Payload interleave(const PbchPayload& payload)
{
  Payload out{};
  unsigned sfn = kFirstSfn;
  unsigned other = kFirstOther;
  for (unsigned i = 0; i < kBchBits; ++i) out[kInterleaver[is_sfn_in_bch(i) ? sfn++ : other++]] = payload.bch[i];
  for (unsigned bit = 4; bit-- > 0;) out[kInterleaver[sfn++]] = bit_of(payload.sfn_lsb, bit);
  out[kInterleaver[kHalfFrame]] = bit_of(payload.half_frame, 0);
  for (unsigned i = 0; i < 3; ++i) out[kInterleaver[kFirstExtra + i]] = bit_of(payload.extra, 2 - i);
  return out;
}

PbchPayload deinterleave(const Payload& in)
{
  PbchPayload payload;
  unsigned sfn = kFirstSfn;
  unsigned other = kFirstOther;
  for (unsigned i = 0; i < kBchBits; ++i) payload.bch[i] = in[kInterleaver[is_sfn_in_bch(i) ? sfn++ : other++]];
  for (unsigned i = 0; i < 4; ++i) payload.sfn_lsb = payload.sfn_lsb << 1U | in[kInterleaver[sfn++]];
  payload.half_frame = in[kInterleaver[kHalfFrame]];
  for (unsigned i = 0; i < 3; ++i) payload.extra = payload.extra << 1U | in[kInterleaver[kFirstExtra + i]];
  return payload;
}

/// The scrambling of TS 38.212 §7.1.2, its own inverse: it leaves out the bits that a receiver must read before it can undo it.
void scramble_payload(Payload& payload, nr::Pci pci, unsigned l_max)
{
  const unsigned third_lsb = kInterleaver[7];
  const unsigned second_lsb = kInterleaver[8];
  const unsigned nu = 2U * payload[third_lsb] + payload[second_lsb];  // Table 7.1.2-1
  const unsigned num_scrambled = l_max == 64 ? kPayloadBits - 6 : kPayloadBits - 3;  // M
  GoldSequence sequence(pci.value());
  sequence.skip(std::size_t{nu} * num_scrambled);
  const std::uint32_t c = sequence.next32();
  unsigned j = 0;
  for (unsigned i = 0; i < kPayloadBits; ++i) {
    const bool is_extra = i == kInterleaver[kFirstExtra] || i == kInterleaver[kFirstExtra + 1] || i == kInterleaver[kFirstExtra + 2];
    const bool is_open = i == third_lsb || i == second_lsb || i == kInterleaver[kHalfFrame] || (l_max == 64 && is_extra);
    if (!is_open) payload[i] = static_cast<std::uint8_t>(payload[i] ^ (c >> j++ & 1U));
  }
}

const PolarCode kPbchCode = *make_polar_code(kPolarBits, kPbchCodedBits, PolarLink::downlink);

}  // namespace

void encode_pbch(const PbchPayload& payload, nr::Pci pci, unsigned l_max, std::span<std::uint8_t, kPbchCodedBits> coded) noexcept
{
  assert(l_max == 4 || l_max == 8 || l_max == 64);
  Payload scrambled = interleave(payload);
  scramble_payload(scrambled, pci, l_max);
  std::array<std::uint8_t, kPolarBits> bits;
  std::copy(scrambled.begin(), scrambled.end(), bits.begin());
  write_crc_bits(Crc::crc24c, crc_of_bits(Crc::crc24c, scrambled), std::span(bits).last(kCrcBits));
  encode_polar(kPbchCode, bits, coded);
}

std::optional<PbchPayload> decode_pbch(PolarDecoder& decoder, std::span<const std::int8_t, kPbchCodedBits> llrs, nr::Pci pci,
                                       unsigned l_max) noexcept
{
  assert(l_max == 4 || l_max == 8 || l_max == 64);
  decoder.decode(kPbchCode, llrs);
  std::array<std::uint8_t, kPolarBits> bits;
  for (unsigned rank = 0; rank < PolarDecoder::kListSize; ++rank) {
    decoder.word(rank, bits);
    if (crc_of_bits(Crc::crc24c, bits) != 0) continue;
    Payload payload;
    std::copy_n(bits.begin(), kPayloadBits, payload.begin());
    scramble_payload(payload, pci, l_max);
    return deinterleave(payload);
  }
  return std::nullopt;
}

}  // namespace ravi::phy
