#include "stack/ue/ue.h"

#include "stack/mac/mac_pdu.h"
#include "stack/nr/paging.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace ravi::ue {
namespace {

constexpr std::size_t kMaxPackets = 1024;
constexpr std::size_t kPacketOctets = 1U << 20;
constexpr std::size_t kMaxWaiting = 32;
constexpr std::size_t kWaitingOctets = kMaxWaiting * 1500;
constexpr std::size_t kSignallingPdus = 128;  // between two turns of procedures
constexpr std::size_t kSignallingOctets = 1U << 17U;
constexpr std::uint8_t kPcch = 64;  // among tags of signalling: no LCID
constexpr std::size_t kSubheader = 3;  // octets before an SDU, at most

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // Clang 14 does not deduce it by itself

/// EstablishmentCause's number in RRC. TS 24.501 Table 4.5.6.1, TS 38.331 §6.2.2.
unsigned rrc_cause(nas::EstablishmentCause cause)
{
  switch (cause) {
    case nas::EstablishmentCause::emergency:
      return 0;
    case nas::EstablishmentCause::mt_access:
      return 2;
    case nas::EstablishmentCause::mo_data:
      return 4;
    case nas::EstablishmentCause::mo_signalling:
      break;
  }
  return 3;
}

}  // namespace

Ue::Ue(const UeConfig& config)
  : rate_(config.modem.rate),
    modem_(config.modem),
    rrc_(config.rrc),
    nas_(config.nas),
    home_(config.nas.usim.home),
    waiting_(kMaxWaiting, kWaitingOctets),
    packets_(kMaxPackets, kPacketOctets),
    signalling_(kSignallingPdus, kSignallingOctets)
{
}

SlotOutput Ue::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  modem_.feed(in.time, in.samples.channel(0));
  now_ = std::chrono::duration_cast<Time>(to_duration(in.time - SampleTime(0), rate_));
  while (modem_.next_slot()) run_slot();
  modem_.take(out.time, out.samples.channel(0));
  return SlotOutput::samples;
}

void Ue::run_procedures() noexcept
{
  if (modem_.wants_search() && !modem_.search()) status_.trouble = modem_.search_error();
  follow_step();
  watch_blocks();
  if (modem_.is_in_step()) watch_random_access();
  act();
  for (; signalling_.size() > 0; signalling_.pop_front()) {
    deliver({.lcid = static_cast<std::uint8_t>(signalling_[0].tag), .octets = signalling_.octets(signalling_[0])});
    act();
  }
  if (bearers_.has_failed()) rrc_.on_max_retransmissions();
  if (std::exchange(wants_service_, false) && !nas_.is_connected()) nas_.request_service();
  rrc_.tick(now_);
  nas_.tick(now_);
  act();
  std::optional<unsigned> paging_ue_id;
  if (nas_.guti()) paging_ue_id = nr::paging_ue_id(nas_.guti()->s_tmsi.value());
  modem_.set_paging(paging_ue_id);
}

/// A cell found or lost.
void Ue::follow_step()
{
  if (modem_.is_in_step() == was_in_step_) return;
  was_in_step_ = modem_.is_in_step();
  if (!was_in_step_) {
    modem_.leave();
    status_.trouble = "the cell was lost";
    rrc_.on_cell_lost();
    return act();
  }
  reach(Rung::cell_found);
  rrc_.camp_on(modem_.cell());
  // A lost connection is recovered by registration: TS 24.501 §5.5.1.3.2.
  if (!is_off_ && (nas_.state() == nas::UeNas::State::deregistered || must_update_)) nas_.start(home_);
  must_update_ = false;
}

void Ue::switch_off()
{
  if (std::exchange(is_off_, true)) return;
  nas_.deregister(nas::UeNas::Deregistration::switch_off);
  act();
}

void Ue::watch_blocks()
{
  for (const BlockStatus block : blocks_) {
    if (block == BlockStatus::missed) rrc_.on_out_of_sync(now_);
    if (block == BlockStatus::heard) rrc_.on_in_sync();
  }
  blocks_.clear();
}

void Ue::run_slot()
{
  if (modem_.block() != BlockStatus::none) (void)blocks_.push_back(modem_.block());
  if (!modem_.pcch().empty() && !signalling_.push(modem_.pcch(), kPcch)) ++dropped_signalling_;
  for (const ReceivedSdu& sdu : modem_.received()) {
    if (take_user_plane(sdu)) continue;
    if (!signalling_.push(sdu.octets, sdu.lcid)) ++dropped_signalling_;
  }
  // A timer gives out SDUs of a DRB only (an SRB waits for ever).
  for (const auto& bearer : bearers_.by_priority()) {
    bearer->radio.tick(now_);
    if (!bearer->config.is_srb()) drain(*bearer);
  }
  send_uplink();
}

