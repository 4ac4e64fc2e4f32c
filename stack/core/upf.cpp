#include "stack/core/upf.h"

#include "stack/gtpu/gtpu.h"

#include <algorithm>
#include <utility>

namespace ravi::core {
namespace {

/// Of one `run`: a flood from outside does not hold the slot up.
constexpr std::size_t kPacketsAtOnce = 1024;

bool is_for(const gtpu::ErrorIndication& error, const ngap::Tunnel& tunnel) noexcept
{
  return error.teid == tunnel.teid && error.address_size == tunnel.address.size() &&
         std::equal(tunnel.address.begin(), tunnel.address.end(), error.address.begin());
}

std::uint32_t number_of(const Ipv4& address) noexcept
{
  return std::uint32_t{address[0]} << 24 | std::uint32_t{address[1]} << 16 | std::uint32_t{address[2]} << 8 | address[3];
}

}  // namespace

Upf::Session* Upf::find(const Ipv4& ue) noexcept
{
  const auto found = sessions_.find(number_of(ue));
  return found == sessions_.end() ? nullptr : &found->second;
}

// -- N4 ---------------------------------------------------------------------------------------------------------------

ngap::Tunnel Upf::open(const Ipv4& ue, std::uint8_t qfi)
{
  close(ue);
  while (next_teid_ == 0 || ue_of_teid_.contains(next_teid_)) ++next_teid_;
  Session& session = sessions_[number_of(ue)];
  session.ue = ue;
  session.qfi = qfi;
  session.teid = next_teid_++;
  ue_of_teid_[session.teid] = number_of(ue);
  return {link_ != nullptr ? link_->address() : Ipv4{}, session.teid};
}

void Upf::set_downlink(const Ipv4& ue, const std::optional<ngap::Tunnel>& gnb)
{
  Session* const session = find(ue);
  if (session == nullptr) return;
  session->gnb = gnb;
  session->is_wanted = false;
  if (!gnb) return;
  for (const auto& packet : std::exchange(session->kept, {})) forward(*session, packet);
}

void Upf::close(const Ipv4& ue)
{
  const auto found = sessions_.find(number_of(ue));
  if (found == sessions_.end()) return;
  ue_of_teid_.erase(found->second.teid);
  sessions_.erase(found);
}

std::vector<Ipv4> Upf::take_wanted()
{
  std::vector<Ipv4> wanted;
  for (auto& [address, session] : sessions_) {
    if (std::exchange(session.is_wanted, false)) wanted.push_back(session.ue);
  }
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

// -- N3 ---------------------------------------------------------------------------------------------------------------

void Upf::run(Time now) noexcept
{
  now_ = now;
  if (link_ == nullptr) return;
  if (n6_ != nullptr) {
    for (std::size_t i = 0; i < kPacketsAtOnce; ++i) {
      const auto packet = n6_->next(now);
      if (packet.empty()) break;
      send_downlink(packet);
    }
  }
  for (std::size_t i = 0; i < kPacketsAtOnce; ++i) {
    const ngap::N3Datagram datagram = link_->receive();
    if (datagram.octets.empty()) break;
    receive(datagram);
  }
  for (auto& [address, session] : sessions_) {
    for (auto packet = session.source.next(now); !packet.empty(); packet = session.source.next(now)) forward(session, packet);
  }
}

void Upf::receive(const ngap::N3Datagram& datagram) noexcept
{
  const gtpu::Decoded read = gtpu::decode(datagram.octets);
  const std::uint16_t sequence_number = read.header.sequence_number.value_or(0);
  std::size_t answer_size = 0;
  if (read.verdict == gtpu::Verdict::unknown_extension) {
    answer_size = gtpu::write_supported_extension_headers(sequence_number, datagram_);
  } else if (read.verdict != gtpu::Verdict::ok) {
    ++counters_.malformed;
  } else if (read.header.type == gtpu::MessageType::echo_request) {
    answer_size = gtpu::write_echo_response(sequence_number, datagram_);
  } else if (read.header.type == gtpu::MessageType::error_indication) {
    ++counters_.error_indications;
    const auto error = gtpu::read_error_indication(read.payload);
    // The gNB no longer has this tunnel: its UE counts as idle. TS 23.527 §5.3. Another gNB may have a tunnel of the same number.
    for (auto& [address, session] : sessions_) {
      if (error && session.gnb && is_for(*error, *session.gnb)) session.gnb.reset();
    }
  } else if (read.header.type == gtpu::MessageType::g_pdu) {
    const auto found = ue_of_teid_.find(read.header.teid);
    if (found != ue_of_teid_.end()) return receive_uplink(sessions_.at(found->second), read.payload);
    ++counters_.unknown_teid;
    gtpu::ErrorIndication error{.teid = read.header.teid};
    std::ranges::copy(link_->address(), error.address.begin());
    answer_size = gtpu::write_error_indication(error, 0, datagram_);
  }
  if (answer_size > 0) link_->send(datagram.from, std::span(datagram_).first(answer_size));
}

void Upf::receive_uplink(Session& session, std::span<const std::uint8_t> octets) noexcept
{
  const auto packet = ip::read_ipv4(octets);
  if (!packet) {
    ++counters_.malformed;
    return;
  }
  if (packet->source != session.ue) {
    ++counters_.spoofed;
    return;
  }
  ++session.traffic.uplink.packets;
  session.traffic.uplink.octets += octets.size();
  if (Session* const other = find(packet->destination)) {
    forward(*other, octets);
  } else if (n6_ != nullptr) {
    n6_->deliver(octets, now_);
  } else if (packet->destination == gateway_) {
    answer(session, *packet);
  } else {
    ++counters_.unroutable;
  }
}

bool Upf::forward(Session& session, std::span<const std::uint8_t> packet) noexcept
{
  if (!session.gnb) {
    session.is_wanted = true;
    if (session.kept.size() >= kKeptForIdle) {
      ++counters_.buffer_overflows;
      return false;
    }
    session.kept.emplace_back(packet.begin(), packet.end());
    return true;
  }
  const gtpu::Header header{.teid = session.gnb->teid, .sequence_number = {}, .session = gtpu::PduSession{.qfi = session.qfi}};
  const std::size_t header_size = gtpu::write_header(header, packet.size(), datagram_);
  if (header_size == 0 || header_size + packet.size() > datagram_.size()) return false;
  std::ranges::copy(packet, datagram_.begin() + static_cast<std::ptrdiff_t>(header_size));
  if (link_ == nullptr || !link_->send(session.gnb->address, std::span(datagram_).first(header_size + packet.size()))) return false;
  ++session.traffic.downlink.packets;
  session.traffic.downlink.octets += packet.size();
  return true;
}

// -- N6 ---------------------------------------------------------------------------------------------------------------

void Upf::attach_n6(ip::Endpoint* endpoint)
{
  n6_ = endpoint;
  if (n6_ != nullptr) n6_->set_address(gateway_);
}

bool Upf::send_downlink(std::span<const std::uint8_t> octets) noexcept
{
  const auto packet = ip::read_ipv4(octets);
  Session* const session = packet ? find(packet->destination) : nullptr;
  if (session == nullptr) {
    ++(packet ? counters_.unroutable : counters_.malformed);
    return false;
  }
  return forward(*session, octets);
}

void Upf::answer(Session& session, const ip::IpPacket& packet) noexcept
{
  const std::size_t size = ip::write_echo_reply(packet, packet_);
  if (size == 0) {
    (void)session.sink.receive(packet);
    return;
  }
  ++session.traffic.echoes;
  forward(session, std::span(packet_).first(size));
}

bool Upf::start_downlink(const Ipv4& ue, double bits_per_second, std::size_t packet_size, Time now)
{
  Session* const session = find(ue);
  return session != nullptr &&
         session->source.start(
             {.source = gateway_, .destination = ue, .bits_per_second = bits_per_second, .packet_size = packet_size}, now);
}

void Upf::stop_downlink(const Ipv4& ue)
{
  if (Session* const session = find(ue)) session->source.stop();
}

std::optional<UeTraffic> Upf::traffic(const Ipv4& ue) const
{
  const auto found = sessions_.find(number_of(ue));
  if (found == sessions_.end()) return std::nullopt;
  UeTraffic traffic = found->second.traffic;
  const ip::UdpSinkReport& sunk = found->second.sink.report();
  traffic.sunk = {sunk.packets, sunk.octets};
  traffic.lost = sunk.lost;
  return traffic;
}

}  // namespace ravi::core
