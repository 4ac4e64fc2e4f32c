#include "stack/pdcp/radio_bearer.h"

namespace ravi::pdcp {
namespace {

constexpr std::size_t kHeaderAllowance = 5;  // RLC AM, 18 bits and a segment offset, rounded

security::Direction opposite(security::Direction direction)
{
  return direction == security::Direction::downlink ? security::Direction::uplink : security::Direction::downlink;
}

}  // namespace

RadioBearer::RadioBearer(const Config& config, const rlc::AmConfig& rlc, security::Direction sends)
  : tx_(config, sends), rx_(config, opposite(sends)), rlc_(rlc)
{
}

bool RadioBearer::send(std::span<const std::uint8_t> sdu, Time now) noexcept
{
  const auto pdu = tx_.send(sdu, now);
  if (!pdu) return false;
  if (rlc_.push(pdu->octets, pdu->count)) return true;
  tx_.take_back();
  return false;
}

std::size_t RadioBearer::buffer_octets() const noexcept
{
  const std::size_t octets = rlc_.buffer_octets();
  return octets == 0 ? 0 : octets + kHeaderAllowance * (1 + rlc_.num_sdus());
}

RxVerdict RadioBearer::receive(std::span<const std::uint8_t> rlc_pdu, Time now) noexcept
{
  const std::span<const std::uint8_t> pdu = rlc_.receive(rlc_pdu, now);
  return pdu.empty() ? RxVerdict::control : rx_.receive(pdu, now);
}

void RadioBearer::tick(Time now) noexcept
{
  rlc_.tick(now);
  rx_.tick(now);
  while (const auto expired = tx_.next_expired(now)) (void)rlc_.discard(*expired);
}

}  // namespace ravi::pdcp
