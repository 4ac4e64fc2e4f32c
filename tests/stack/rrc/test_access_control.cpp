// Unified access control: SIB1 there and back, the check, and an RRC connection that waits.

#include "stack/rrc/access_control.h"

#include "stack/asn1/rrc.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/ue_rrc.h"

#include <doctest/doctest.h>

#include <random>
#include <variant>

using namespace ravi;
using namespace ravi::rrc;
using namespace std::chrono_literals;

namespace {

const std::vector<nr::AccessBarring> kBarring{{.category = 3, .factor_percent = 70, .time_s = 8, .barred_identities = 0b1100000},
                                              {.category = 7, .factor_percent = 0, .time_s = 512}};

nr::Cell cell_with(const std::vector<nr::AccessBarring>& barring)
{
  return derive_cell({.band = 3, .bandwidth = Hertz(10e6), .access_barring = barring}).value().cell;
}

template <class Action>
bool has(const std::vector<UeAction>& actions)
{
  return std::ranges::any_of(actions, [](const UeAction& action) { return std::holds_alternative<Action>(action); });
}

}  // namespace

TEST_CASE("access control: what SIB1 says comes back, and what cannot be said is refused with the nearest that can")
{
  const nr::Cell cell = cell_with(kBarring);
  const auto sib1 = sib1_of(cell);
  REQUIRE(sib1);
  const auto back = read_cell({.pci = cell.pci, .gscn = cell.ssb.gscn, .ssb_case = cell.ssb.ssb_case, .k_ssb = cell.ssb.k_ssb, .mib = mib_of(cell)}, *sib1);
  REQUIRE(back);
  CHECK(back->access_barring == kBarring);

  const auto refused = derive_cell({.access_barring = {{.category = 3, .factor_percent = 34, .time_s = 100}, {.category = 3}, {.category = 64}}});
  REQUIRE_FALSE(refused);
  for (const char* part : {"34 % cannot be told; the nearest is 30", "100 s cannot be told; the nearest is 128", "3 is barred twice", "1 to 63"}) {
    CHECK_MESSAGE(refused.error().message.find(part) != std::string::npos, refused.error().message);
  }
}

TEST_CASE("access control: what is said of a PLMN stands in place of what is said of all [TS 38.331 §5.3.14.2]")
{
  asn1::rrc::Sib1 sib1;
  auto& info = sib1.uac_barring_info.emplace();
  auto& set = info.uac_barring_info_set_list.emplace_back();
  set.uac_barring_factor = asn1::rrc::UacBarringInfoSet::UacBarringFactor::p25;
  set.uac_barring_time = asn1::rrc::UacBarringInfoSet::UacBarringTime::s64;
  info.uac_barring_for_common.emplace().push_back({.access_category = 7, .uac_barring_info_set_index = 1});
  const nr::AccessBarring data{.category = 7, .factor_percent = 25, .time_s = 64};
  CHECK(read_access_barring(sib1, 0) == std::vector{data});

  auto& per_plmn = info.uac_barring_per_plmn_list.emplace();
  auto& second = per_plmn.emplace_back();
  second.plmn_identity_index = 2;
  CHECK(read_access_barring(sib1, 0) == std::vector{data});  // nothing of the first
  CHECK(read_access_barring(sib1, 1).empty());               // the second: free
  second.uac_ac_barring_list_type.emplace().set_uac_explicit_ac_barring_list().push_back({.access_category = 3, .uac_barring_info_set_index = 1});
  CHECK(read_access_barring(sib1, 1) == std::vector<nr::AccessBarring>{{.category = 3, .factor_percent = 25, .time_s = 64}});
  second.uac_ac_barring_list_type.emplace().set_uac_implicit_ac_barring_list().assign(63, 8);  // no such set: free
  CHECK(read_access_barring(sib1, 1).empty());
  (*second.uac_ac_barring_list_type->uac_implicit_ac_barring_list())[6] = 1;
  CHECK(read_access_barring(sib1, 1) == std::vector{data});
}

