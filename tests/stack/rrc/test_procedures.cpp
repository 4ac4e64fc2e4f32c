// gNB and UE RRC talk through encoded bytes; the test plays PDCP, NAS and the core.

#include "stack/asn1/bit_reader.h"
#include "stack/asn1/rrc.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/derive_ue_config.h"
#include "stack/rrc/gnb_rrc.h"
#include "stack/rrc/ue_capability.h"
#include "stack/rrc/ue_rrc.h"
#include "tests/stack/asn1/reference_data.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <span>

using namespace ravi;
using namespace ravi::rrc;
using namespace std::chrono_literals;

namespace {

const nr::Cell& the_cell()
{
  static const nr::Cell cell = derive_cell({.band = 78, .bandwidth = Hertz(20e6)}).value().cell;
  return cell;
}

security::Key256 k_gnb()
{
  security::Key256 key;
  std::ranges::fill(key.writable(), std::uint8_t{0x5A});
  return key;
}

/// The NR container of a UERadioAccessCapabilityInformation that has no other.
Octets only_container_of(const Octets& information)
{
  asn1::BitReader reader(information, asn1::Rules::unaligned);
  CHECK(reader.bits(5) == 0);
  const Octets list = reader.octets();
  asn1::BitReader items(list, asn1::Rules::unaligned);
  CHECK(items.bits(4) == 1);
  CHECK(items.bits(3) == 0);
  return items.octets();
}

struct InFlight {
  unsigned srb = 0;
  Octets sdu;
  bool is_protected = false;
};

/// Both ends, and what the layers around them were asked to do.
struct Link {
  explicit Link(GnbRrcConfig gnb_config = {}, UeRrcConfig ue_config = {})
    : gnb(the_cell(), derive_ue_config(the_cell(), nr::Rnti(0x4601), 0).value(), std::move(gnb_config)), ue(std::move(ue_config))
  {
    ue.camp_on(the_cell());
    ue.set_c_rnti(nr::Rnti(0x4601));
  }

  GnbRrc gnb;
  UeRrc ue;
  Time now{0};
  std::deque<InFlight> to_ue;
  std::deque<InFlight> to_gnb;
  std::vector<InFlight> sent;  // all of it
  bool gnb_has_integrity = false;
  bool ue_has_integrity = false;
  bool is_mac_right = true;
  std::optional<AsSecurity> gnb_security;
  std::optional<AsSecurity> ue_security;
  bool gnb_ciphers = false;
  bool ue_ciphers = false;
  std::vector<Octets> gnb_nas;
  std::vector<Octets> ue_nas;
  std::vector<BearerConfig> gnb_bearers;
  std::vector<BearerConfig> ue_bearers;
  std::optional<nr::UeConfig> gnb_ue_config;
  std::optional<nr::UeConfig> ue_ue_config;
  std::optional<InitialUe> initial;
  std::optional<ContextIsSetUp> context;
  std::vector<SessionsAreSetUp> sessions;
  std::vector<unsigned> released_sessions;
  std::optional<Octets> capability;
  std::optional<GnbRrcFailure> failure;
  bool is_context_setup_failed = false;
  std::optional<Released> released;
  bool is_removed = false;
  bool is_connected = false;

  void take_gnb()
  {
    for (GnbAction& action : gnb.take_actions()) {
      if (auto* s = std::get_if<SendSdu>(&action)) {
        to_ue.push_back({s->srb, s->sdu, gnb_has_integrity});
        sent.push_back(to_ue.back());
      }
      if (auto* a = std::get_if<AddBearer>(&action)) gnb_bearers.push_back(a->bearer);
      if (auto* a = std::get_if<RemoveBearer>(&action)) {
        std::erase_if(gnb_bearers, [a](const BearerConfig& b) { return b.is_srb() == a->is_srb && b.identity() == a->identity; });
      }
      if (auto* a = std::get_if<ConfigureUe>(&action)) gnb_ue_config = a->config;
      if (auto* a = std::get_if<ActivateSecurity>(&action)) {
        gnb_has_integrity = true;
        gnb_ciphers = a->stage == SecurityStage::ciphering;
        gnb_security = a->security;
      }
      if (auto* a = std::get_if<DeliverNas>(&action)) gnb_nas.push_back(a->nas);
      if (auto* a = std::get_if<InitialUe>(&action)) initial = *a;
      if (auto* a = std::get_if<ContextIsSetUp>(&action)) context = *a;
      if (auto* a = std::get_if<SessionsAreSetUp>(&action)) sessions.push_back(*a);
      if (auto* a = std::get_if<SessionsAreReleased>(&action)) released_sessions = a->pdu_sessions;
      if (auto* a = std::get_if<UeCapability>(&action)) capability = a->information;
      if (auto* a = std::get_if<RequestRelease>(&action)) {
        failure = a->cause;
        is_context_setup_failed = a->is_context_setup;
      }
      if (std::holds_alternative<RemoveUe>(action)) is_removed = true;
    }
  }

