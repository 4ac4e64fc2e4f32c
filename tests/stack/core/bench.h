#pragma once
// A network for tests: the core, a gNB's NGAP end whose air is perfect, and UEs of this project's own NAS, in one virtual time.

#include "stack/core/core.h"
#include "stack/gtpu/gtpu.h"
#include "stack/nas/ue_nas.h"
#include "stack/ngap/gnb_ngap.h"
#include "tests/stack/nas/foreign_nas.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ravi::core::test {

using nas::test::bytes_of;
using Milliseconds = std::chrono::milliseconds;
using nas::Octets;

inline const std::string kImsi = "001010123456780";

inline SubscriberData subscriber(const std::string& imsi = kImsi)
{
  SubscriberData out;
  out.imsi = imsi;
  out.keys.k = *parse_key(nas::test::kForeignK);
  out.keys.opc = *parse_key(nas::test::kForeignOpc);
  return out;
}

inline nas::UeNasConfig ue_config(const std::string& imsi = kImsi)
{
  nas::UeNasConfig config;
  config.usim.msin = imsi.substr(5);
  config.usim.subscriber = subscriber(imsi).keys;
  return config;
}

inline Subscribers subscribers(const std::vector<SubscriberData>& all)
{
  auto out = Subscribers::open(":memory:");
  REQUIRE(out.has_value());
  for (const auto& one : all) REQUIRE(out->add(one).has_value());
  return std::move(*out);
}

/// A UE and the gNB's memory of it.
struct TestUe {
  explicit TestUe(nas::UeNasConfig config) : nas(std::move(config)) {}
  nas::UeNas nas;
  std::optional<std::uint32_t> ran_ue_id;
  std::optional<ngap::Tunnel> uplink;        ///< the UPF's end of its session
  std::optional<security::Key256> k_gnb_of_ue, k_gnb_of_network;
  std::optional<nas::SessionEstablished> session;
  std::vector<nas::UeAction> actions;
  bool is_air_lost = false;                  ///< downlink NAS does not arrive
  template <class A>
  [[nodiscard]] int count() const
  {
    return static_cast<int>(std::count_if(actions.begin(), actions.end(), [](const auto& a) { return std::holds_alternative<A>(a); }));
  }
};

struct Bench {
  std::pair<std::unique_ptr<ngap::N2Link>, std::unique_ptr<ngap::N2Link>> n2 = ngap::make_n2_pair();
  std::pair<std::unique_ptr<ngap::N3Link>, std::unique_ptr<ngap::N3Link>> n3 = ngap::make_n3_pair();
  Core core;
  ngap::GnbNgap gnb{ngap::GnbNgapConfig{}, *n2.first};
  std::vector<std::unique_ptr<TestUe>> ues;
  std::vector<ngap::Octets> trace;           ///< every NGAP message
  std::vector<ngap::GnbEvent> gnb_events;    ///< that the gNB has taken
  Milliseconds now{0};

  explicit Bench(CoreConfig config = {}, std::vector<SubscriberData> all = {subscriber()}, RandSource random = seeded_rand(1))
    : core(std::move(config), subscribers(all), std::move(random))
  {
    core.attach_n2(*n2.second);
    core.attach_n3(*n3.second);
    gnb.trace = [this](bool, std::span<const std::uint8_t> octets) { trace.emplace_back(octets.begin(), octets.end()); };
    run(5);
    REQUIRE(gnb.is_established());
  }

  TestUe& add(nas::UeNasConfig config = ue_config())
  {
    ues.push_back(std::make_unique<TestUe>(std::move(config)));
    return *ues.back();
  }

  void run(int milliseconds)
  {
    for (int i = 0; i < milliseconds; ++i) {
      now += Milliseconds(1);
      for (const auto& ue : ues) serve(*ue);
      gnb.run(now);
      for (auto& event : gnb.take_events()) {
        std::visit([this](const auto& one) { on(one); }, event);
        gnb_events.push_back(std::move(event));
      }
      core.run(now);
    }
  }

  void serve(TestUe& ue)
  {
    ue.nas.tick(now);
    for (auto& action : ue.nas.take_actions()) {
      if (const auto* request = std::get_if<nas::RequestConnection>(&action)) {
        std::optional<ngap::STmsi> s_tmsi;
        if (request->guti) {
          const auto& id = request->guti->s_tmsi;
          s_tmsi = ngap::STmsi{id.amf_set, id.amf_pointer, id.tmsi};
        }
        ue.ran_ue_id = gnb.initial_ue({.nas = request->nas, .s_tmsi = s_tmsi});
        ue.ran_ue_id ? ue.nas.connection_established() : ue.nas.connection_failed();
      } else if (const auto* send = std::get_if<nas::SendUplink>(&action)) {
        if (ue.ran_ue_id) gnb.uplink_nas(*ue.ran_ue_id, send->nas);
      } else if (const auto* key = std::get_if<nas::UseAsKey>(&action)) {
        ue.k_gnb_of_ue = key->k_gnb;
      } else if (const auto* session = std::get_if<nas::SessionEstablished>(&action)) {
        ue.session = *session;
      }
      ue.actions.push_back(std::move(action));
    }
  }

