// What phones say in RRC beyond our UE and srsUE: capabilities of kilobytes, messages that nobody asked for, requests to resume.

#include "stack/asn1/rrc.h"
#include "stack/pdcp/radio_bearer.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/gnb_rrc.h"
#include "stack/rrc/ue_capability.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <string>

using namespace ravi;
using namespace ravi::rrc;
namespace ie = asn1::rrc;

namespace {

/// tests/vectors/phone_capabilities.md
std::vector<Octets> published_capabilities()
{
  std::vector<Octets> lines;
  std::ifstream file(std::string(RAVI_SOURCE_DIR) + "/tests/vectors/phone_capabilities.txt");
  for (std::string line; std::getline(file, line);) lines.push_back(security::test::bytes_of(line));
  REQUIRE(lines.size() == 3);
  return lines;
}

const nr::Cell& the_cell()
{
  static const nr::Cell cell = derive_cell({.band = 78, .bandwidth = Hertz(20e6)}).value().cell;
  return cell;
}

/// The gNB's RRC with one connection; the test plays a phone by its messages.
struct Connection {
  GnbRrc gnb{the_cell(), derive_ue_config(the_cell(), nr::Rnti(0x4601), 0).value()};
  std::vector<GnbAction> actions;
  Time now{0};

  Connection()
  {
    ie::UlCcchMessage request;
    request.message.set_c1().set_rrc_setup_request().rrc_setup_request.establishment_cause = ie::EstablishmentCause::mo_signalling;
    request.message.c1()->rrc_setup_request()->rrc_setup_request.ue_identity.set_random_value().value = 7;
    gnb.on_ccch(ie::encode(request).value(), now);
    ie::UlDcchMessage complete;
    auto& setup = complete.message.set_c1().set_rrc_setup_complete();
    setup.rrc_transaction_identifier = 1;
    auto& ies = setup.critical_extensions.set_rrc_setup_complete();
    ies.selected_plmn_identity = 1;
    ies.dedicated_nas_message = {0x7E, 0x00, 0x41};
    say(complete);
    REQUIRE(gnb.state() == GnbRrc::State::connected);
  }

  void say(const ie::UlDcchMessage& message) { hear(ie::encode(message).value()); }
  void hear(const Octets& sdu)
  {
    gnb.on_dcch(sdu, true, now);
    for (GnbAction& action : gnb.take_actions()) actions.push_back(std::move(action));
  }
  void start_context(Octets radio_capability)
  {
    actions.clear();
    gnb.setup_context({.k_gnb = {}, .ue_algorithms = {}, .nas = {0x7E, 0x02, 0x42}, .sessions = {}, .radio_capability = std::move(radio_capability)}, now);
    ie::UlDcchMessage complete;
    auto& security = complete.message.set_c1().set_security_mode_complete();
    security.rrc_transaction_identifier = last_transaction();
    security.critical_extensions.set_security_mode_complete();
    say(complete);
  }
  /// What the gNB has sent on DCCH, in order.
  [[nodiscard]] std::vector<ie::DlDcchMessage> sent()
  {
    for (GnbAction& action : gnb.take_actions()) actions.push_back(std::move(action));
    std::vector<ie::DlDcchMessage> messages;
    for (const GnbAction& action : actions) {
      const auto* sdu = std::get_if<SendSdu>(&action);
      if (sdu != nullptr && sdu->srb > 0) messages.push_back(ie::decode<ie::DlDcchMessage>(sdu->sdu).value());
    }
    return messages;
  }
  [[nodiscard]] unsigned last_transaction()
  {
    const auto messages = sent();
    REQUIRE(!messages.empty());
    const auto* c1 = messages.back().message.c1();
    if (c1->security_mode_command() != nullptr) return c1->security_mode_command()->rrc_transaction_identifier;
    REQUIRE(c1->ue_capability_enquiry() != nullptr);
    return c1->ue_capability_enquiry()->rrc_transaction_identifier;
  }
  template <class A>
  [[nodiscard]] const A* find() const
  {
    for (const GnbAction& action : actions) {
      if (const auto* one = std::get_if<A>(&action)) return one;
    }
    return nullptr;
  }
};

/// What a phone tells of itself, three radio technologies.
Octets capability_information(unsigned transaction, std::size_t num_eutra_octets)
{
  const auto published = published_capabilities();
  ie::UlDcchMessage message;
  auto& information = message.message.set_c1().set_ue_capability_information();
  information.rrc_transaction_identifier = transaction;
  auto& list = information.critical_extensions.set_ue_capability_information().ue_capability_rat_container_list.emplace();
  list.push_back({.rat_type = ie::RatType::nr, .ue_capability_rat_container = published[2]});
  list.push_back({.rat_type = ie::RatType::eutra_nr, .ue_capability_rat_container = published[1]});
  list.push_back({.rat_type = ie::RatType::eutra, .ue_capability_rat_container = Octets(num_eutra_octets, 0x5A)});
  return ie::encode(message).value();
}

}  // namespace

