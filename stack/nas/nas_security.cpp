#include "stack/nas/nas_security.h"

#include "stack/nas/codec.h"
#include "stack/security/key_derivation.h"

#include <algorithm>

namespace ravi::nas {

namespace {

constexpr std::uint8_t kBearer3gpp = 1;  // NAS connection identifier of 3GPP access, TS 33.501 §6.4.2.2
constexpr std::size_t kMacAt = 2;
constexpr std::size_t kSequenceNumberAt = 6;
constexpr std::size_t kPayloadAt = 7;

bool is_ciphered(SecurityHeader header)
{
  return header == SecurityHeader::integrity_ciphered || header == SecurityHeader::integrity_ciphered_new;
}

}  // namespace

std::optional<ProtectedNas> split_protected(std::span<const std::uint8_t> message)
{
  constexpr std::size_t kShortestPlain = 3;
  if (message.size() < kPayloadAt + kShortestPlain || message[0] != kEpdMm) return std::nullopt;
  const unsigned header = message[1] & 0x0FU;
  if (header == 0 || header > static_cast<unsigned>(SecurityHeader::integrity_ciphered_new)) return std::nullopt;
  ProtectedNas parts;
  parts.header = static_cast<SecurityHeader>(header);
  std::copy_n(message.begin() + kMacAt, parts.mac.size(), parts.mac.begin());
  parts.sequence_number = message[kSequenceNumberAt];
  parts.payload = message.subspan(kPayloadAt);
  parts.covered = message.subspan(kSequenceNumberAt);
  return parts;
}

NasSecurity::NasSecurity(End end, const security::Key256& k_amf, KeySet key_set, SecurityAlgorithms algorithms)
    : end_(end),
      k_amf_(k_amf),
      key_set_(key_set),
      algorithms_(algorithms),
      ciphering_(algorithms.ciphering,
                 security::derive_algorithm_key(k_amf, security::KeyUse::nas_encryption,
                                                static_cast<std::uint8_t>(algorithms.ciphering))),
      integrity_(algorithms.integrity,
                 security::derive_algorithm_key(k_amf, security::KeyUse::nas_integrity,
                                                static_cast<std::uint8_t>(algorithms.integrity)))
{
}

std::optional<Octets> NasSecurity::protect(SecurityHeader header, std::span<const std::uint8_t> plain)
{
  if (send_count_ > kMaxCount) return std::nullopt;
  Octets out = {kEpdMm, static_cast<std::uint8_t>(header), 0, 0, 0, 0, static_cast<std::uint8_t>(send_count_)};
  out.insert(out.end(), plain.begin(), plain.end());
  const auto all = std::span(out);
  if (is_ciphered(header)) ciphering_.apply(send_count_, kBearer3gpp, sending(), all.subspan(kPayloadAt));
  const auto mac = integrity_.compute(send_count_, kBearer3gpp, sending(), all.subspan(kSequenceNumberAt));
  std::copy(mac.begin(), mac.end(), out.begin() + kMacAt);
  ++send_count_;
  return out;
}

std::optional<Octets> NasSecurity::open(const ProtectedNas& message)
{
  // The estimate of TS 24.501 §4.4.3.1: the least count with this sequence number that was not accepted yet.
  constexpr std::uint32_t kSequenceNumbers = 256;
  std::uint32_t count = (receive_count_ & ~(kSequenceNumbers - 1)) | message.sequence_number;
  if (count < receive_count_) count += kSequenceNumbers;
  if (count > kMaxCount) return std::nullopt;
  const auto mac = integrity_.compute(count, kBearer3gpp, receiving(), message.covered);
  if (!security::equal_in_constant_time(mac, message.mac)) return std::nullopt;
  receive_count_ = count + 1;
  Octets plain(message.payload.begin(), message.payload.end());
  if (is_ciphered(message.header)) ciphering_.apply(count, kBearer3gpp, receiving(), plain);
  return plain;
}

void NasSecurity::encipher_container(std::span<std::uint8_t> value)
{
  ciphering_.apply(send_count_, kBearer3gpp, sending(), value);
}

void NasSecurity::decipher_container(std::span<std::uint8_t> value)
{
  ciphering_.apply(receive_count_ - 1, kBearer3gpp, receiving(), value);
}

std::uint32_t NasSecurity::last_uplink_count() const
{
  const std::uint32_t next = end_ == End::ue ? send_count_ : receive_count_;
  return next == 0 ? 0 : next - 1;
}

security::Direction NasSecurity::sending() const
{
  return end_ == End::ue ? security::Direction::uplink : security::Direction::downlink;
}

security::Direction NasSecurity::receiving() const
{
  return end_ == End::ue ? security::Direction::downlink : security::Direction::uplink;
}

}  // namespace ravi::nas
