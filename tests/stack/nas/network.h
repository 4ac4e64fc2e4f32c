#pragma once
// A core network's NAS end for tests: keeps one subscriber, opens and protects messages, and lets the test say each answer.

#include "stack/nas/codec.h"
#include "stack/nas/nas_security.h"
#include "stack/nas/ue_nas.h"
#include "stack/security/aka.h"
#include "tests/stack/nas/foreign_nas.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ravi::nas::test {

inline security::Subscriber test_subscriber()
{
  return {security::Key128(security::test::array_of<16>(kForeignK)),
          security::Key128(security::test::array_of<16>(kForeignOpc))};
}

inline UeNasConfig test_config()
{
  UeNasConfig config;
  config.usim.msin = kForeignMsin;
  config.usim.subscriber = test_subscriber();
  config.imeisv = "3549386900000013";
  return config;
}

inline const Guti kGuti{.plmn = {}, .amf_region = 2, .s_tmsi = {.amf_set = 1, .amf_pointer = 0, .tmsi = 0xC0000341}};

class Network {
public:
  std::vector<Octets> trace;  ///< every message of both ends as sent
  std::optional<NasSecurity> security;

  explicit Network(UeNas& ue) : ue_(ue) {}

  /// What the UE sent since the last call, opened; other actions are kept in `actions`.
  std::vector<MmMessage> uplink()
  {
    std::vector<MmMessage> messages;
    for (UeAction& action : ue_.take_actions()) {
      const Octets* nas = nullptr;
      if (const auto* request = std::get_if<RequestConnection>(&action)) nas = &request->nas;
      if (const auto* send = std::get_if<SendUplink>(&action)) nas = &send->nas;
      if (nas != nullptr) messages.push_back(open(*nas));
      if (std::holds_alternative<RequestConnection>(action)) ue_.connection_established();
      actions.push_back(std::move(action));
    }
    return messages;
  }
  template <class M>
  M expect()
  {
    const auto messages = uplink();
    REQUIRE(messages.size() == 1);
    REQUIRE(std::holds_alternative<M>(messages[0]));
    return std::get<M>(messages[0]);
  }
  SmMessage expect_session_message()
  {
    const auto message = decode_sm(expect<UplinkNasTransport>().payload);
    REQUIRE(message.has_value());
    return *message;
  }
  /// The last action of a kind, taken out; null if there is none.
  template <class A>
  std::optional<A> action()
  {
    const auto found = std::find_if(actions.begin(), actions.end(), [](const auto& a) { return std::holds_alternative<A>(a); });
    if (found == actions.end()) return std::nullopt;
    A taken = std::get<A>(*found);
    actions.erase(found);
    return taken;
  }

  void send_plain(const MmMessage& message) { deliver(encode(message)); }
  void send(const MmMessage& message, SecurityHeader header = SecurityHeader::integrity_ciphered)
  {
    deliver(*security->protect(header, encode(message)));
  }
  void send(const SmMessage& message, std::uint8_t id = 1)
  {
    DownlinkNasTransport transport;
    transport.payload = encode(message);
    transport.pdu_session_id = id;
    send(transport);
  }
  void deliver(const Octets& nas)
  {
    trace.push_back(nas);
    ue_.downlink_nas(nas);
  }

  void challenge(std::uint8_t key_set = 0, SecurityHeader header = SecurityHeader::plain)
  {
    sqn = security::next_sqn(sqn);
    rand_.fill(static_cast<std::uint8_t>(sqn.value()));
    vector_ = security::make_authentication_vector(test_subscriber(), rand_, sqn, snn_);
    key_set_ = {.id = key_set};
    AuthenticationRequest request{.key_set = key_set_, .abba = {0, 0}, .rand = vector_.rand, .autn = vector_.autn, .eap = {}};
    if (header == SecurityHeader::plain) return send_plain(request);
    send(request, header);
  }
  void check_response(const AuthenticationResponse& response)
  {
    REQUIRE(response.res_star.has_value());
    CHECK(std::equal(response.res_star->begin(), response.res_star->end(), vector_.xres_star.begin(), vector_.xres_star.end()));
  }
  SecurityModeCommand security_mode_command()
  {
    const security::Key256 k_seaf = security::derive_k_seaf(vector_.k_ausf, snn_);
    const Octets abba = {0, 0};
    const SecurityAlgorithms algorithms{security::CipheringAlgorithm::nea2, security::IntegrityAlgorithm::nia2};
    security.emplace(End::network, security::derive_k_amf(k_seaf, "00101" + std::string(kForeignMsin), abba), key_set_, algorithms);
    SecurityModeCommand command;
    command.algorithms = algorithms;
    command.key_set = key_set_;
    command.replayed_capability = default_security_capability();
    command.imeisv_request = 1;
    return command;
  }
  static RegistrationAccept accept()
  {
    RegistrationAccept accept;
    accept.guti = kGuti;
    accept.tai_list = tai_list_of({.plmn = {}, .tac = 7});
    accept.allowed_nssai = Nssai{{SNssai{}}};
    accept.t3512 = gprs_timer3(std::chrono::minutes(9));
    return accept;
  }
  /// From `start` to Registration Complete and the session requests behind it.
  void register_ue(std::uint8_t key_set = 0)
  {
    ue_.start({});
    CHECK(std::holds_alternative<RegistrationRequest>(uplink().at(0)));
    challenge(key_set);
    check_response(expect<AuthenticationResponse>());
    send(security_mode_command(), SecurityHeader::integrity_new);
    const auto complete = expect<SecurityModeComplete>();
    REQUIRE(complete.nas_message.has_value());
    send(accept());
    CHECK(ue_.state() == UeNas::State::registered);
  }

  security::Sqn sqn{1000, 0};
  std::vector<UeAction> actions;

private:
  MmMessage open(const Octets& nas)
  {
    trace.push_back(nas);
    const auto parts = split_protected(nas);
    if (!parts) {
      const auto message = decode_mm(nas);
      REQUIRE(message.has_value());
      return *message;
    }
    REQUIRE(security.has_value());
    const auto plain = security->open(*parts);
    REQUIRE(plain.has_value());
    const auto message = decode_mm(*plain);
    REQUIRE(message.has_value());
    return *message;
  }

  UeNas& ue_;
  std::string snn_ = security::serving_network_name("001", "01");
  security::Rand rand_{};
  security::AuthenticationVector vector_;
  KeySet key_set_;
};

inline PduSessionEstablishmentAccept session_accept(const SmHeader& header)
{
  PduSessionEstablishmentAccept accept;
  accept.header = header;
  accept.rules.rules = {default_qos_rule(1)};
  accept.ambr = {bit_rate(1'000'000'000), bit_rate(1'000'000'000)};
  accept.address = PduAddress{.type = PduSessionType::ipv4, .ipv4 = {10, 45, 0, 2}, .interface_id = {}};
  accept.s_nssai = SNssai{};
  accept.flows = QosFlowDescriptions{{new_qos_flow(1, 9)}};
  accept.options = ExtendedPco{{{pco::kDnsIpv4, {8, 8, 8, 8}}, {pco::kIpv4Mtu, {0x05, 0x78}}}};
  accept.dnn = Dnn{"internet"};
  return accept;
}

}  // namespace ravi::nas::test
