#include "config/air_config_yaml.h"
#include "config/network_config_yaml.h"
#include "stack/rrc/derive_cell.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>

using namespace ravi;
using namespace ravi::config;

namespace {

const std::string kLab = std::string(RAVI_CONFIG_FOLDER) + "/lab-zmq.yaml";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string text_of(const std::string& path)
{
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string fault_of(const std::string& text, const std::vector<std::string>& settings = {})
{
  const auto config = parse_network_config(text, "x", settings);
  return config ? std::string() : config.error().message;
}

}  // namespace

TEST_CASE("network config: the ready laboratory loads, for the air alone too, and its parts fit")
{
  const auto config = load_network_config(kLab);
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  CHECK(rrc::derive_cell(config->cell));
  REQUIRE(config->air);
  CHECK(config->air->nodes.size() == 2);
  REQUIRE(config->gnb.core);
  CHECK(config->gnb.core->amf == config->core.n2);
  CHECK(config->gnb.core->bind != config->core.n3);
  REQUIRE(config->core.users.size() == 1);
  CHECK(config->core.users[0].key == config->ue.usim.key);
  CHECK(config->core.users[0].imsi == config->ue.usim.imsi);
  const auto air = load_air_config(kLab);
  REQUIRE_MESSAGE(air, (air ? "" : air.error().message));
  CHECK(air->nodes.size() == 2);
  CHECK(air->sample_rate == config->air->sample_rate);
}

TEST_CASE("network config: the ready cells for srsUE load, with its quirks, which are otherwise off")
{
  CHECK(load_network_config(kLab)->quirks == Quirks::none);
  for (const std::string name : {"srsue-10mhz", "srsue-20mhz"}) {
    CAPTURE(name);
    const auto config = load_network_config(std::string(RAVI_CONFIG_FOLDER) + "/" + name + ".yaml");
    REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
    CHECK(config->quirks == Quirks::srsue);
    CHECK(rrc::derive_cell(config->cell));
    CHECK_FALSE(config->gnb.core);
    CHECK(config->core.users.size() == 1);
  }
  CHECK(has(fault_of("cell: {band: n3, bandwidth: 10 MHz}\nquirks: huawei"), "quirks"));
}

TEST_CASE("network config: what Open5GS and UERANSIM are run with loads")
{
  const auto open5gs = load_network_config(std::string(RAVI_CONFIG_FOLDER) + "/open5gs.yaml");
  REQUIRE_MESSAGE(open5gs, (open5gs ? "" : open5gs.error().message));
  CHECK(rrc::derive_cell(open5gs->cell));
  REQUIRE(open5gs->gnb.core);
  CHECK(open5gs->gnb.core->bind != open5gs->gnb.core->amf.address);
  const auto ueransim = load_network_config(std::string(RAVI_CONFIG_FOLDER) + "/ueransim.yaml");
  REQUIRE_MESSAGE(ueransim, (ueransim ? "" : ueransim.error().message));
  CHECK(rrc::derive_cell(ueransim->cell));
  CHECK(ueransim->core.users.size() == 1);
}

TEST_CASE("network config: the UE for OCUDU's gNB loads, with its quirk, at every carrier it is tried with")
{
  const std::string path = std::string(RAVI_CONFIG_FOLDER) + "/ocudu-10mhz.yaml";
  const std::vector<std::vector<std::string>> carriers{{},
                                                       {"cell.bandwidth=5MHz"},
                                                       {"cell.bandwidth=20MHz"},
                                                       {"cell.band=n78", "cell.bandwidth=20MHz", "cell.arfcn=632628"},
                                                       {"cell.band=n78", "cell.bandwidth=40MHz", "cell.arfcn=632628"}};
  for (const auto& settings : carriers) {
    const auto config = load_network_config(path, settings);
    REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
    CHECK(config->quirks == Quirks::ocudu);
    const auto cell = rrc::derive_cell(config->cell);
    REQUIRE_MESSAGE(cell, (cell ? "" : cell.error().message));
  }
}

TEST_CASE("network config: every key arrives")
{
  const auto config = parse_network_config(R"(
cell: {band: n78, bandwidth: 20 MHz}
gnb:
  radio: {device: "uhd:type=b200", rate: 23.04 MHz, tx_gain: 60 dB, rx_gain: 40 dB, antenna: RX2, clock: gpsdo, time: external}
  core: {amf: 10.0.0.5:1234, bind: 10.0.0.9, sctp: usrsctp-udp, udp_port: 9900}
  id: 77
  name: tower
  lead: 4
  csi: none
  inactivity: 10 s
ue:
  radio: zmq:tx=tcp://127.0.0.1:2000,rx=tcp://127.0.0.1:2001
  band: n41
  frequency: 2.6 GHz
  scs: 30
  usim: {imsi: imsi-310410123456789, key: 000102030405060708090a0b0c0d0e0f, opc: 101112131415161718191A1B1C1D1E1F}
core:
  n2: 10.0.0.5:1234
  n3: 10.0.0.6
  sctp: kernel
  udp_port: 9901
  subscribers: people.db
  users: [{imsi: "310410123456789", key: 000102030405060708090a0b0c0d0e0f, opc: 101112131415161718191A1B1C1D1E1F}]
  plmn: 310-410
  tac: 9
  pool: 10.60.0.0
  name: Test Network
  short_name: TN
  dns: 9.9.9.9,8.8.4.4
  p_cscf: 10.60.0.9
  suci_keys: [{id: 27, profile: b, key: 000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f}]
)", "x");
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  CHECK(config->cell.band == 78);
  CHECK_FALSE(config->air);
  CHECK(config->gnb.radio.device == "uhd:type=b200");
  CHECK(config->gnb.radio.rate == SampleRate(23'040'000));
  CHECK(config->gnb.radio.tx_gain == Decibel(60));
  CHECK(config->gnb.radio.rx_gain == Decibel(40));
  CHECK(config->gnb.radio.antenna == "RX2");
  CHECK(config->gnb.radio.clock == "gpsdo");
  CHECK(config->gnb.radio.time == "external");
  REQUIRE(config->gnb.core);
  CHECK(config->gnb.core->amf == IpEndpoint{{10, 0, 0, 5}, 1234});
  CHECK(config->gnb.core->bind == Ipv4{10, 0, 0, 9});
  CHECK(config->gnb.core->sctp == SctpKind::usrsctp_udp);
  CHECK(config->gnb.core->udp_port == 9900);
  CHECK(config->gnb.id == 77);
  CHECK(config->gnb.name == "tower");
  CHECK(config->gnb.lead == 4);
  CHECK(config->gnb.inactivity == std::chrono::seconds(10));
  CHECK(config->ue.radio.device == "zmq:tx=tcp://127.0.0.1:2000,rx=tcp://127.0.0.1:2001");
  CHECK(config->ue.band == 41);
  CHECK(config->ue.frequency == Hertz(2.6e9));
  CHECK(config->ue.scs_khz == 30);
  CHECK(config->ue.usim.imsi == "310410123456789");
  CHECK(config->core.n2 == IpEndpoint{{10, 0, 0, 5}, 1234});
  CHECK(config->core.n3 == Ipv4{10, 0, 0, 6});
  CHECK(config->core.sctp == SctpKind::kernel);
  CHECK(config->core.udp_port == 9901);
  CHECK(config->core.subscribers == "people.db");
  CHECK(config->core.users.size() == 1);
  CHECK(config->core.plmn == nr::Plmn{.mcc = "310", .mnc = "410"});
  CHECK(config->core.tac == 9);
  CHECK(config->core.pool == Ipv4{10, 60, 0, 0});
  CHECK(config->core.name == "Test Network");
  CHECK(config->core.short_name == "TN");
  CHECK(config->core.dns == std::vector<Ipv4>{{9, 9, 9, 9}, {8, 8, 4, 4}});
  CHECK(config->core.p_cscf == Ipv4{10, 60, 0, 9});
  REQUIRE(config->core.suci_keys.size() == 1);
  CHECK(config->core.suci_keys[0].id == 27);
  CHECK(config->core.suci_keys[0].profile == SuciProfile::b);
  CHECK(config->core.suci_keys[0].key.size() == 64);
  CHECK(config->gnb.csi == CsiReports::none);
}

TEST_CASE("network config: the cell for phones loads; a SUCI key that is none is not shown")
{
  const auto config = load_network_config(std::string(RAVI_CONFIG_FOLDER) + "/phones.yaml");
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  CHECK(rrc::derive_cell(config->cell));
  CHECK(config->gnb.csi == CsiReports::none);
  CHECK(config->core.name == "Ravi Lab");
  const std::string fault = fault_of("core: {suci_keys: [{key: 0123456789}], dns: 9.9.9}");
  CHECK(has(fault, "64 hexadecimal digits, not 10 characters"));
  CHECK_FALSE(has(fault, "0123456789"));
  CHECK(has(fault, "no IPv4 addresses"));
}

TEST_CASE("network config: all faults come together, with their lines and what would be right")
{
  const std::string fault = fault_of(R"(
cell: {band: n78, bandwith: 20 MHz}
gnb:
  radio: "what:"
  core: {amf: localhost, sctp: userctp}
  leed: 3
core:
  tac: 99999999
ue:
  usim: {imsi: 12, key: 00}
)");
  CHECK(has(fault, "x:2: unknown key 'bandwith' (did you mean 'bandwidth'?)"));
  CHECK(has(fault, "x:5: 'amf': 'localhost' is no IPv4 address"));
  CHECK(has(fault, "usrsctp"));
  CHECK(has(fault, "x:6: unknown key 'leed' (did you mean 'lead'?)"));
  CHECK(has(fault, "x:8: 'tac': 99999999 is outside 0 to 16777215; the nearest valid value is 16777215"));
  CHECK(has(fault, "'imsi': '12'"));
  CHECK(has(fault, "'opc' is missing"));
}

TEST_CASE("network config: a key is never shown, not even a wrong one")
{
  const std::string fault = fault_of("ue:\n  usim: {imsi: \"001010123456780\", key: deadbeefdeadbeef, opc: cafecafecafecafecafecafecafecafeZZ}\n");
  CHECK(has(fault, "'key': must be 32 hexadecimal digits, not 16 characters"));
  CHECK(has(fault, "'opc': must be 32 hexadecimal digits, not 34 characters"));
  CHECK_FALSE(has(fault, "deadbeef"));
  CHECK_FALSE(has(fault, "cafe"));
}

TEST_CASE("network config: an AMF elsewhere needs an address of this machine to come from")
{
  CHECK(has(fault_of("gnb:\n  core: {amf: 10.0.0.5}\n"), "give this machine's address as 'bind'"));
  CHECK(fault_of("gnb:\n  core: {amf: 10.0.0.5, bind: 10.0.0.9}\n").empty());
  CHECK(fault_of("gnb:\n  core: embedded\n").empty());
  CHECK(has(fault_of("gnb:\n  core: elsewhere\n"), "'embedded'"));
}

TEST_CASE("network config: settings take the place of what the file says, also where it says nothing")
{
  const auto config = parse_network_config(text_of(kLab), "x", {"cell.bandwidth=5 MHz", "gnb.core.bind=127.0.0.9", "core.tac=12", "air.pace=free"});
  REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  CHECK(config->cell.bandwidth == Hertz(5e6));
  CHECK(config->gnb.core->bind == Ipv4{127, 0, 0, 9});
  CHECK(config->gnb.core->amf.port == kNgapPort);
  CHECK(config->core.tac == 12);
  CHECK(has(fault_of("", {"cell.bandwith=5MHz"}), "--set: unknown key 'bandwith'"));
  CHECK(has(fault_of("", {"nonsense"}), "write it as cell.bandwidth=40MHz"));
  CHECK_FALSE(has(fault_of("", {"ue.usim.key=deadbeef"}), "deadbeef"));
}

TEST_CASE("network config: bytes of any kind are refused or read, never worse")
{
  const std::string text = text_of(kLab);
  std::mt19937 random(5);
  for (int n = 0; n < 1000; ++n) {
    std::string broken = text;
    for (int i = 0; i < 4; ++i) broken[random() % broken.size()] = static_cast<char>(random());
    if (n % 3 == 0) broken.resize(random() % broken.size());
    (void)parse_network_config(broken, "x");
  }
}

TEST_CASE("network config: the reference names every part")
{
  const std::string reference = network_config_reference();
  for (const char* const word : {"gnb.core", "udp_port", "usrsctp-udp", "tx_gain", "opc", "pool", "bandwidth"}) CHECK(has(reference, word));
}

TEST_CASE("network config: the 5QI of the core's sessions, and those that a gNB takes for RLC UM")
{
  const auto usual = parse_network_config("gnb: {}", "x");
  REQUIRE(usual);
  CHECK(usual->core.five_qi == 9);
  CHECK(usual->gnb.um_five_qis == rrc::GnbRrcConfig{}.um_five_qis);
  const auto set = parse_network_config("gnb: {um_five_qis: [1, 82]}\ncore: {five_qi: 82}", "x");
  REQUIRE(set);
  CHECK(set->gnb.um_five_qis == std::vector<unsigned>{1, 82});
  CHECK(set->core.five_qi == 82);
  CHECK(parse_network_config("gnb: {um_five_qis: 7}", "x")->gnb.um_five_qis == std::vector<unsigned>{7});
  CHECK(parse_network_config("gnb: {um_five_qis: []}", "x")->gnb.um_five_qis.empty());
  CHECK(has(fault_of("gnb: {um_five_qis: [1, 300]}"), "the nearest valid value is 255"));
  CHECK(has(fault_of("core: {five_qi: 0}"), "the nearest valid value is 1"));
}