  void take_ue()
  {
    bool is_to_verify = false;
    for (UeAction& action : ue.take_actions()) {
      if (auto* s = std::get_if<SendSdu>(&action)) {
        to_gnb.push_back({s->srb, s->sdu, ue_has_integrity});
        sent.push_back(to_gnb.back());
      }
      if (auto* a = std::get_if<AddBearer>(&action)) ue_bearers.push_back(a->bearer);
      if (auto* a = std::get_if<RemoveBearer>(&action)) {
        std::erase_if(ue_bearers, [a](const BearerConfig& b) { return b.is_srb() == a->is_srb && b.identity() == a->identity; });
      }
      if (auto* a = std::get_if<ConfigureUe>(&action)) ue_ue_config = a->config;
      if (auto* a = std::get_if<VerifySecurity>(&action)) {
        ue_has_integrity = true;
        ue_security = a->security;
        is_to_verify = true;
      }
      if (auto* a = std::get_if<ActivateSecurity>(&action)) ue_ciphers = a->stage == SecurityStage::ciphering;
      if (auto* a = std::get_if<DeliverNas>(&action)) ue_nas.push_back(a->nas);
      if (std::holds_alternative<Connected>(action)) is_connected = true;
      if (auto* a = std::get_if<Released>(&action)) released = *a;
    }
    if (!is_to_verify) return;
    ue.on_security_verified(is_mac_right);
    take_ue();
  }

  /// Until nobody has anything to say; every exchange takes a millisecond.
  void run()
  {
    take_gnb();
    take_ue();
    while (!to_ue.empty() || !to_gnb.empty()) {
      now += 1ms;
      if (!to_gnb.empty()) {
        const InFlight pdu = to_gnb.front();
        to_gnb.pop_front();
        pdu.srb == 0 ? gnb.on_ccch(pdu.sdu, now) : gnb.on_dcch(pdu.sdu, pdu.is_protected, now);
        take_gnb();
      }
      if (!to_ue.empty()) {
        const InFlight pdu = to_ue.front();
        to_ue.pop_front();
        pdu.srb == 0 ? ue.on_ccch(pdu.sdu, now) : ue.on_dcch(pdu.sdu, pdu.is_protected && ue_has_integrity, now);
        take_ue();
      }
    }
  }

  void wait(Time time)
  {
    const Time end = now + time;
    while (now < end) {
      now += 1ms;
      gnb.tick(now);
      ue.tick(now);
      run();
    }
  }

  void connect(std::optional<std::uint64_t> s_tmsi = std::nullopt)
  {
    REQUIRE(ue.connect({0x7E, 0x00, 0x41}, 3, s_tmsi, now));
    run();
  }

  void establish()
  {
    connect();
    ue.set_k_gnb(k_gnb());
    ContextRequest request{.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {0x7E, 0x02, 0x42}, .sessions = {}};
    gnb.setup_context(std::move(request), now);
    run();
    gnb.setup_sessions({{.pdu_session = 1, .qfis = {1}, .nas = {0x7E, 0x02, 0x68}}}, now);
    run();
  }
};

}  // namespace

TEST_CASE("RRC: the core is given UERadioAccessCapabilityInformation [TS 38.331 §11.2.2]")
{
  asn1::rrc::UeCapabilityRatContainer nr;
  nr.rat_type = asn1::rrc::RatType::nr;
  nr.ue_capability_rat_container = {0xAA, 0xBB, 0xCC};
  asn1::rrc::UeCapabilityRatContainer late = nr;
  late.rat_type = static_cast<asn1::rrc::RatType>(5);
  CHECK(ue_radio_access_capability(std::vector{nr, late}) == Octets{0x00, 0x28, 0x80, 0x3A, 0xAB, 0xBC, 0xC0});  // by hand, X.691
}

