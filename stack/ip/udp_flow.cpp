#include "stack/ip/udp_flow.h"

#include <algorithm>

namespace ravi::ip {

bool UdpSource::start(const UdpSourceConfig& config, Time now) noexcept
{
  if (config.packet_size < kMinTrafficPacket || config.packet_size > packet_.size() || !(config.bits_per_second > 0)) return false;
  config_ = config;
  is_running_ = true;
  packets_per_second_ = config.bits_per_second / (8.0 * static_cast<double>(config.packet_size));
  begin_ = now;
  num_due_ = number_ = 0;
  return true;
}

std::span<const std::uint8_t> UdpSource::next(Time now) noexcept
{
  if (!is_running_) return {};
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const auto due = static_cast<std::uint64_t>(std::max(0.0, elapsed * packets_per_second_));
  if (due > num_due_ + kMaxBurst) num_due_ = due - kMaxBurst;
  if (num_due_ >= due) return {};
  const TrafficDatagram datagram{.source = config_.source,
                                 .destination = config_.destination,
                                 .stamp = {number_, static_cast<std::uint64_t>(now.count())},
                                 .packet_size = config_.packet_size};
  ++num_due_;
  ++number_;
  return std::span(packet_).first(write_traffic(datagram, packet_));
}

void UdpSource::refused() noexcept
{
  --num_due_;
  --number_;
}

bool UdpSink::receive(const IpPacket& packet) noexcept
{
  const auto datagram = read_udp(packet);
  const auto stamp = datagram ? read_stamp(*datagram) : std::nullopt;
  if (!stamp || datagram->destination_port != kTrafficPort) return false;
  ++report_.packets;
  report_.octets += kIpv4HeaderOctets + packet.payload.size();
  if (stamp->number == 0) next_number_ = 0;
  if (stamp->number >= next_number_) {
    report_.lost += stamp->number - next_number_;
    next_number_ = stamp->number + 1;
  } else if (report_.lost > 0) {
    --report_.lost;  // came late
  }
  return true;
}

}  // namespace ravi::ip