void Ue::watch_random_access()
{
  while (const auto event = modem_.mac().next_event()) {
    if (*event == mac::UeMacEvent::random_access_succeeded) {
      reach(Rung::random_access);
      rrc_.set_c_rnti(*modem_.mac().c_rnti());
    } else if (*event == mac::UeMacEvent::random_access_failed) {
      status_.trouble = "random access: no preamble was answered";
      rrc_.on_random_access_problem();
    }
  }
}

/// A PDU of a DRB that stands. False: all else is `deliver`'s.
bool Ue::take_user_plane(const ReceivedSdu& sdu)
{
  bearer::Bearer* const bearer = sdu.lcid == mac::lcid::ccch ? nullptr : bearers_.on_logical_channel(sdu.lcid);
  if (bearer == nullptr || bearer->config.is_srb()) return false;
  (void)bearer->radio.receive(sdu.octets, now_);
  drain(*bearer);
  return true;
}

void Ue::deliver(const ReceivedSdu& sdu)
{
  if (sdu.lcid == kPcch) return rrc_.on_pcch(sdu.octets);
  if (take_user_plane(sdu)) return;  // of a DRB that has come since
  if (sdu.lcid == mac::lcid::ccch) return rrc_.on_ccch(sdu.octets, now_);
  bearer::Bearer* const bearer = bearers_.on_logical_channel(sdu.lcid);
  if (bearer == nullptr) return;
  if (bearer->radio.receive(sdu.octets, now_) == pdcp::RxVerdict::integrity_failure) return rrc_.on_integrity_failure();
  drain(*bearer);
}

/// SDUs in order. What one of them asks for is done before the next is taken.
void Ue::drain(bearer::Bearer& bearer)
{
  const unsigned identity = bearer.config.identity();
  const bool is_srb = bearer.config.is_srb();
  while (const auto sdu = bearer.radio.next()) {
    if (!is_srb) {
      ++(packets_.push(sdu->octets, 0) ? downlink_packets_ : dropped_packets_);
      continue;
    }
    rrc_.on_dcch(sdu->octets, sdu->is_integrity_verified, now_);
    act();
    if (bearers_.srb(identity) != &bearer) return;  // released by what it said
  }
}

/// Carries out what RRC and NAS ask for until neither asks for more.
void Ue::act()
{
  for (bool is_busy = true; is_busy;) {
    is_busy = false;
    for (const rrc::UeAction& action : rrc_.take_actions()) {
      on(action);
      is_busy = true;
    }
    for (const nas::UeAction& action : nas_.take_actions()) {
      on(action);
      is_busy = true;
    }
  }
}

void Ue::on(const rrc::UeAction& action)
{
  std::visit(Overloaded{
                 [this](const rrc::SendSdu& send) {
                   if (send.srb == 0) {
                     if (modem_.is_in_step()) modem_.mac().start_random_access(send.sdu);
                     return;
                   }
                   if (bearer::Bearer* bearer = bearers_.srb(send.srb)) (void)bearer->radio.send(send.sdu, now_);
                 },
                 [this](const rrc::AddBearer& add) { add_bearer(add.bearer); },
                 [this](const rrc::RemoveBearer& remove) { bearers_.remove(remove); },
                 [this](const rrc::ConfigureUe& configure) { modem_.configure(configure.config); },
                 [this](const rrc::VerifySecurity& verify) {
                   bearer::Bearer* const bearer = bearers_.srb(1);
                   if (bearer == nullptr) return rrc_.on_security_verified(false);
                   bearer::secure(*bearer, rrc::SecurityStage::integrity, verify.security);
                   rrc_.on_security_verified(bearer->radio.rx().verify_last());
                 },
                 [this](const rrc::ActivateSecurity& activate) {
                   bearers_.activate(activate);
                   if (activate.stage == rrc::SecurityStage::ciphering) reach(Rung::security);
                 },
                 [this](const rrc::DeliverNas& deliver) { nas_.downlink_nas(deliver.nas); },
                 [this](const rrc::Paged& paged) { nas_.paged(nas::STmsi::of(paged.ng_5g_s_tmsi)); },
                 [this](const rrc::AccessBarred&) {
                   status_.trouble = "the cell holds accesses of this kind back (access barring)";
                   nas_.access_barred();
                 },
                 [this](const rrc::AccessAlleviated&) { nas_.access_alleviated(); },
                 [this](const rrc::Connected&) {
                   reach(Rung::connected);
                   nas_.connection_established();
                 },
                 [this](const rrc::Released& released) {
                   bearers_.clear();
                   if (released.reason == rrc::ReleaseReason::radio_link_failure) {
                     modem_.leave();
                     must_update_ = nas_.state() == nas::UeNas::State::registered || nas_.state() == nas::UeNas::State::requesting_service;
                   } else {
                     modem_.release();
                   }
                   const bool never_came = released.reason == rrc::ReleaseReason::rejected ||
                                           released.reason == rrc::ReleaseReason::t300_expired ||
                                           released.reason == rrc::ReleaseReason::setup_failure;
                   const bool is_refused = released.reason == rrc::ReleaseReason::setup_failure ||
                                           released.reason == rrc::ReleaseReason::reconfiguration_failure;
                   if (is_refused) status_.trouble = "RRC: " + rrc_.refusal();
                   if (never_came) {
                     if (!is_refused) status_.trouble = "RRC: no connection was set up";
                     nas_.connection_failed();
                   } else {
                     nas_.connection_released();
                   }
                 },
             },
             action);
}