TEST_CASE("RRC: from setup request to an established session [TS 38.331 §5.3]")
{
  Link link;
  link.connect();
  CHECK(link.is_connected);
  REQUIRE(link.initial);
  CHECK(link.initial->nas == Octets{0x7E, 0x00, 0x41});
  CHECK(link.initial->establishment_cause == 3);
  CHECK_FALSE(link.initial->ng_5g_s_tmsi);
  REQUIRE(link.ue_ue_config);
  CHECK(link.ue_ue_config->c_rnti == nr::Rnti(0x4601));
  CHECK(link.ue_ue_config->pucch_resources == link.gnb_ue_config->pucch_resources);
  CHECK(link.ue_ue_config->scheduling_request == link.gnb_ue_config->scheduling_request);

  link.gnb.send_nas({0x7E, 0x00, 0x56}, link.now);
  link.run();
  CHECK(link.ue_nas == std::vector<Octets>{{0x7E, 0x00, 0x56}});
  REQUIRE(link.ue.send_nas({0x7E, 0x00, 0x57}));
  link.run();
  CHECK(link.gnb_nas == std::vector<Octets>{{0x7E, 0x00, 0x57}});

  link.ue.set_k_gnb(k_gnb());
  link.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {0x7E, 0x02, 0x42}, .sessions = {}}, link.now);
  link.run();
  REQUIRE(link.context);
  CHECK(link.gnb_ciphers);
  CHECK(link.ue_ciphers);
  CHECK(link.gnb.is_security_active());
  CHECK(link.ue.is_security_active());
  REQUIRE(link.ue_security);
  CHECK(link.ue_security->ciphering == security::CipheringAlgorithm::nea2);
  CHECK(link.ue_security->integrity == security::IntegrityAlgorithm::nia2);
  CHECK(link.ue_security->k_rrc_int == link.gnb_security->k_rrc_int);
  CHECK(link.ue_security->k_rrc_enc == link.gnb_security->k_rrc_enc);
  CHECK(link.ue_security->k_up_enc == link.gnb_security->k_up_enc);
  CHECK_FALSE(link.ue_security->k_up_enc == link.ue_security->k_rrc_enc);
  REQUIRE(link.capability);
  const auto capability = asn1::rrc::decode<asn1::rrc::UeNrCapability>(only_container_of(*link.capability));
  REQUIRE(capability);
  CHECK(capability->rf_parameters.supported_band_list_nr.size() == 4);
  CHECK(link.ue_nas.back() == Octets{0x7E, 0x02, 0x42});

  link.gnb.setup_sessions({{.pdu_session = 5, .qfis = {1}, .nas = {0x7E, 0x02, 0x68}}}, link.now);
  link.run();
  REQUIRE(link.sessions.size() == 1);
  REQUIRE(link.sessions[0].sessions.size() == 1);
  CHECK(link.sessions[0].sessions[0].pdu_session == 5);
  CHECK(link.sessions[0].sessions[0].drb == 1);
  CHECK(link.ue_nas.back() == Octets{0x7E, 0x02, 0x68});
  REQUIRE(link.ue_bearers.size() == 3);
  CHECK(link.ue_bearers[2].sdap == SdapMapping{.pdu_session = 5, .qfis = {1}});
  CHECK(link.gnb_bearers.size() == 3);

  // A second session takes DRB 2, without another SRB2; releasing the first frees its DRB.
  link.gnb.setup_sessions({{.pdu_session = 6, .qfis = {2}, .nas = {}, .five_qis = {1}}}, link.now);
  link.run();
  CHECK(link.sessions.at(1).sessions.at(0).drb == 2);
  REQUIRE(link.ue_bearers.size() == 4);
  // Its 5QI bears loss: RLC UM, as both ends know; the first, of 5QI 9, is in AM.
  CHECK(std::holds_alternative<rlc::AmConfig>(link.ue_bearers[2].rlc));
  for (const BearerConfig& bearer : {link.gnb_bearers[3], link.ue_bearers[3]}) {
    REQUIRE(std::holds_alternative<rlc::UmConfig>(bearer.rlc));
    CHECK(std::get<rlc::UmConfig>(bearer.rlc).sn_size == rlc::SnSize::bits12);
    CHECK(std::get<rlc::UmConfig>(bearer.rlc).t_reassembly == rlc::Time(50));
    CHECK(bearer.pdcp.bearer == pdcp::Bearer::drb_um);
    CHECK(bearer.pdcp.sn_size == pdcp::SnSize::bits12);
    CHECK(bearer.pdcp.t_reordering == pdcp::Time(60));
  }
  link.gnb.release_sessions({5}, {0x7E, 0x02, 0x69}, link.now);
  link.run();
  CHECK(link.released_sessions == std::vector<unsigned>{5});
  CHECK(link.ue_nas.back() == Octets{0x7E, 0x02, 0x69});
  CHECK(link.ue_bearers.size() == 3);
  CHECK(link.gnb_bearers.size() == 3);

  link.gnb.release(link.now);
  link.wait(100ms);
  CHECK(link.is_removed);
  REQUIRE(link.released);
  CHECK(link.released->reason == ReleaseReason::released);
  CHECK(link.ue.state() == UeRrc::State::idle);
  CHECK(link.gnb.counters().unexpected == 0);
  CHECK(link.gnb.counters().malformed == 0);
  CHECK(link.ue.counters().unexpected == 0);
  CHECK(link.ue.counters().unsupported == 0);
}

