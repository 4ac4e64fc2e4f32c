#include "stack/pcap/tap.h"

#include <array>
#include <bit>

namespace ravi::pcap {

void Tap::write(const RecordHead& head, std::span<const std::uint8_t> octets) noexcept
{
  if (octets.size() > kMaxRecord || ring_.room() < sizeof head + octets.size()) {
    num_dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  (void)ring_.write(std::bit_cast<HeadOctets>(head));
  (void)ring_.write(octets);
}

bool Tap::read(RecordHead& head, Octets& octets)
{
  if (!has_head_) {
    HeadOctets head_octets;
    if (!ring_.read(head_octets)) return false;
    head_ = std::bit_cast<RecordHead>(head_octets);
    has_head_ = true;
  }
  octets.resize(head_.size);
  if (!ring_.read(octets)) return false;  // its octets are still on their way
  head = head_;
  has_head_ = false;
  return true;
}

void Tap::mac(const MacPdu& pdu) noexcept
{
  write({.time_ns = pdu.time.count(),
         .size = static_cast<std::uint32_t>(pdu.octets.size()),
         .kind = Kind::mac,
         .direction = pdu.direction,
         .rnti_type = pdu.rnti_type,
         .rnti = pdu.rnti,
         .harq_process = pdu.harq_process,
         .slot = pdu.slot},
        pdu.octets);
}

void Tap::rrc(RrcChannel channel, nr::Rnti c_rnti, std::span<const std::uint8_t> message) noexcept
{
  const bool is_uplink = channel == RrcChannel::ul_ccch || channel == RrcChannel::ul_dcch;
  write({.time_ns = now_.count(),
         .size = static_cast<std::uint32_t>(message.size()),
         .ue = c_rnti.value(),
         .kind = Kind::rrc,
         .direction = is_uplink ? nr::LinkDirection::uplink : nr::LinkDirection::downlink,
         .channel = channel},
        message);
}

void Tap::ngap(nr::LinkDirection direction, std::span<const std::uint8_t> message) noexcept
{
  write({.time_ns = now_.count(), .size = static_cast<std::uint32_t>(message.size()), .kind = Kind::ngap, .direction = direction}, message);
}

void Tap::nas(nr::LinkDirection direction, std::uint32_t ue, std::span<const std::uint8_t> message) noexcept
{
  write({.time_ns = now_.count(), .size = static_cast<std::uint32_t>(message.size()), .ue = ue, .kind = Kind::nas, .direction = direction}, message);
}

void Tap::gtpu(nr::LinkDirection direction, const Ipv4& from, const Ipv4& to, std::span<const std::uint8_t> datagram) noexcept
{
  write({.time_ns = now_.count(),
         .size = static_cast<std::uint32_t>(datagram.size()),
         .kind = Kind::gtpu,
         .direction = direction,
         .from = from,
         .to = to},
        datagram);
}

}  // namespace ravi::pcap