TEST_CASE("phone: a captured UERadioAccessCapabilityInformation reads, and is written again octet for octet [TS 38.331 §11.2.2]")
{
  const auto captured = published_capabilities()[0];
  const auto containers = read_ue_radio_access_capability(captured);
  REQUIRE(containers.has_value());
  REQUIRE(containers->size() == 2);
  CHECK((*containers)[0].rat == 0);
  CHECK((*containers)[1].rat == 2);  // E-UTRA
  CHECK(ie::decode<ie::UeNrCapability>((*containers)[0].capability).has_value());
  std::vector<ie::UeCapabilityRatContainer> again;
  for (const auto& one : *containers) again.push_back({.rat_type = static_cast<ie::RatType>(one.rat), .ue_capability_rat_container = one.capability});
  CHECK(ue_radio_access_capability(again) == captured);
  for (std::size_t size = 0; size < captured.size() - 1; ++size) {
    (void)read_ue_radio_access_capability(std::span(captured).first(size));  // no crash, whatever is cut off
  }
  CHECK(!read_ue_radio_access_capability(std::span(captured).first(200)).has_value());
  CHECK(ue_radio_access_capability({}) == Octets{0x00, 0x08, 0x00});
}

TEST_CASE("phone: capabilities of real modules, of Release 16, are read [TS 38.331 §6.3.3]")
{
  const auto published = published_capabilities();
  const auto first = ie::decode<ie::UeNrCapability>(published[1]);
  REQUIRE(first.has_value());
  CHECK(first->access_stratum_release == ie::AccessStratumRelease::rel16);
  CHECK(first->rf_parameters.supported_band_list_nr.size() == 9);
  const auto second = ie::decode<ie::UeNrCapability>(published[2]);
  REQUIRE(second.has_value());
  CHECK(second->rf_parameters.supported_band_list_nr.size() > 10);
}

