#include "stack/security/integrity.h"

#include "stack/security/openssl_context.h"
#include "stack/security/snow3g.h"
#include "stack/security/zuc.h"

#include <openssl/evp.h>

#include <algorithm>

namespace ravi::security {
namespace {

using Block = std::array<std::uint8_t, 16>;
constexpr std::size_t kBlock = 16;

MacI octets_of(std::uint32_t value) noexcept
{
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// What is integrity-protected: a header of 0 or 8 octets, then `num_bits` bits of the message, then zeros.
struct Input {
  std::span<const std::uint8_t> header;
  std::span<const std::uint8_t> message;
  std::size_t num_bits;

  [[nodiscard]] std::size_t total_bits() const { return 8 * header.size() + num_bits; }
  /// Octets [begin, begin + out.size()), bits behind the end cleared.
  void copy(std::size_t begin, std::span<std::uint8_t> out) const noexcept
  {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    const std::size_t end_of_message = header.size() + (num_bits + 7) / 8;
    const std::size_t from_header = begin < header.size() ? std::min(out.size(), header.size() - begin) : 0;
    std::copy_n(header.begin() + static_cast<std::ptrdiff_t>(from_header == 0 ? 0 : begin), from_header, out.begin());
    const std::size_t position = begin + from_header;
    if (position >= end_of_message) return;
    const std::size_t count = std::min(out.size() - from_header, end_of_message - position);
    std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(position - header.size()), count,
                out.begin() + static_cast<std::ptrdiff_t>(from_header));
    if (position + count == end_of_message && num_bits % 8 != 0) {
      std::uint8_t& last = out[from_header + count - 1];
      last = static_cast<std::uint8_t>(last & (0xFF00U >> (num_bits % 8)));
    }
  }
};

/// Times x in GF(2^128), for the subkeys of CMAC. NIST SP 800-38B §6.1.
Block doubled(const Block& in) noexcept
{
  Block out{};
  for (std::size_t i = 0; i < kBlock; ++i) {
    out[i] = static_cast<std::uint8_t>((in[i] << 1) | (i + 1 < kBlock ? in[i + 1] >> 7 : 0));
  }
  if ((in[0] & 0x80) != 0) out[15] = static_cast<std::uint8_t>(out[15] ^ 0x87);
  return out;
}

/// The first 32 bits of AES-CMAC; `aes` in CBC mode. NIST SP 800-38B §6.2.
MacI aes_cmac(CipherContext& aes, const Block& k1, const Block& k2, const Input& input) noexcept
{
  constexpr std::size_t kChunk = 512;
  std::array<std::uint8_t, kChunk> chunk;
  const std::size_t bits = input.total_bits();
  const std::size_t num_blocks = std::max<std::size_t>(1, (bits + 127) / 128);
  const std::size_t before_last = (num_blocks - 1) * kBlock;
  aes.set_iv(Block{});
  for (std::size_t begin = 0; begin < before_last; begin += kChunk) {
    const auto part = std::span(chunk).first(std::min(kChunk, before_last - begin));
    input.copy(begin, part);
    aes.update(part, part);
  }
  Block last{};
  input.copy(before_last, last);
  const std::size_t last_bits = bits - 8 * before_last;
  const bool is_whole = last_bits == 128;
  if (!is_whole) last[last_bits / 8] = static_cast<std::uint8_t>(last[last_bits / 8] | (0x80U >> (last_bits % 8)));
  const Block& subkey = is_whole ? k1 : k2;
  for (std::size_t i = 0; i < kBlock; ++i) last[i] = static_cast<std::uint8_t>(last[i] ^ subkey[i]);
  aes.update(last, last);
  return {last[0], last[1], last[2], last[3]};
}

std::uint64_t multiply_gf64(std::uint64_t v, std::uint64_t p) noexcept
{
  std::uint64_t product = 0;
  for (unsigned i = 0; i < 64; ++i) {
    if (((p >> i) & 1) != 0) product ^= v;
    v = (v << 1) ^ ((v >> 63) != 0 ? 0x1BU : 0U);
  }
  return product;
}

/// UIA2's universal hash over SNOW 3G. TS 33.401 §B.2.2 with FRESH = BEARER || 0^27.
MacI snow3g_mac(const Key128& key, std::uint32_t count, std::uint8_t bearer, Direction direction, const Input& input) noexcept
{
  const std::uint32_t fresh = static_cast<std::uint32_t>(bearer) << 27;
  const auto d = static_cast<std::uint32_t>(direction);
  Snow3g stream(key, {fresh ^ (d << 15), count ^ (d << 31), fresh, count});
  const auto next64 = [&stream] {
    const std::uint64_t high = stream.next();
    return (high << 32) | stream.next();
  };
  const std::uint64_t p = next64();
  const std::uint64_t q = next64();
  const std::uint32_t otp = stream.next();
  std::uint64_t eval = 0;
  for (std::size_t begin = 0; 8 * begin < input.num_bits; begin += 8) {
    std::array<std::uint8_t, 8> octets{};
    input.copy(begin, octets);
    std::uint64_t word = 0;
    for (std::uint8_t octet : octets) word = (word << 8) | octet;
    eval = multiply_gf64(eval ^ word, p);
  }
  eval = multiply_gf64(eval ^ input.num_bits, q);
  return octets_of(static_cast<std::uint32_t>(eval >> 32) ^ otp);
}

/// 128-EIA3 over ZUC. TS 33.401 §B.2.4: the sum of the key stream's 32-bit windows at each 1 of the message.
MacI zuc_mac(const Key128& key, std::uint32_t count, std::uint8_t bearer, Direction direction, const Input& input) noexcept
{
  Block iv{};
  for (unsigned i = 0; i < 4; ++i) iv[i] = static_cast<std::uint8_t>(count >> (24 - 8 * i));
  iv[4] = static_cast<std::uint8_t>(bearer << 3);
  for (std::size_t i = 0; i < 8; ++i) iv[8 + i] = iv[i];
  const auto d = static_cast<unsigned>(direction) << 7;
  iv[8] = static_cast<std::uint8_t>(iv[8] ^ d);
  iv[14] = static_cast<std::uint8_t>(iv[14] ^ d);
  Zuc stream(key, iv);
  std::uint64_t window = static_cast<std::uint64_t>(stream.next()) << 32;
  window |= stream.next();
  std::uint32_t t = 0;
  for (std::size_t bit = 0; bit < input.num_bits; ++bit) {
    const std::size_t shift = bit % 32;
    if (bit != 0 && shift == 0) window = (window << 32) | stream.next();
    const bool is_one = ((input.message[bit / 8] >> (7 - bit % 8)) & 1) != 0;
    if (is_one) t ^= static_cast<std::uint32_t>(window >> (32 - shift));
  }
  const std::size_t shift = input.num_bits % 32;
  if (input.num_bits != 0 && shift == 0) window = (window << 32) | stream.next();
  t ^= static_cast<std::uint32_t>(window >> (32 - shift));
  const std::uint32_t last = shift == 0 ? static_cast<std::uint32_t>(window) : stream.next();
  return octets_of(t ^ last);
}

}  // namespace

struct Integrity::State {
  IntegrityAlgorithm algorithm;
  Key128 key;
  CipherContext aes;
  Block k1{}, k2{};
  ~State()
  {
    wipe(k1);
    wipe(k2);
  }
};

Integrity::Integrity(IntegrityAlgorithm algorithm, const Key128& key) : state_(std::make_unique<State>())
{
  state_->algorithm = algorithm;
  state_->key = key;
  if (algorithm != IntegrityAlgorithm::nia2) return;
  state_->aes.set_key(EVP_aes_128_cbc(), key);
  state_->aes.set_iv(Block{});
  Block l{};
  state_->aes.update(l, l);
  state_->k1 = doubled(l);
  state_->k2 = doubled(state_->k1);
}

Integrity::~Integrity() = default;
Integrity::Integrity(Integrity&&) noexcept = default;
Integrity& Integrity::operator=(Integrity&&) noexcept = default;

IntegrityAlgorithm Integrity::algorithm() const noexcept { return state_->algorithm; }

MacI Integrity::compute_bits(std::uint32_t count, std::uint8_t bearer, Direction direction,
                             std::span<const std::uint8_t> message, std::size_t num_bits) noexcept
{
  State& s = *state_;
  switch (s.algorithm) {
    case IntegrityAlgorithm::nia0: break;
    case IntegrityAlgorithm::nia1: return snow3g_mac(s.key, count, bearer, direction, {{}, message, num_bits});
    case IntegrityAlgorithm::nia2: {  // TS 33.401 §B.2.3: COUNT || BEARER || DIRECTION || 0^26 || MESSAGE
      std::array<std::uint8_t, 8> header{};
      for (unsigned i = 0; i < 4; ++i) header[i] = static_cast<std::uint8_t>(count >> (24 - 8 * i));
      header[4] = static_cast<std::uint8_t>((static_cast<unsigned>(bearer) << 3) | (static_cast<unsigned>(direction) << 2));
      return aes_cmac(s.aes, s.k1, s.k2, {header, message, num_bits});
    }
    case IntegrityAlgorithm::nia3: return zuc_mac(s.key, count, bearer, direction, {{}, message, num_bits});
  }
  return {};
}

}  // namespace ravi::security
