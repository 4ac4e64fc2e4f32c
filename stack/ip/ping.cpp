#include "stack/ip/ping.h"

#include <algorithm>

namespace ravi::ip {

void Ping::start(const PingConfig& config, Time now) noexcept
{
  config_ = config;
  is_running_ = true;
  next_ = now;
  outstanding_ = {};
  report_ = {};
}

std::span<const std::uint8_t> Ping::next(Time now) noexcept
{
  if (!is_running_ || report_.sent == config_.count || now < next_) return {};
  const EchoRequest request{.source = config_.source,
                            .destination = config_.destination,
                            .identifier = config_.identifier,
                            .sequence_number = static_cast<std::uint16_t>(report_.sent),
                            .data_size = config_.data_size};
  const std::size_t size = write_echo_request(request, packet_);
  if (size == 0) return {};
  outstanding_[report_.sent % kMaxOutstanding] = {.number = report_.sent, .sent = now, .is_waiting = true};
  ++report_.sent;
  next_ += config_.interval;
  return std::span(packet_).first(size);
}

void Ping::refused() noexcept
{
  --report_.sent;
  outstanding_[report_.sent % kMaxOutstanding].is_waiting = false;
  next_ -= config_.interval;
}

bool Ping::receive(const IpPacket& packet, Time now) noexcept
{
  const auto reply = read_echo_reply(packet);
  if (!reply || reply->identifier != config_.identifier || packet.source != config_.destination) return false;
  // kMaxOutstanding divides 2^16: the sequence number alone says where its request is noted.
  Outstanding& request = outstanding_[reply->sequence_number % kMaxOutstanding];
  if (!request.is_waiting || static_cast<std::uint16_t>(request.number) != reply->sequence_number) return false;
  request.is_waiting = false;
  const Time rtt = now - request.sent;
  report_.rtt_min = report_.received == 0 ? rtt : std::min(report_.rtt_min, rtt);
  report_.rtt_max = std::max(report_.rtt_max, rtt);
  report_.rtt_sum += rtt;
  ++report_.received;
  return true;
}

}  // namespace ravi::ip