TEST_CASE("phone: it is asked for its capability in this band alone, and the NAS messages keep their order [TS 38.331 §5.6.1]")
{
  Connection phone;
  phone.start_context({});
  phone.gnb.send_nas({0x7E, 0x02, 0x54}, phone.now);  // the core goes on while the phone is asked
  const auto messages = phone.sent();
  REQUIRE(messages.size() == 2);
  const auto* enquiry = messages.back().message.c1()->ue_capability_enquiry();
  REQUIRE(enquiry != nullptr);
  const auto& requests = enquiry->critical_extensions.ue_capability_enquiry()->ue_capability_rat_request_list;
  REQUIRE(requests.size() == 1);
  const auto filter = ie::decode<ie::UeCapabilityRequestFilterNr>(*requests[0].capability_request_filter);
  REQUIRE(filter.has_value());
  const auto& bands = *filter->frequency_band_list_filter;
  REQUIRE(bands.size() == 1);
  CHECK(bands[0].band_information_nr()->band_nr == 78);
  CHECK(*bands[0].band_information_nr()->max_carriers_requested_dl == 1);

  phone.hear(capability_information(enquiry->rrc_transaction_identifier, 1500));
  const auto* told = phone.find<UeCapability>();
  REQUIRE(told != nullptr);
  CHECK(told->information.size() > 4600);
  const auto containers = read_ue_radio_access_capability(told->information);
  REQUIRE(containers.has_value());
  CHECK(containers->size() == 3);
  CHECK((*containers)[0].capability == published_capabilities()[2]);
  REQUIRE(phone.find<ContextIsSetUp>() != nullptr);
  std::vector<Octets> nas;
  for (const auto& message : phone.sent()) {
    if (const auto* transfer = message.message.c1()->dl_information_transfer()) {
      nas.push_back(*transfer->critical_extensions.dl_information_transfer()->dedicated_nas_message);
    }
  }
  CHECK(nas == std::vector<Octets>{{0x7E, 0x02, 0x42}, {0x7E, 0x02, 0x54}});
}

TEST_CASE("phone: one whose capability the core has kept is not asked again [TS 23.501 §5.4.4.1]")
{
  Connection phone;
  SUBCASE("kept")
  {
    phone.start_context(published_capabilities()[0]);
    CHECK(phone.find<ContextIsSetUp>() != nullptr);
    CHECK(phone.sent().back().message.c1()->dl_information_transfer() != nullptr);
  }
  SUBCASE("nothing of NR in it")
  {
    const std::array eutra{ie::UeCapabilityRatContainer{.rat_type = ie::RatType::eutra, .ue_capability_rat_container = {1, 2}}};
    phone.start_context(ue_radio_access_capability(eutra));
    CHECK(phone.find<ContextIsSetUp>() == nullptr);
    CHECK(phone.sent().back().message.c1()->ue_capability_enquiry() != nullptr);
  }
  SUBCASE("damaged")
  {
    phone.start_context({0x04});
    CHECK(phone.sent().back().message.c1()->ue_capability_enquiry() != nullptr);
  }
}

TEST_CASE("phone: a capability that fills the largest PDCP SDU comes whole over SRB1 in 100-octet pieces, some lost [TS 38.323 §4.3.1]")
{
  const BearerConfig srb = srb_bearer(1);
  const auto& am = std::get<rlc::AmConfig>(srb.rlc);
  pdcp::RadioBearer phone(srb.pdcp, am, security::Direction::uplink);
  pdcp::RadioBearer gnb(srb.pdcp, am, security::Direction::downlink);
  const Octets message = capability_information(0, 5780);
  REQUIRE(message.size() > 8950);
  REQUIRE(message.size() <= pdcp::kMaxSduOctets);
  REQUIRE(phone.send(message, Time(0)));
  std::array<std::uint8_t, 100> pdu{};
  std::optional<Octets> received;
  unsigned num_pdus = 0;
  for (int ms = 0; ms < 2000 && !received; ++ms) {
    const Time now(ms);
    const auto up = std::span(pdu).first(phone.pull(pdu, now));
    if (!up.empty() && ++num_pdus % 10 != 3) (void)gnb.receive(up, now);
    while (const auto sdu = gnb.next()) received = Octets(sdu->octets.begin(), sdu->octets.end());
    const auto down = std::span(pdu).first(gnb.pull(pdu, now));
    if (!down.empty()) (void)phone.receive(down, now);
    phone.tick(now);
    gnb.tick(now);
  }
  REQUIRE(received.has_value());
  CHECK(*received == message);
  CHECK(num_pdus > 90);
}

