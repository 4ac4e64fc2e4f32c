#include "stack/security/milenage.h"

#include "stack/security/primitives.h"

#include <algorithm>

namespace ravi::security {
namespace {

Block exclusive_or(const Block& a, std::span<const std::uint8_t, 16> b)
{
  Block out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return out;
}

/// Rotation towards the most significant bit by whole octets; the r_i of TS 35.206 §4.1 are multiples of 8.
Block rotate(const Block& in, std::size_t octets)
{
  Block out{};
  std::rotate_copy(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(octets), in.end(), out.begin());
  return out;
}

Block block_of(std::span<const std::uint8_t, 16> bytes)
{
  Block out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

/// OUT_i = E_K(rot(TEMP xor OPc, r_i) xor c_i) xor OPc for i = 2..5; c_i has only its last octet set.
Block output(const Aes128& aes, const Block& temp, const Key128& opc, std::size_t rotation, std::uint8_t constant)
{
  Block in = rotate(exclusive_or(temp, opc.bytes()), rotation);
  in[15] = static_cast<std::uint8_t>(in[15] ^ constant);
  return exclusive_or(aes.encrypt(in), opc.bytes());
}

}  // namespace

Key128 derive_opc(const Key128& k, const Key128& op)
{
  return Key128(exclusive_or(Aes128(k).encrypt(block_of(op.bytes())), op.bytes()));
}

MilenageOutput milenage_f2345(const Key128& k, const Key128& opc, const Rand& rand)
{
  const Aes128 aes(k);
  const Block temp = aes.encrypt(exclusive_or(rand, opc.bytes()));
  const Block out2 = output(aes, temp, opc, 0, 1);
  const Block out5 = output(aes, temp, opc, 12, 8);
  MilenageOutput result;
  std::copy_n(out2.begin() + 8, 8, result.res.begin());
  std::copy_n(out2.begin(), 6, result.ak.begin());
  result.ck = Key128(output(aes, temp, opc, 4, 2));
  result.ik = Key128(output(aes, temp, opc, 8, 4));
  std::copy_n(out5.begin(), 6, result.ak_star.begin());
  return result;
}

MilenageMac milenage_f1(const Key128& k, const Key128& opc, const Rand& rand, const SqnOctets& sqn, const Amf& amf)
{
  const Aes128 aes(k);
  const Block temp = aes.encrypt(exclusive_or(rand, opc.bytes()));
  Block in1{};  // SQN || AMF || SQN || AMF
  for (std::size_t half : {0U, 8U}) {
    std::copy(sqn.begin(), sqn.end(), in1.begin() + static_cast<std::ptrdiff_t>(half));
    std::copy(amf.begin(), amf.end(), in1.begin() + static_cast<std::ptrdiff_t>(half + 6));
  }
  const Block in = exclusive_or(temp, rotate(exclusive_or(in1, opc.bytes()), 8));
  const Block out1 = exclusive_or(aes.encrypt(in), opc.bytes());
  MilenageMac result;
  std::copy_n(out1.begin(), 8, result.mac_a.begin());
  std::copy_n(out1.begin() + 8, 8, result.mac_s.begin());
  return result;
}

}  // namespace ravi::security
