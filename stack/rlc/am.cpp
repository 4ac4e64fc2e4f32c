#include "stack/rlc/am.h"

namespace ravi::rlc {

std::size_t AmEntity::pull(std::span<std::uint8_t> out, Time now) noexcept
{
  const std::size_t status = rx_.pull_status(out, now);
  if (status == 0) return tx_.pull(out, now);
  ++tx_.counters().status_pdus;
  tx_.counters().octets += status;
  return status;
}

std::span<const std::uint8_t> AmEntity::receive(std::span<const std::uint8_t> pdu, Time now) noexcept
{
  ++rx_.counters().pdus;
  rx_.counters().octets += pdu.size();
  if (pdu.empty()) {
    ++rx_.counters().malformed;
    return {};
  }
  if (!is_control_pdu(pdu)) return rx_.receive(pdu, now);
  ++rx_.counters().status_pdus;
  if (!tx_.receive_status(pdu)) ++rx_.counters().dropped;
  return {};
}

void AmEntity::tick(Time now) noexcept
{
  tx_.tick(now);
  rx_.tick(now);
}

void AmEntity::reestablish() noexcept
{
  tx_.reestablish();
  rx_.reestablish();
}

}  // namespace ravi::rlc