TEST_CASE("access control: as many go on as the factor says, the others wait 0.7 to 1.3 of the time [TS 38.331 §5.3.14.5]")
{
  std::mt19937_64 random(38331);
  unsigned num_allowed = 0;
  Time least = 1h;
  Time most{0};
  for (int i = 0; i < 2000; ++i) {
    AccessControl access;
    if (access.allows(3, 0, kBarring, Time(0), random)) {
      ++num_allowed;
      continue;
    }
    Time waited{0};
    while (access.is_barred(3, waited)) waited += 50ms;
    least = std::min(least, waited);
    most = std::max(most, waited);
    CHECK_FALSE(access.allows(3, 0, kBarring, Time(0), random));  // T390 runs
    access.stop();
    CHECK_FALSE(access.is_barred(3, Time(0)));
  }
  CHECK(num_allowed > 1320);
  CHECK(num_allowed < 1480);
  CHECK(least >= 5600ms);
  CHECK(least < 5800ms);
  CHECK(most > 10200ms);
  CHECK(most <= 10450ms);

  AccessControl access;
  CHECK_FALSE(access.allows(7, 0, kBarring, Time(0), random));          // nobody goes on
  CHECK(access.allows(0, 0, kBarring, Time(0), random));                // mobile terminated: always
  CHECK(access.allows(5, 0, kBarring, Time(0), random));                // nothing said of it
  AccessControl privileged;
  for (int i = 0; i < 100; ++i) {
    CHECK(privileged.allows(3, 0b0000001, kBarring, Time(0), random));  // access identity 15, whose bit is zero
    CHECK(privileged.allows(7, 0b1000000, kBarring, Time(0), random));
  }
  const std::vector<nr::AccessBarring> nobody{{.category = 3, .factor_percent = 0, .time_s = 8, .barred_identities = 0b1100000}};
  CHECK_FALSE(privileged.allows(3, 0b1100000, nobody, Time(0), random));  // identities 1 and 2 are barred too
}

TEST_CASE("RRC: a barred request waits for T390 and then goes on by itself; a mobile terminated one and another cell do not wait")
{
  UeRrc ue({});
  CHECK_FALSE(ue.connect({1}, 4, std::nullopt, Time(0)));  // no cell
  const nr::Cell cell = cell_with({{.category = 7, .factor_percent = 0, .time_s = 4}});
  ue.camp_on(cell);
  REQUIRE(ue.connect({1}, 4, std::nullopt, Time(0)));
  auto actions = ue.take_actions();
  CHECK(has<AccessBarred>(actions));
  CHECK_FALSE(has<SendSdu>(actions));
  CHECK(ue.state() == UeRrc::State::idle);
  ue.tick(2'700ms);
  CHECK(ue.take_actions().empty());
  ue.tick(5'300ms);  // drawn again, and barred again
  actions = ue.take_actions();
  REQUIRE(actions.size() == 2);
  CHECK(std::holds_alternative<AccessAlleviated>(actions[0]));
  CHECK(std::holds_alternative<AccessBarred>(actions[1]));

  SUBCASE("mobile terminated")
  {
    REQUIRE(ue.connect({1}, 2, std::nullopt, 5'400ms));
    CHECK(has<SendSdu>(ue.take_actions()));
    CHECK(ue.state() == UeRrc::State::connecting);
  }
  SUBCASE("another cell")
  {
    ue.on_cell_lost();
    ue.tick(5'400ms);
    CHECK(ue.take_actions().empty());
    ue.camp_on(cell_with({}));
    ue.tick(5'500ms);
    actions = ue.take_actions();
    CHECK(has<AccessAlleviated>(actions));
    CHECK(has<SendSdu>(actions));
  }
  SUBCASE("given up by NAS")
  {
    ue.abort();
    ue.tick(60'000ms);
    CHECK(ue.take_actions().empty());
  }
}