TEST_CASE("RRC: the command that activates security is protected and so is its answer, neither ciphered; SRB2 carries NAS from then on")
{
  Link link;
  link.establish();
  link.gnb.send_nas({1}, link.now);
  link.run();
  REQUIRE(link.ue.send_nas({2}));
  link.run();
  CHECK(link.sent[link.sent.size() - 2].srb == 2);
  CHECK(link.sent.back().srb == 2);
  CHECK(link.gnb_nas.back() == Octets{2});
  for (const InFlight& pdu : link.sent) {
    const auto down = asn1::rrc::decode<asn1::rrc::DlDcchMessage>(pdu.sdu);
    if (pdu.srb == 1 && down && down->message.c1() && down->message.c1()->security_mode_command()) CHECK(pdu.is_protected);
  }
}

TEST_CASE("RRC: a UE with a 5G-S-TMSI sends it in two parts and the core gets it whole")
{
  Link link;
  link.connect(0xABCD12345678);
  REQUIRE(link.initial);
  CHECK(link.initial->ng_5g_s_tmsi == 0xABCD12345678);
}

TEST_CASE("RRC: sessions that come with the initial context are set up within it")
{
  Link link;
  link.connect();
  link.ue.set_k_gnb(k_gnb());
  link.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {}, .sessions = {{.pdu_session = 1, .qfis = {1}, .nas = {7}},
                                                                                       {.pdu_session = 1, .qfis = {1}, .nas = {8}},
                                                                                       {.pdu_session = 2, .qfis = {64}, .nas = {9}}}},
                         link.now);
  link.run();
  REQUIRE(link.context);
  REQUIRE(link.context->sessions.size() == 3);
  CHECK(link.context->sessions[0].drb == 1);
  CHECK(link.context->sessions[1].drb == 0);  // twice the same
  CHECK(link.context->sessions[2].drb == 0);  // no such QFI
  CHECK(link.ue_nas == std::vector<Octets>{{7}});
}

TEST_CASE("RRC: algorithms are chosen by the gNB's preference among what the UE can; none in common ends the context")
{
  Link nea0({}, {.algorithms = {.ciphering = 0b0001, .integrity = 0b0100}});
  nea0.connect();
  nea0.ue.set_k_gnb(k_gnb());
  nea0.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {.ciphering = 0b0001, .integrity = 0b0100}, .nas = {}, .sessions = {}}, nea0.now);
  nea0.run();
  REQUIRE(nea0.ue_security);
  CHECK(nea0.ue_security->ciphering == security::CipheringAlgorithm::nea0);

  Link none;
  none.connect();
  none.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {.ciphering = 0b0001, .integrity = 0b0010}, .nas = {}, .sessions = {}}, none.now);
  none.run();
  CHECK(none.failure == GnbRrcFailure::no_common_algorithm);
  CHECK(none.is_context_setup_failed);

  Link refused({}, {.algorithms = {.ciphering = 0b0001, .integrity = 0b0100}});  // says NEA2, but cannot
  refused.connect();
  refused.ue.set_k_gnb(k_gnb());
  refused.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {}, .sessions = {}}, refused.now);
  refused.run();
  CHECK(refused.failure == GnbRrcFailure::security_mode_failure);
  CHECK(refused.ue.state() == UeRrc::State::connected);

  Link wrong_mac;
  wrong_mac.is_mac_right = false;
  wrong_mac.connect();
  wrong_mac.ue.set_k_gnb(k_gnb());
  wrong_mac.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {}, .sessions = {}}, wrong_mac.now);
  wrong_mac.run();
  CHECK(wrong_mac.released->reason == ReleaseReason::security_failure);
  wrong_mac.wait(6s);
  CHECK(wrong_mac.failure == GnbRrcFailure::security_mode_failure);
}