void Ue::on(const nas::UeAction& action)
{
  std::visit(Overloaded{
                 [this](const nas::RequestConnection& request) {
                   std::optional<std::uint64_t> s_tmsi;
                   if (request.guti) s_tmsi = request.guti->s_tmsi.value();
                   if (!rrc_.connect(request.nas, rrc_cause(request.cause), s_tmsi, now_)) nas_.connection_failed();
                 },
                 [this](const nas::SendUplink& send) { (void)rrc_.send_nas(send.nas); },
                 [this](const nas::UseAsKey& key) { rrc_.set_k_gnb(key.k_gnb); },
                 [this](const nas::ReleaseConnection&) { rrc_.abort(); },
                 [this](const nas::Authenticated&) { reach(Rung::authenticated); },
                 [this](const nas::Registered&) { reach(Rung::registered); },
                 [this](const nas::RegistrationFailed& failed) {
                   status_.trouble = failed.cause ? "registration rejected by the network" : "registration: no answer";
                 },
                 [this](const nas::SessionEstablished& session) {
                   status_.address = session.ipv4;
                   reach(Rung::session);
                 },
                 [this](const nas::SessionRejected&) { status_.trouble = "the PDU session was rejected"; },
                 [this](const nas::SessionReleased&) {
                   status_.address.reset();
                   waiting_.clear();
                 },
                 [](const auto&) {},
             },
             action);
}

void Ue::add_bearer(const rrc::BearerConfig& config)
{
  bearers_.add(config);
  if (!config.is_srb()) send_waiting();
}

/// What came while the UE was idle.
void Ue::send_waiting()
{
  for (; waiting_.size() > 0; waiting_.pop_front()) (void)bearers_.first_drb()->radio.send(waiting_.octets(waiting_[0]), now_);
}

std::array<std::size_t, mac::kNumLogicalChannelGroups> Ue::buffers() const
{
  std::array<std::size_t, mac::kNumLogicalChannelGroups> octets{};
  for (const auto& bearer : bearers_.by_priority()) octets[bearer->config.mac.logical_channel_group % octets.size()] += bearer->radio.buffer_octets();
  return octets;
}

/// Fills the slot's transport block by priority. TS 38.321 §5.4.3.1, every prioritised bit rate infinite.
void Ue::send_uplink()
{
  if (!modem_.is_in_step()) return;
  mac::UeUplink& uplink = modem_.plan_uplink(buffers());
  if (uplink.pusch && uplink.pusch->is_to_be_filled) {
    mac::MacPduWriter writer(mac::Direction::uplink, uplink.pusch->transport_block);
    const std::size_t reserve = modem_.mac().num_control_octets(*uplink.pusch) + kSubheader;
    if (!uplink.pusch->is_msg3) bearers_.fill(writer, reserve, now_);
    modem_.mac().set_buffers(buffers());
    modem_.mac().write_control_elements(*uplink.pusch, writer);
    writer.finish();
  }
  modem_.send();
}

bool Ue::send_packet(std::span<const std::uint8_t> packet) noexcept
{
  bearer::Bearer* const bearer = bearers_.first_drb();
  bool is_taken = false;
  if (bearer != nullptr) {
    is_taken = bearer->radio.send(packet, now_);
  } else if (status_.address) {
    is_taken = waiting_.push(packet, 0);
    wants_service_ = true;
  }
  ++(is_taken ? uplink_packets_ : dropped_packets_);
  return is_taken;
}

std::span<const std::uint8_t> Ue::take_packet() noexcept
{
  if (std::exchange(has_taken_, false)) packets_.pop_front();
  if (packets_.size() == 0) return {};
  has_taken_ = true;
  return packets_.octets(packets_[0]);
}

bool Ue::has_bearer() const noexcept { return bearers_.first_drb() != nullptr; }

UeStatistics Ue::statistics() const noexcept
{
  return {.snr_db = modem_.snr_db(),
          .cqi = modem_.cqi(),
          .cfo_hz = modem_.cfo_hz(),
          .downlink = modem_.downlink_counters(),
          .uplink = modem_.uplink_counters(),
          .downlink_packets = downlink_packets_,
          .uplink_packets = uplink_packets_,
          .dropped_packets = dropped_packets_,
          .dropped_signalling = dropped_signalling_};
}

void Ue::reach(Rung rung)
{
  auto& at = status_.reached[static_cast<std::size_t>(rung)];
  if (!at) at = now_;
}

}  // namespace ravi::ue
