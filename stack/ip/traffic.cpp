#include "stack/ip/traffic.h"

namespace ravi::ip {

void Traffic::set_address(const std::optional<Ipv4>& address) noexcept
{
  if (address == address_) return;
  address_ = address;
  ping_.stop();
  uplink_.stop();
  is_pinging_ = false;
}

void Traffic::start_and_stop(Time now) noexcept
{
  if (const bool wants = wants_ping_.load() && address_; wants != is_pinging_) {
    is_pinging_ = wants;
    PingConfig config = config_.ping;
    config.destination = config_.gateway;
    if (wants) config.source = *address_;
    if (wants) ping_.start(config, now); else ping_.stop();
  }
  if (const bool wants = wants_uplink_.load() && address_; wants != uplink_.is_running()) {
    UdpSourceConfig config = config_.uplink;
    config.destination = config_.gateway;
    if (wants) config.source = *address_;
    if (wants) (void)uplink_.start(config, now); else uplink_.stop();
  }
}

std::span<const std::uint8_t> Traffic::next(Time now) noexcept
{
  start_and_stop(now);
  std::span<const std::uint8_t> packet = ping_.next(now);
  was_ping_ = !packet.empty();
  if (packet.empty()) packet = uplink_.next(now);
  if (packet.empty()) {
    latest_.write({.time = now, .ping = ping_.report(), .sent = uplink_.num_sent(), .downlink = downlink_.report()});
  }
  return packet;
}

void Traffic::refused() noexcept
{
  if (was_ping_) ping_.refused(); else uplink_.refused();
}

void Traffic::deliver(std::span<const std::uint8_t> octets, Time now) noexcept
{
  const auto packet = read_ipv4(octets);
  if (!packet || packet->destination != address_) return;
  if (!ping_.receive(*packet, now)) (void)downlink_.receive(*packet);
}

}  // namespace ravi::ip