TEST_CASE("RRC: after security nothing unprotected is heeded, by either side")
{
  Link link;
  link.establish();
  const auto unexpected_before = link.gnb.counters().unexpected;
  asn1::rrc::UlDcchMessage up;
  up.message.set_c1().set_ul_information_transfer().critical_extensions.set_ul_information_transfer().dedicated_nas_message = Octets{1};
  link.gnb.on_dcch(asn1::rrc::encode(up).value(), false, link.now);
  CHECK(link.gnb.take_actions().empty());
  CHECK(link.gnb.counters().unexpected == unexpected_before + 1);
  asn1::rrc::DlDcchMessage down;
  down.message.set_c1().set_rrc_release().critical_extensions.set_rrc_release();
  link.ue.on_dcch(asn1::rrc::encode(down).value(), false, link.now);
  link.wait(200ms);
  CHECK(link.ue.state() == UeRrc::State::connected);
  CHECK(link.ue.counters().unexpected == 1);
}

TEST_CASE("RRC: a DRB before security is refused by the UE")
{
  Link link;
  link.establish();
  Octets reconfiguration;
  for (const InFlight& pdu : link.sent) {
    const auto down = asn1::rrc::decode<asn1::rrc::DlDcchMessage>(pdu.sdu);
    if (pdu.srb == 1 && down && down->message.c1() && down->message.c1()->rrc_reconfiguration()) reconfiguration = pdu.sdu;
  }
  REQUIRE_FALSE(reconfiguration.empty());
  Link other;
  other.connect();
  other.ue.on_dcch(reconfiguration, false, other.now);
  other.run();
  REQUIRE(other.released);
  CHECK(other.released->reason == ReleaseReason::reconfiguration_failure);
}

TEST_CASE("RRC: reject makes the UE wait; T300 ends an attempt that nobody answers; no setup complete removes the UE")
{
  Link link;
  REQUIRE(link.ue.connect({1}, 3, std::nullopt, link.now));
  (void)link.ue.take_actions();
  link.ue.on_ccch(rrc_reject(2), link.now);
  link.take_ue();
  REQUIRE(link.released);
  CHECK(link.released->reason == ReleaseReason::rejected);
  CHECK(link.released->wait == 2000ms);
  CHECK_FALSE(link.ue.connect({1}, 3, std::nullopt, link.now + 1999ms));
  REQUIRE(link.ue.connect({1}, 3, std::nullopt, link.now + 2000ms));
  (void)link.ue.take_actions();
  link.ue.tick(link.now + 2999ms);
  CHECK(link.ue.state() == UeRrc::State::connecting);
  link.ue.tick(link.now + 3000ms);
  link.take_ue();
  CHECK(link.released->reason == ReleaseReason::t300_expired);

  Link silent;
  REQUIRE(silent.ue.connect({1}, 3, std::nullopt, silent.now));
  silent.take_ue();
  silent.gnb.on_ccch(silent.to_gnb.front().sdu, silent.now);
  silent.take_gnb();
  silent.to_gnb.clear();
  silent.to_ue.clear();
  CHECK(silent.gnb.state() == GnbRrc::State::waits_for_setup_complete);
  silent.wait(5001ms);
  CHECK(silent.is_removed);
  CHECK(silent.gnb.counters().timeouts == 1);
}

TEST_CASE("RRC: a UE that falls silent within a procedure is given back to the core with the cause")
{
  Link link;
  link.connect();
  link.gnb.setup_context({.k_gnb = k_gnb(), .ue_algorithms = {}, .nas = {}, .sessions = {}}, link.now);
  link.take_gnb();
  link.to_ue.clear();
  link.wait(5s);
  CHECK(link.failure == GnbRrcFailure::security_mode_failure);
  CHECK(link.is_context_setup_failed);
  link.gnb.release(link.now);
  link.wait(100ms);
  CHECK(link.is_removed);
}