  TestUe* find(std::uint32_t ran_ue_id)
  {
    const auto found = std::find_if(ues.begin(), ues.end(), [&](const auto& ue) { return ue->ran_ue_id == ran_ue_id; });
    return found == ues.end() ? nullptr : found->get();
  }
  void deliver(TestUe& ue, const Octets& nas)
  {
    if (!nas.empty() && !ue.is_air_lost) ue.nas.downlink_nas(nas);
  }
  /// Admits every session; its downlink TEID is 0x100 + the session's identity + 16 times the UE's.
  std::vector<ngap::SessionAdmitted> admit(TestUe& ue, const std::vector<ngap::SessionSetup>& sessions)
  {
    std::vector<ngap::SessionAdmitted> admitted;
    for (const auto& session : sessions) {
      ue.uplink = session.uplink;
      admitted.push_back({session.id, {n3.first->address(), 0x100U + session.id + 16 * *ue.ran_ue_id}, {session.flows.at(0).qfi}});
      deliver(ue, session.nas);
    }
    return admitted;
  }

  void on(const ngap::DownlinkNasTransport& transport)
  {
    if (TestUe* const ue = find(transport.ids.ran)) deliver(*ue, transport.nas);
  }
  void on(const ngap::InitialContextSetupRequest& request)
  {
    TestUe* const ue = find(request.ids.ran);
    if (ue == nullptr) return;
    ue->k_gnb_of_network = request.k_gnb;
    gnb.radio_capability(request.ids.ran, Octets{0x00, 0x08, 0x00});  // an empty UERadioAccessCapabilityInformation
    deliver(*ue, request.nas);
    gnb.context_set_up(request.ids.ran, admit(*ue, request.sessions), {});
  }
  void on(const ngap::SessionSetupRequest& request)
  {
    TestUe* const ue = find(request.ids.ran);
    if (ue == nullptr) return;
    deliver(*ue, request.nas);
    gnb.sessions_set_up(request.ids.ran, admit(*ue, request.sessions), {});
  }
  void on(const ngap::SessionReleaseCommand& command)
  {
    std::vector<std::uint8_t> ids;
    for (const auto& session : command.sessions) ids.push_back(session.id);
    if (TestUe* const ue = find(command.ids.ran)) deliver(*ue, command.nas);
    gnb.sessions_released(command.ids.ran, ids);
  }
  void on(const ngap::ReleaseUe& release)
  {
    if (TestUe* const ue = find(release.ran_ue_id)) {
      ue->ran_ue_id.reset();
      ue->nas.connection_released();
    }
    gnb.context_released(release.ran_ue_id, {});
  }
  void on(const ngap::Paging& paging)
  {
    for (const auto& ue : ues) ue->nas.paged({paging.s_tmsi.amf_set, paging.s_tmsi.amf_pointer, paging.s_tmsi.tmsi});
  }
  template <class Other>
  void on(const Other&) {}

  TestUe& attach(nas::UeNasConfig config = ue_config())
  {
    TestUe& ue = add(std::move(config));
    ue.nas.start({});
    run(50);
    return ue;
  }
  bool idle(TestUe& ue)
  {
    const bool is_asked = gnb.request_release(*ue.ran_ue_id, ngap::cause::kUserInactivity, {1});
    run(10);
    return is_asked && !ue.ran_ue_id;
  }

  // -- user plane of the gNB
  void send_uplink(const TestUe& ue, std::span<const std::uint8_t> packet)
  {
    std::vector<std::uint8_t> datagram(gtpu::kMaxHeaderOctets);
    const gtpu::Header header{.teid = ue.uplink->teid, .sequence_number = {}, .session = gtpu::PduSession{.is_uplink = true, .qfi = 1}};
    datagram.resize(gtpu::write_header(header, packet.size(), datagram));
    datagram.insert(datagram.end(), packet.begin(), packet.end());
    n3.first->send(ue.uplink->address, datagram);
  }
  struct Downlink {
    std::uint32_t teid = 0;
    std::optional<std::uint8_t> qfi;
    std::vector<std::uint8_t> packet;
  };
  std::optional<Downlink> receive_downlink()
  {
    const auto datagram = n3.first->receive();
    const auto read = gtpu::decode(datagram.octets);
    if (read.verdict != gtpu::Verdict::ok || read.header.type != gtpu::MessageType::g_pdu) return std::nullopt;
    Downlink out{read.header.teid, {}, {read.payload.begin(), read.payload.end()}};
    if (read.header.session) out.qfi = read.header.session->qfi;
    return out;
  }
  /// Pings the gateway once; true if the answer came.
  bool ping(const TestUe& ue, std::uint16_t number)
  {
    std::array<std::uint8_t, 200> packet{};
    const ip::EchoRequest request{.source = ue.session->ipv4, .destination = {10, 45, 0, 1}, .identifier = 7, .sequence_number = number};
    send_uplink(ue, std::span(packet).first(ip::write_echo_request(request, packet)));
    run(1);
    const auto answer = receive_downlink();
    if (!answer || answer->qfi != 1) return false;
    const auto packet_in = ip::read_ipv4(answer->packet);
    const auto reply = packet_in ? ip::read_echo_reply(*packet_in) : std::nullopt;
    return reply && packet_in->destination == ue.session->ipv4 && reply->identifier == 7 && reply->sequence_number == number;
  }
};

}  // namespace ravi::core::test