TEST_CASE("phone: messages that nobody asked for are counted, and the connection goes on [TS 38.331 §10]")
{
  Connection phone;
  const auto unsupported = [&](auto set) {
    ie::UlDcchMessage message;
    set(message.message.set_c1());
    const auto before = phone.gnb.counters().unsupported + phone.gnb.counters().unexpected;
    phone.say(message);
    CHECK(phone.gnb.counters().unsupported + phone.gnb.counters().unexpected == before + 1);
    CHECK(phone.gnb.state() == GnbRrc::State::connected);
  };
  unsupported([](auto& c1) {
    auto& results = c1.set_measurement_report().critical_extensions.set_measurement_report().meas_results;
    results.meas_id = 1;
    results.meas_result_serving_mo_list.emplace_back().serv_cell_id = 0;
  });
  unsupported([](auto& c1) { c1.set_ue_assistance_information().critical_extensions.set_ue_assistance_information(); });
  unsupported([](auto& c1) { c1.set_location_measurement_indication().critical_extensions.set_location_measurement_indication().measurement_indication.set_release(); });
  unsupported([](auto& c1) { c1.set_failure_information().critical_extensions.set_failure_information(); });
  unsupported([](auto& c1) { c1.set_rrc_reestablishment_complete().critical_extensions.set_rrc_reestablishment_complete(); });
  unsupported([](auto& c1) { c1.set_rrc_resume_complete().critical_extensions.set_rrc_resume_complete(); });
  // UL-DCCH-MessageType messageClassExtension c2: a segment of a message (Release 16), though segmentation was not asked for.
  const auto before = phone.gnb.counters();
  phone.hear({0x80, 0x00, 0x00});
  CHECK(phone.gnb.counters().unsupported + phone.gnb.counters().malformed == before.unsupported + before.malformed + 1);
  CHECK(phone.gnb.counters().malformed == 0);

  ie::UlDcchMessage transfer;
  transfer.message.set_c1().set_ul_information_transfer().critical_extensions.set_ul_information_transfer().dedicated_nas_message = Octets{0x7E, 0x00, 0x57};
  phone.actions.clear();
  phone.say(transfer);
  REQUIRE(phone.find<DeliverNas>() != nullptr);
}

TEST_CASE("phone: requests to resume and to reestablish become a new connection, one for system information none [TS 38.331 §5.3.7.8, §5.3.13.8]")
{
  GnbRrc gnb(the_cell(), derive_ue_config(the_cell(), nr::Rnti(0x4601), 0).value());
  ie::UlCcchMessage message;
  bool is_answered = true;
  SUBCASE("resume")
  {
    auto& request = message.message.set_c1().set_rrc_resume_request().rrc_resume_request;
    request.resume_identity.value = 0x123456;
    request.resume_mac_i.value = 0xABCD;
    request.resume_cause = ie::ResumeCause::mo_data;
  }
  SUBCASE("reestablish")
  {
    auto& request = message.message.set_c1().set_rrc_reestablishment_request().rrc_reestablishment_request;
    request.ue_identity.c_rnti = 0x4601;
    request.ue_identity.phys_cell_id = 1;
    request.ue_identity.short_mac_i.value = 0x1234;
    request.reestablishment_cause = ie::ReestablishmentCause::other_failure;
  }
  SUBCASE("system information")
  {
    message.message.set_c1().set_rrc_system_info_request().critical_extensions.set_rrc_system_info_request().requested_si_list.value = 1;
    is_answered = false;
  }
  gnb.on_ccch(ie::encode(message).value(), Time(0));
  std::size_t num_setups = 0;
  for (const GnbAction& action : gnb.take_actions()) {
    const auto* sdu = std::get_if<SendSdu>(&action);
    if (sdu != nullptr && ie::decode<ie::DlCcchMessage>(sdu->sdu).value().message.c1()->rrc_setup() != nullptr) ++num_setups;
  }
  CHECK(num_setups == (is_answered ? 1 : 0));
  CHECK((gnb.state() == GnbRrc::State::waits_for_setup_complete) == is_answered);
  CHECK(gnb.counters().unsupported == (is_answered ? 0 : 1));
}
