#include "config/cell_config_yaml.h"
#include "stack/rrc/derive_cell.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace ravi;
using namespace ravi::config;

namespace {
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("cell config: every profile loads and gives a cell")
{
  struct Profile {
    const char* name;
    unsigned band;
    unsigned num_prb;
  };
  for (const Profile& profile : {Profile{"fdd-n3-10mhz", 3, 52}, {"fdd-n3-20mhz", 3, 106}, {"fdd-n1-20mhz", 1, 106},
                                 {"tdd-n40-20mhz", 40, 51}, {"tdd-n78-20mhz", 78, 51}, {"tdd-n78-40mhz", 78, 106}}) {
    CAPTURE(profile.name);
    const auto intent = load_cell_config(std::string(RAVI_CONFIG_FOLDER) + "/" + profile.name + ".yaml");
    REQUIRE_MESSAGE(intent, (intent ? "" : intent.error().message));
    CHECK(intent->band == profile.band);
    const auto derived = rrc::derive_cell(*intent);
    REQUIRE(derived);
    CHECK(derived->cell.downlink.num_prb == profile.num_prb);
  }
}

TEST_CASE("cell config: every key arrives")
{
  const auto intent = parse_cell_config(R"(
cell:
  band: n78
  bandwidth: 40 MHz
  scs: 30
  frequency: 3.6 GHz
  gscn: 7900
  pci: 42
  plmn: 310-410
  tac: 100
  nr_cell_identity: 12345678901
  tdd: {period: 2.5 ms, downlink_slots: 3, downlink_symbols: 10, uplink_slots: 1, uplink_symbols: 2}
  ssb_period: 20
  coreset0: 3
  search_space0: 2
  prach_index: 160
  prach_root: 5
  prach_zone: 9
  preambles: 60
  pucch_common: 12
  min_k2: 3
)", "x");
  REQUIRE_MESSAGE(intent, (intent ? "" : intent.error().message));
  CHECK(intent->bandwidth == Hertz(40e6));
  CHECK(intent->frequency == Hertz(3.6e9));
  CHECK(intent->plmn == nr::Plmn{"310", "410"});
  CHECK(intent->nr_cell_identity == 12'345'678'901);
  CHECK(intent->tdd_pattern == nr::TddPattern{std::chrono::microseconds(2500), 3, 10, 1, 2});
  CHECK(intent->ssb_period_ms == 20);
  CHECK(intent->coreset0_index == 3);
  CHECK(intent->prach_configuration_index == 160);
  CHECK(intent->num_preambles == 60);
  CHECK(intent->min_k2 == 3);
}

TEST_CASE("cell config: faults come together, each with its line")
{
  const auto refused = parse_cell_config("cell:\n  band: seven\n  bandwith: 10 MHz\n  pci: 2000\n  plmn: 1-1\n  tdd: {period: 2 s}\n", "cell.yaml");
  REQUIRE_FALSE(refused);
  CHECK(has(refused.error().message, "cell.yaml:2: 'band': 'seven' is no band"));
  CHECK(has(refused.error().message, "cell.yaml:3: unknown key 'bandwith' (did you mean 'bandwidth'?)"));
  CHECK(has(refused.error().message, "the nearest valid value is 1007"));
  CHECK(has(refused.error().message, "write it as 001-01"));
  CHECK(has(refused.error().message, "cell.yaml:6:"));
  CHECK(has(cell_config_reference(), "prach-ConfigurationIndex"));
}

TEST_CASE("cell config: random edits of a file never do harm")
{
  const std::string text = "cell:\n  band: n78\n  bandwidth: 20 MHz\n  tdd: {period: 5 ms, downlink_slots: 7, uplink_slots: 2}\n  arfcn: 636666\n";
  std::mt19937 random(5);
  for (unsigned trial = 0; trial < 500; ++trial) {
    std::string edited = text;
    for (auto edits = random() % 4; edits > 0; --edits) edited[random() % edited.size()] = static_cast<char>(32 + random() % 95);
    const auto intent = parse_cell_config(edited, "x");
    if (intent) (void)rrc::derive_cell(*intent);
  }
}