TEST_CASE("RRC: the radio link fails after N310 and T310, and recovers with N311 [TS 38.331 §5.3.10]")
{
  Link link;
  link.connect();
  link.ue.on_out_of_sync(link.now);  // N310 is 1 here
  CHECK(link.ue.is_t310_running());
  link.ue.on_in_sync();
  CHECK_FALSE(link.ue.is_t310_running());
  link.ue.on_out_of_sync(link.now);
  link.wait(999ms);
  CHECK(link.ue.state() == UeRrc::State::connected);
  link.wait(1ms);
  REQUIRE(link.released);
  CHECK(link.released->reason == ReleaseReason::radio_link_failure);
  CHECK(link.ue.connect({1}, 3, std::nullopt, link.now));  // and anew
}

TEST_CASE("RRC: a cell is judged by its broadcast")
{
  nr::Cell cell = the_cell();
  CHECK(judge({}, cell, false) == CellVerdict::suitable);
  CHECK(judge({.plmns = {{"001", "02"}}}, cell, false) == CellVerdict::wrong_plmn);
  CHECK(judge({}, cell, true) == CellVerdict::reserved);
  cell.is_barred = true;
  CHECK(judge({}, cell, false) == CellVerdict::barred);
}

TEST_CASE("RRC: the messages of the recorded foreign attach are understood, both ways")
{
  Link link;
  link.connect();
  link.ue.set_k_gnb(k_gnb());
  unsigned num_nas_down = 0;
  for (const asn1::ReferencePdu& pdu : asn1::reference_pdus()) {
    if (!pdu.name.starts_with("attach: ")) continue;
    if (pdu.type == "DL-DCCH-Message") {
      CAPTURE(pdu.name);
      num_nas_down += pdu.name == "attach: dlInformationTransfer" || pdu.name == "attach: rrcReconfiguration" ? 1 : 0;
      link.ue.on_dcch(pdu.bytes, true, link.now);
      link.take_ue();
    }
    if (pdu.type == "UL-CCCH-Message") {
      GnbRrc gnb(the_cell(), *link.gnb_ue_config);
      gnb.on_ccch(pdu.bytes, link.now);
      CHECK(gnb.state() == GnbRrc::State::waits_for_setup_complete);
    }
  }
  if (num_nas_down == 0) return;  // no reference data
  CHECK(link.ue_nas.size() == num_nas_down);
  CHECK(link.ue.is_security_active());
  CHECK(link.ue_security->ciphering == security::CipheringAlgorithm::nea0);
  CHECK(link.ue.state() == UeRrc::State::connected);
  CHECK(link.ue.counters().unsupported == 0);
  CHECK(link.ue.counters().malformed == 0);
  CHECK(link.ue_bearers.back().identity() == 1);
  CHECK_FALSE(link.ue_bearers.back().is_srb());
}

TEST_CASE("RRC: no truncation, flip or noise of any message in any state does harm")
{
  Link recorded;
  recorded.establish();
  recorded.gnb.send_nas({1, 2, 3}, recorded.now);
  recorded.run();
  recorded.gnb.release(recorded.now);
  recorded.run();
  REQUIRE(recorded.sent.size() == 12);
  std::mt19937 random(11);
  const auto mutate = [&random](Octets bytes) {
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    for (auto flips = random() % 4; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    }
    if (random() % 16 == 0) std::ranges::generate(bytes, [&random] { return static_cast<std::uint8_t>(random()); });
    return bytes;
  };
  unsigned num_connected = 0;
  for (unsigned trial = 0; trial < 400; ++trial) {
    Link link;
    const auto depth = random() % 3;
    if (depth == 1) link.connect();
    if (depth == 2) link.establish();
    for (unsigned n = 0; n < 20; ++n) {
      const InFlight& base = recorded.sent[random() % recorded.sent.size()];
      const Octets bytes = mutate(base.sdu);
      switch (random() % 4) {
        case 0: link.ue.on_ccch(bytes, link.now); break;
        case 1: link.ue.on_dcch(bytes, random() % 2 == 0, link.now); break;
        case 2: link.gnb.on_ccch(bytes, link.now); break;
        default: link.gnb.on_dcch(bytes, random() % 2 == 0, link.now); break;
      }
      link.run();
    }
    link.wait(10ms);
    num_connected += link.ue.state() == UeRrc::State::connected ? 1 : 0;
    CHECK(link.gnb.counters().dropped_actions == 0);
    CHECK(link.ue.counters().dropped_actions == 0);
    // Whatever happened, the UE can start again.
    link.ue.abort();
    link.take_ue();
    link.to_gnb.clear();
    CHECK(link.ue.state() == UeRrc::State::idle);
    CHECK(link.ue.connect({1}, 3, std::nullopt, link.now + 20s));
  }
  CHECK(num_connected > 20);
}
