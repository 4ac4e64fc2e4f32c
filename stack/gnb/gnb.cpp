#include "stack/gnb/gnb.h"

#include "stack/gnb/record_mac.h"
#include "stack/gtpu/gtpu.h"
#include "stack/mac/mac_pdu.h"
#include "stack/rrc/broadcast.h"

#include <algorithm>
#include <utility>

namespace ravi::gnb {
namespace {

constexpr std::size_t kSignallingPdus = 256;   // in one slot, of all UEs
constexpr std::size_t kSignallingOctets = 1U << 18U;
constexpr std::size_t kDatagramsAtOnce = 256;  // of N3, in one slot: a flood from outside does not hold it up

ngap::GnbNgapConfig ngap_config(const GnbConfig& config)
{
  ngap::GnbNgapConfig ngap = config.ngap;
  ngap.plmn = config.cell.plmn;
  ngap.tac = config.cell.tracking_area_code;
  ngap.nr_cell_identity = config.cell.nr_cell_identity;
  return ngap;
}

}  // namespace

Result<std::unique_ptr<Gnb>> Gnb::make(const GnbConfig& config, ngap::N2Link& n2, ngap::N3Link& n3)
{
  const auto sib1 = rrc::sib1_of(config.cell);
  if (!sib1) return tl::unexpected(sib1.error());
  auto modem = GnbModem::make(config.cell, config.rate, rrc::mib_of(config.cell), *sib1, config.scheduler);
  if (!modem) return tl::unexpected(modem.error());
  return std::unique_ptr<Gnb>(new Gnb(config, std::move(*modem), n2, n3));
}

Gnb::Gnb(const GnbConfig& config, std::unique_ptr<GnbModem> modem, ngap::N2Link& n2, ngap::N3Link& n3)
  : config_(config), modem_(std::move(modem)), n3_(n3), ngap_(ngap_config(config), n2), signalling_(kSignallingPdus, kSignallingOctets)
{
  if (config_.tap == nullptr) return;
  ngap_.trace = [tap = config_.tap](bool is_uplink, std::span<const std::uint8_t> message) {
    tap->ngap(is_uplink ? nr::LinkDirection::uplink : nr::LinkDirection::downlink, message);
  };
}

SlotOutput Gnb::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  const nr::Scs scs = config_.cell.uplink.scs;
  now_ = std::chrono::duration_cast<Time>(to_duration(in.time - SampleTime(0), config_.rate));
  if (next_index_ && in.index != *next_index_) {
    ++counters_.gaps;
    modem_->skip(nr::Slot::from_count(scs, *next_index_), in.index - *next_index_);
  }
  next_index_ = in.index + 1;
  modem_->receive(nr::Slot::from_count(scs, in.index), in.samples.channel(0));
  if (config_.tap != nullptr) {
    const std::chrono::nanoseconds time = to_duration(in.time - SampleTime(0), config_.rate);
    config_.tap->set_time(time);
    record_uplink(nr::Slot::from_count(scs, in.index), time, modem_->receipts(), *config_.tap);
  }
  for (const ReceivedSdu& sdu : modem_->received()) {
    if (take_user_plane(sdu)) continue;
    if (!signalling_.push(sdu.octets, std::uint32_t{sdu.rnti.value()} << 8U | sdu.lcid)) ++counters_.dropped_signalling;
  }
  receive_downlink_packets();
  for (const auto& ue : ues_) {
    // A timer gives out SDUs of a DRB only (an SRB waits for ever).
    for (const auto& bearer : ue->bearers.by_priority()) {
      bearer->radio.tick(now_);
      if (!bearer->config.is_srb()) drain(*ue, *bearer);
    }
    const std::size_t ccch = ue->ccch.empty() ? 0 : ue->ccch.size() + 12;
    modem_->scheduler().set_dl_buffer(ue->rnti, ccch + ue->bearers.buffer_octets(), !ue->ccch.empty());
  }
  for (mac::DlTransmission& transmission : modem_->plan(nr::Slot::from_count(scs, out.index)).pdsch) {
    if (transmission.is_to_be_filled) fill(transmission);
  }
  if (config_.tap != nullptr) record_downlink(modem_->planned(), to_duration(out.time - SampleTime(0), config_.rate), *config_.tap);
  modem_->transmit(out.samples.channel(0));
  return SlotOutput::samples;
}

Gnb::Ue* Gnb::find(nr::Rnti rnti)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [rnti](const auto& ue) { return ue->rnti == rnti && !ue->is_removed; });
  return found == ues_.end() ? nullptr : found->get();
}

Gnb::Ue* Gnb::find_ran(std::uint32_t ran_ue_id)
{
  const auto found = std::find_if(ues_.begin(), ues_.end(), [ran_ue_id](const auto& ue) { return ue->ran_ue_id == ran_ue_id && !ue->is_removed; });
  return found == ues_.end() ? nullptr : found->get();
}

UeStatisticsList Gnb::ue_statistics() const noexcept
{
  UeStatisticsList list;
  for (const auto& ue : ues_) {
    UeStatistics one{.rnti = ue->rnti,
                     .ran_ue_id = ue->ran_ue_id,
                     .is_connected = ue->rrc.state() == rrc::GnbRrc::State::connected,
                     .has_session = ue->bearers.first_drb() != nullptr,
                     .downlink_packets = ue->downlink_packets,
                     .uplink_packets = ue->uplink_packets};
    if (const mac::ScheduledUe* scheduled = std::as_const(*modem_).scheduler().find(ue->rnti)) {
      one.cqi = scheduled->cqi;
      one.uplink_snr_db = scheduled->ul_snr_db;
      one.downlink_waiting = scheduled->dl_buffer;
      one.uplink_waiting = scheduled->ul_buffer;
      one.downlink = scheduled->counters.downlink;
      one.uplink = scheduled->counters.uplink;
      one.scheduling_requests = scheduled->counters.scheduling_requests;
    }
    (void)list.push_back(one);
  }
  return list;
}

