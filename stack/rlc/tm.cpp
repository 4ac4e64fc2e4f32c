#include "stack/rlc/tm.h"

#include <algorithm>

namespace ravi::rlc {

bool TmEntity::push(std::span<const std::uint8_t> sdu) noexcept
{
  const bool is_taken = queue_.push(sdu, 0);
  ++(is_taken ? tx_.sdus : tx_.sdus_refused);
  return is_taken;
}

std::size_t TmEntity::pull(std::span<std::uint8_t> out) noexcept
{
  if (queue_.size() == 0 || queue_[0].size > out.size()) return 0;
  const auto sdu = queue_.octets(queue_[0]);
  std::copy(sdu.begin(), sdu.end(), out.begin());
  queue_.pop_front();
  ++tx_.pdus;
  tx_.octets += sdu.size();
  return sdu.size();
}

std::span<const std::uint8_t> TmEntity::receive(std::span<const std::uint8_t> pdu) noexcept
{
  ++rx_.pdus;
  rx_.octets += pdu.size();
  ++(pdu.empty() ? rx_.malformed : rx_.sdus);
  return pdu;
}

}  // namespace ravi::rlc
