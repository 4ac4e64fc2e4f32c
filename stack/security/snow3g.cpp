#include "stack/security/snow3g.h"

#include <algorithm>

namespace ravi::security {
namespace {

using Table8 = std::array<std::uint8_t, 256>;
using Table32 = std::array<std::uint32_t, 256>;

/// Product by x in GF(2^8) whose polynomial has the low octet `c`.
constexpr std::uint8_t mul_x(std::uint8_t v, std::uint8_t c)
{
  return static_cast<std::uint8_t>((v & 0x80) != 0 ? (v << 1) ^ c : v << 1);
}

constexpr std::uint8_t mul_x_pow(std::uint8_t v, unsigned i, std::uint8_t c)
{
  for (; i > 0; --i) v = mul_x(v, c);
  return v;
}

constexpr std::uint8_t multiply(std::uint8_t a, std::uint8_t b, std::uint8_t c)
{
  std::uint8_t product = 0;
  for (; b != 0; b = static_cast<std::uint8_t>(b >> 1)) {
    if ((b & 1) != 0) product = static_cast<std::uint8_t>(product ^ a);
    a = mul_x(a, c);
  }
  return product;
}

/// S_R is the S-box of Rijndael: the inverse in GF(2^8), then an affine map.
constexpr Table8 make_sr()
{
  Table8 power{}, logarithm{}, box{};
  std::uint8_t v = 1;
  for (unsigned i = 0; i < 255; ++i) {
    power[i] = v;
    logarithm[v] = static_cast<std::uint8_t>(i);
    v = static_cast<std::uint8_t>(v ^ mul_x(v, 0x1B));  // times the generator x + 1
  }
  for (unsigned x = 0; x < 256; ++x) {
    const unsigned inverse = x == 0 ? 0U : power[(255U - logarithm[x]) % 255U];
    unsigned out = 0x63;
    for (unsigned rotation = 0; rotation < 5; ++rotation) out ^= ((inverse << rotation) | (inverse >> (8 - rotation))) & 0xFF;
    box[x] = static_cast<std::uint8_t>(out);
  }
  return box;
}

/// S_Q(x) is a Dickson polynomial over GF(2^8) with x^8 + x^6 + x^5 + x^3 + 1, plus 0x25. Document 2 §3.3.2.
constexpr Table8 make_sq()
{
  constexpr std::uint8_t c = 0x69;
  Table8 box{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto x = static_cast<std::uint8_t>(i);
    std::uint8_t out = 0x25;
    std::uint8_t power = x;
    const auto squared = multiply(x, x, c);
    for (unsigned exponent = 1; exponent <= 49; exponent += 2) {
      const bool is_term = exponent == 1 || exponent == 9 || exponent == 13 || exponent == 15 || exponent == 33 ||
                           exponent == 41 || exponent == 45 || exponent == 47 || exponent == 49;
      if (is_term) out = static_cast<std::uint8_t>(out ^ power);
      power = multiply(power, squared, c);
    }
    box[i] = out;
  }
  return box;
}

constexpr Table32 make_mul_alpha(std::array<unsigned, 4> exponents)
{
  Table32 table{};
  for (unsigned i = 0; i < 256; ++i) {
    for (unsigned e : exponents) table[i] = (table[i] << 8) | mul_x_pow(static_cast<std::uint8_t>(i), e, 0xA9);
  }
  return table;
}

constexpr Table8 kSr = make_sr();
constexpr Table8 kSq = make_sq();
constexpr Table32 kMulAlpha = make_mul_alpha({23, 245, 48, 239});
constexpr Table32 kDivAlpha = make_mul_alpha({16, 39, 6, 64});

/// S_1 and S_2: four S-boxes and a MixColumn. Document 2 §3.3.1, §3.3.2.
std::uint32_t substitute(std::uint32_t w, const Table8& box, std::uint8_t c) noexcept
{
  const std::uint8_t a0 = box[w >> 24], a1 = box[(w >> 16) & 0xFF], a2 = box[(w >> 8) & 0xFF], a3 = box[w & 0xFF];
  const auto m = [c](std::uint8_t v) { return static_cast<std::uint32_t>(mul_x(v, c)); };
  const std::uint32_t r0 = m(a0) ^ a1 ^ a2 ^ m(a3) ^ a3;
  const std::uint32_t r1 = m(a0) ^ a0 ^ m(a1) ^ a2 ^ a3;
  const std::uint32_t r2 = a0 ^ m(a1) ^ a1 ^ m(a2) ^ a3;
  const std::uint32_t r3 = a0 ^ a1 ^ m(a2) ^ a2 ^ m(a3);
  return (r0 << 24) | (r1 << 16) | (r2 << 8) | r3;
}

}  // namespace

Snow3g::Snow3g(const Key128& key, const std::array<std::uint32_t, 4>& iv) noexcept
{
  std::array<std::uint32_t, 4> k{};  // K_3 holds the first octets of the key
  for (unsigned i = 0; i < 16; ++i) k[3 - i / 4] = (k[3 - i / 4] << 8) | key.bytes()[i];
  for (unsigned i = 0; i < 16; ++i) s_[i] = (i / 4) % 2 == 0 ? ~k[i % 4] : k[i % 4];
  s_[15] ^= iv[0];
  s_[12] ^= iv[1];
  s_[10] ^= iv[2];
  s_[9] ^= iv[3];
  for (unsigned round = 0; round < 32; ++round) clock_lfsr(clock_fsm());
  clock_fsm();
  clock_lfsr(0);
  wipe({reinterpret_cast<std::uint8_t*>(k.data()), sizeof k});
}

Snow3g::~Snow3g() { wipe({reinterpret_cast<std::uint8_t*>(s_.data()), sizeof s_}); }

std::uint32_t Snow3g::next() noexcept
{
  const std::uint32_t z = clock_fsm() ^ s_[0];
  clock_lfsr(0);
  return z;
}

std::uint32_t Snow3g::clock_fsm() noexcept
{
  const std::uint32_t f = (s_[15] + r1_) ^ r2_;
  const std::uint32_t r = r2_ + (r3_ ^ s_[5]);
  r3_ = substitute(r2_, kSq, 0x69);
  r2_ = substitute(r1_, kSr, 0x1B);
  r1_ = r;
  return f;
}

void Snow3g::clock_lfsr(std::uint32_t feedback) noexcept
{
  const std::uint32_t v =
      (s_[0] << 8) ^ kMulAlpha[s_[0] >> 24] ^ s_[2] ^ (s_[11] >> 8) ^ kDivAlpha[s_[11] & 0xFF] ^ feedback;
  std::copy(s_.begin() + 1, s_.end(), s_.begin());
  s_[15] = v;
}

}  // namespace ravi::security