// -- user plane ----------------------------------------------------------------------------------------------------------

/// A PDU of a DRB that stands. False: all else is `deliver`'s.
bool Gnb::take_user_plane(const ReceivedSdu& sdu)
{
  if (sdu.lcid == mac::lcid::ccch) return false;
  Ue* const ue = find(sdu.rnti);
  bearer::Bearer* const bearer = ue != nullptr ? ue->bearers.on_logical_channel(sdu.lcid) : nullptr;
  if (bearer == nullptr || bearer->config.is_srb()) return false;
  (void)bearer->radio.receive(sdu.octets, now_);
  drain(*ue, *bearer);
  return true;
}

/// SDUs in order. What one of them asks for is done before the next is taken.
void Gnb::drain(Ue& ue, bearer::Bearer& bearer)
{
  while (const auto sdu = bearer.radio.next()) {
    if (!bearer.config.is_srb()) {
      send_uplink_packet(ue, bearer, sdu->octets);
      continue;
    }
    record_rrc(pcap::RrcChannel::ul_dcch, ue.rnti, sdu->octets);
    ue.rrc.on_dcch(sdu->octets, sdu->is_integrity_verified, now_);
    act(ue);
    if (ue.is_removed) return;
  }
}

void Gnb::send_uplink_packet(Ue& ue, const bearer::Bearer& bearer, std::span<const std::uint8_t> packet)
{
  const auto session = std::find_if(ue.sessions.begin(), ue.sessions.end(), [&](const Session& s) { return s.drb == bearer.config.identity(); });
  if (session == ue.sessions.end() || session->qfis.empty()) {
    ++counters_.dropped_packets;
    return;
  }
  const gtpu::Header header{.teid = session->uplink.teid, .session = gtpu::PduSession{.is_uplink = true, .qfi = session->qfis.front()}};
  const std::size_t size = gtpu::write_header(header, packet.size(), datagram_);
  if (size == 0 || size + packet.size() > datagram_.size()) {
    ++counters_.dropped_packets;
    return;
  }
  std::copy(packet.begin(), packet.end(), datagram_.begin() + static_cast<std::ptrdiff_t>(size));
  const bool is_sent = n3_.send(session->uplink.address, std::span(datagram_).first(size + packet.size()));
  if (config_.tap != nullptr) {
    config_.tap->gtpu(nr::LinkDirection::uplink, n3_.address(), session->uplink.address, std::span(datagram_).first(size + packet.size()));
  }
  ++(is_sent ? counters_.uplink_packets : counters_.dropped_packets);
  if (is_sent) ++ue.uplink_packets;
}

void Gnb::receive_downlink_packets()
{
  for (std::size_t i = 0; i < kDatagramsAtOnce; ++i) {
    const ngap::N3Datagram datagram = n3_.receive();
    if (datagram.octets.empty()) return;
    const gtpu::Decoded decoded = gtpu::decode(datagram.octets);
    if (config_.tap != nullptr) config_.tap->gtpu(nr::LinkDirection::downlink, datagram.from, n3_.address(), datagram.octets);
    if (decoded.verdict == gtpu::Verdict::ok && decoded.header.type == gtpu::MessageType::echo_request) {
      const std::size_t size = gtpu::write_echo_response(decoded.header.sequence_number.value_or(0), datagram_);
      (void)n3_.send(datagram.from, std::span(datagram_).first(size));
      continue;
    }
    bool is_known = false;
    bool is_taken = false;
    for (const auto& ue : ues_) {
      for (const Session& session : ue->sessions) {
        if (decoded.verdict != gtpu::Verdict::ok || decoded.header.type != gtpu::MessageType::g_pdu ||
            session.downlink_teid != decoded.header.teid) {
          continue;
        }
        is_known = true;
        bearer::Bearer* const bearer = ue->bearers.drb(session.drb);
        is_taken = bearer != nullptr && bearer->radio.send(decoded.payload, now_);
        if (is_taken) ++ue->downlink_packets;
      }
    }
    ++(is_taken ? counters_.downlink_packets : counters_.dropped_packets);
    if (!is_known && decoded.verdict == gtpu::Verdict::ok && decoded.header.type == gtpu::MessageType::g_pdu) {
      // TS 29.281 §7.3.1: the tunnel is gone.
      gtpu::ErrorIndication error{.teid = decoded.header.teid};
      std::ranges::copy(n3_.address(), error.address.begin());
      const std::size_t size = gtpu::write_error_indication(error, 0, datagram_);
      (void)n3_.send(datagram.from, std::span(datagram_).first(size));
    }
  }
}

void Gnb::record_rrc(pcap::RrcChannel channel, nr::Rnti rnti, std::span<const std::uint8_t> message) noexcept
{
  if (config_.tap != nullptr) config_.tap->rrc(channel, rnti, message);
}

/// A UE's new transport block: Msg4's content first, then its bearers by priority.
void Gnb::fill(const mac::DlTransmission& transmission)
{
  mac::MacPduWriter writer(mac::Direction::downlink, transmission.transport_block);
  Ue* ue = find(transmission.pdu.rnti);
  if (ue != nullptr && !ue->ccch.empty()) {
    (void)writer.add(mac::lcid::contention_resolution, ue->resolution);
    if (writer.add(mac::lcid::ccch, ue->ccch)) ue->ccch.clear();
  }
  if (ue != nullptr && ue->ccch.empty()) ue->bearers.fill(writer, 0, now_);
  writer.finish();
}

}  // namespace ravi::gnb
