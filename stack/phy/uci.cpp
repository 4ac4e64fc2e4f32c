#include "stack/phy/uci.h"

#include "stack/phy/crc.h"
#include "stack/phy/short_block.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>

namespace ravi::phy {
namespace {

/// How A bits on E coded bits are cut into blocks: TS 38.212 §6.3.1.2.1, §5.2.1, §6.3.1.4.1.
struct Segmentation {
  unsigned num_blocks = 1;      ///< C
  unsigned bits_a_block = 0;    ///< A' / C, without CRC
  unsigned num_fillers = 0;     ///< zeros before the first block's bits
  unsigned coded_a_block = 0;   ///< E_r
  Crc crc = Crc::crc11;
};

Segmentation segment(unsigned a, unsigned e)
{
  Segmentation s;
  s.num_blocks = (a >= 360 && e >= 1088) || a >= 1013 ? 2 : 1;
  s.bits_a_block = (a + s.num_blocks - 1) / s.num_blocks;
  s.num_fillers = s.bits_a_block * s.num_blocks - a;
  s.coded_a_block = e / s.num_blocks;
  s.crc = a <= 19 ? Crc::crc6 : Crc::crc11;
  return s;
}

constexpr unsigned kMaxBlockBits = 1012 + 11;  // the largest that is not cut in two

bool is_size(std::size_t a, std::size_t e) { return a >= 1 && a <= kMaxUciBits && e >= 1 && e <= std::size_t{2} * kMaxPolarCodedBits; }

std::optional<PolarCode> make_block_code(const Segmentation& s)
{
  return make_polar_code(s.bits_a_block + crc_length(s.crc), s.coded_a_block, PolarLink::uplink);
}

}  // namespace

bool is_codable_uci(unsigned num_bits, unsigned num_coded_bits) noexcept
{
  if (!is_size(num_bits, num_coded_bits)) return false;
  return num_bits <= kMaxShortBlockBits || make_block_code(segment(num_bits, num_coded_bits)).has_value();
}

bool UciCodec::encode(std::span<const std::uint8_t> bits, nr::Modulation modulation, std::span<std::uint8_t> coded) const noexcept
{
  if (!is_size(bits.size(), coded.size())) return false;
  if (bits.size() <= kMaxShortBlockBits) {
    encode_short_block(bits, modulation, coded);
    return true;
  }
  const Segmentation s = segment(static_cast<unsigned>(bits.size()), static_cast<unsigned>(coded.size()));
  const auto code = make_block_code(s);
  if (!code) return false;
  std::size_t at = 0;
  for (unsigned r = 0; r < s.num_blocks; ++r) {
    std::array<std::uint8_t, kMaxBlockBits> block{};
    const unsigned fillers = r == 0 ? s.num_fillers : 0;
    std::copy_n(bits.begin() + static_cast<std::ptrdiff_t>(at), s.bits_a_block - fillers, block.begin() + fillers);
    at += s.bits_a_block - fillers;
    const auto message = std::span(block).first(s.bits_a_block);
    write_crc_bits(s.crc, crc_of_bits(s.crc, message), std::span(block).subspan(s.bits_a_block, crc_length(s.crc)));
    encode_polar(*code, std::span(block).first(code->num_bits), coded.subspan(std::size_t{r} * s.coded_a_block, s.coded_a_block));
  }
  const std::size_t used = std::size_t{s.num_blocks} * s.coded_a_block;
  std::fill(coded.begin() + static_cast<std::ptrdiff_t>(used), coded.end(), std::uint8_t{0});
  return true;
}

std::optional<UciDecoding> UciCodec::decode(std::span<const std::int8_t> llrs, nr::Modulation modulation,
                                            std::span<const std::uint8_t> scrambling, std::span<std::uint8_t> bits) noexcept
{
  if (!is_size(bits.size(), llrs.size())) return std::nullopt;
  if (bits.size() <= kMaxShortBlockBits) {
    return UciDecoding{.check = UciCheck::no_crc, .correlation = decode_short_block(llrs, modulation, scrambling, bits)};
  }
  const Segmentation s = segment(static_cast<unsigned>(bits.size()), static_cast<unsigned>(llrs.size()));
  const auto code = make_block_code(s);
  if (!code) return std::nullopt;
  std::size_t at = 0;
  for (unsigned r = 0; r < s.num_blocks; ++r) {
    std::array<std::uint8_t, kMaxBlockBits> block;
    const auto word = std::span(block).first(code->num_bits);
    const unsigned fillers = r == 0 ? s.num_fillers : 0;
    decoder_.decode(*code, llrs.subspan(std::size_t{r} * s.coded_a_block, s.coded_a_block));
    bool is_found = false;
    for (unsigned rank = 0; rank < PolarDecoder::kListSize && decoder_.gap(rank) <= kMaxPolarGap && !is_found; ++rank) {
      decoder_.word(rank, word);
      is_found = crc_of_bits(s.crc, word) == 0 && (fillers == 0 || word[0] == 0);
    }
    if (!is_found) return UciDecoding{.check = UciCheck::crc_failed};
    std::copy_n(word.begin() + fillers, s.bits_a_block - fillers, bits.begin() + static_cast<std::ptrdiff_t>(at));
    at += s.bits_a_block - fillers;
  }
  return UciDecoding{.check = UciCheck::crc_passed};
}

}  // namespace ravi::phy
