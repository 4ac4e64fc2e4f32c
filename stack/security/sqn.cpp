#include "stack/security/sqn.h"

namespace ravi::security {

Sqn Sqn::from_octets(const SqnOctets& octets)
{
  std::uint64_t value = 0;
  for (std::uint8_t octet : octets) value = (value << 8) | octet;
  return Sqn(value);
}

SqnOctets Sqn::octets() const
{
  SqnOctets out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(value_ >> (8 * (5 - i)));
  return out;
}

Sqn next_sqn(Sqn last) { return {last.seq() + 1, last.ind() + 1}; }

Sqn resynchronized(Sqn home, Sqn mobile)
{
  const Sqn next = next_sqn(home);
  const bool is_acceptable = next.seq() > mobile.seq() && next.seq() - mobile.seq() <= SqnArray::kDelta;
  return is_acceptable ? home : mobile;
}

bool SqnArray::accept(Sqn sqn)
{
  if (sqn.seq() <= seq_[sqn.ind()]) return false;
  if (sqn.seq() > highest_.seq() && sqn.seq() - highest_.seq() > kDelta) return false;
  seq_[sqn.ind()] = sqn.seq();
  if (sqn.seq() > highest_.seq()) highest_ = sqn;
  return true;
}

Sqn SqnArray::highest() const { return highest_; }

}  // namespace ravi::security
