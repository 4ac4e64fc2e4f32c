#include "stack/mac/rar.h"

#include <algorithm>

namespace ravi::mac {
namespace {

constexpr std::uint8_t kExtension = 0x80;  // E: another subPDU follows
constexpr std::uint8_t kType = 0x40;       // T: the subheader has a RAPID
constexpr std::size_t kRarOctets = 7;

/// TS 38.213 Table 8.2-1, first field most significant.
std::uint32_t pack(const RarUlGrant& g) noexcept
{
  std::uint32_t bits = g.has_frequency_hopping ? 1 : 0;
  bits = (bits << 14) | (g.frequency_resource & 0x3FFFU);
  bits = (bits << 4) | (g.time_resource & 15U);
  bits = (bits << 4) | (g.mcs & 15U);
  bits = (bits << 3) | (g.tpc & 7U);
  return (bits << 1) | (g.has_csi_request ? 1U : 0U);
}

RarUlGrant unpack(std::uint32_t bits) noexcept
{
  RarUlGrant g;
  g.has_frequency_hopping = ((bits >> 26) & 1) != 0;
  g.frequency_resource = static_cast<std::uint16_t>((bits >> 12) & 0x3FFF);
  g.time_resource = static_cast<std::uint8_t>((bits >> 8) & 15);
  g.mcs = static_cast<std::uint8_t>((bits >> 4) & 15);
  g.tpc = static_cast<std::uint8_t>((bits >> 1) & 7);
  g.has_csi_request = (bits & 1) != 0;
  return g;
}

/// R (1) || timing advance (12) || UL grant (27) || temporary C-RNTI (16). TS 38.321 §6.2.3.
void write_response(const RandomAccessResponse& r, std::span<std::uint8_t, kRarOctets> out) noexcept
{
  std::uint64_t bits = r.timing_advance & 0xFFFU;
  bits = (bits << 27) | pack(r.grant);
  bits = (bits << 16) | r.temporary_c_rnti.value();
  for (std::size_t i = 0; i < kRarOctets; ++i) out[i] = static_cast<std::uint8_t>(bits >> (8 * (kRarOctets - 1 - i)));
}

RandomAccessResponse read_response(std::uint8_t rapid, std::span<const std::uint8_t, kRarOctets> in) noexcept
{
  std::uint64_t bits = 0;
  for (std::uint8_t octet : in) bits = (bits << 8) | octet;
  RandomAccessResponse r;
  r.rapid = rapid;
  r.timing_advance = static_cast<std::uint16_t>((bits >> 43) & 0xFFF);
  r.grant = unpack(static_cast<std::uint32_t>((bits >> 16) & 0x7FFFFFF));
  r.temporary_c_rnti = nr::Rnti(static_cast<std::uint16_t>(bits & 0xFFFF));
  return r;
}

}  // namespace

std::size_t rar_size(const RarPdu& pdu) noexcept
{
  return (pdu.backoff_index ? 1U : 0U) + pdu.num_responses * (1 + kRarOctets);
}

bool encode_rar(const RarPdu& pdu, std::span<std::uint8_t> transport_block) noexcept
{
  const std::size_t size = rar_size(pdu);
  if (size == 0 || size > transport_block.size() || pdu.num_responses > pdu.responses.size()) return false;
  std::fill(transport_block.begin(), transport_block.end(), std::uint8_t{0});
  std::size_t at = 0;
  if (pdu.backoff_index) {  // only ever the first, TS 38.321 §6.1.5
    const std::uint8_t extension = pdu.num_responses > 0 ? kExtension : 0;
    transport_block[at++] = static_cast<std::uint8_t>(extension | (*pdu.backoff_index & 15));
  }
  for (std::size_t i = 0; i < pdu.num_responses; ++i) {
    const RandomAccessResponse& r = pdu.responses[i];
    const std::uint8_t extension = i + 1 < pdu.num_responses ? kExtension : 0;
    transport_block[at] = static_cast<std::uint8_t>(extension | kType | (r.rapid & 63));
    write_response(r, transport_block.subspan(at + 1).first<kRarOctets>());
    at += 1 + kRarOctets;
  }
  return true;
}

std::optional<RarPdu> decode_rar(std::span<const std::uint8_t> transport_block) noexcept
{
  RarPdu pdu;
  std::span<const std::uint8_t> rest = transport_block;
  bool is_last = false;
  while (!is_last) {
    if (rest.empty()) return std::nullopt;
    const std::uint8_t header = rest[0];
    is_last = (header & kExtension) == 0;
    if ((header & kType) == 0) {
      if (rest.size() != transport_block.size()) return std::nullopt;  // backoff stands first
      pdu.backoff_index = static_cast<std::uint8_t>(header & 15);
      rest = rest.subspan(1);
      continue;
    }
    if (rest.size() < 1 + kRarOctets || pdu.num_responses == pdu.responses.size()) return std::nullopt;
    const auto rapid = static_cast<std::uint8_t>(header & 63);
    pdu.responses[pdu.num_responses++] = read_response(rapid, rest.subspan<1, kRarOctets>());
    rest = rest.subspan(1 + kRarOctets);
  }
  return pdu;
}

std::chrono::milliseconds backoff_of(std::uint8_t backoff_index) noexcept
{
  constexpr std::array<int, 14> kTable{5, 10, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 960, 1920};
  return std::chrono::milliseconds(kTable[std::min<std::size_t>(backoff_index, kTable.size() - 1)]);
}

}  // namespace ravi::mac
