#include "stack/nr/tdd_pattern.h"
#include "stack/nr/timing.h"

#include "doctest/doctest.h"

#include <string>
#include <vector>

using namespace ravi;
using namespace ravi::nr;
using std::chrono::microseconds;

namespace {

// One letter a symbol, straight from the clause: d downlink, u uplink, - flexible.
std::string letters(const TddPattern& pattern, Scs scs)
{
  const auto slots = static_cast<std::size_t>(pattern.period.count() * slots_per_subframe(scs) / 1000);
  std::string text(14 * slots, '-');
  for (std::size_t i = 0; i < 14 * pattern.num_downlink_slots + pattern.num_downlink_symbols; ++i) text[i] = 'd';
  for (std::size_t i = 0; i < 14 * pattern.num_uplink_slots + pattern.num_uplink_symbols; ++i)
    text[text.size() - 1 - i] = 'u';
  return text;
}

void check_against_letters(const TddConfig& config, Scs slot_scs)
{
  REQUIRE(check(config, slot_scs));
  const std::string text = letters(config.pattern1, config.reference_scs) +
                           (config.pattern2 ? letters(*config.pattern2, config.reference_scs) : "");
  const unsigned ratio = 1U << (mu_of(slot_scs) - mu_of(config.reference_scs));
  for (unsigned count = 0; count < 8 * slots_per_frame(slot_scs); ++count) {
    const SlotDirection found = slot_direction(config, Slot::from_count(slot_scs, count));
    std::string symbols;
    for (unsigned l = 0; l < 14; ++l) symbols += text[(count * 14 + l) / ratio % text.size()];
    std::string expected(14, '-');
    for (unsigned l = 0; l < 14; ++l) {
      const bool is_downlink = found.is_downlink({l, 1});
      const bool is_uplink = found.is_uplink({l, 1});
      REQUIRE_FALSE((is_downlink && is_uplink));
      expected[l] = is_downlink ? 'd' : is_uplink ? 'u' : '-';
    }
    REQUIRE(symbols == expected);
  }
}

}  // namespace

TEST_CASE(
    "TDD patterns: each symbol has the direction the clause gives it, one pattern or two, at and above the reference "
    "spacing")
{
  check_against_letters({}, Scs::khz30);
  check_against_letters({.reference_scs = Scs::khz15, .pattern1 = {microseconds(5000), 3, 6, 1, 4}}, Scs::khz15);
  check_against_letters({.reference_scs = Scs::khz15, .pattern1 = {microseconds(5000), 3, 6, 1, 4}}, Scs::khz30);
  check_against_letters({.reference_scs = Scs::khz15, .pattern1 = {microseconds(5000), 3, 9, 1, 3}}, Scs::khz60);
  check_against_letters({.pattern1 = {microseconds(2500), 3, 6, 1, 4}}, Scs::khz30);
  check_against_letters(
      {.pattern1 = {microseconds(3000), 3, 6, 2, 4}, .pattern2 = TddPattern{microseconds(2000), 4, 0, 0, 0}},
      Scs::khz30);
  check_against_letters({.pattern1 = {microseconds(10'000), 0, 0, 20, 0}}, Scs::khz30);
  check_against_letters({.pattern1 = {microseconds(500), 0, 13, 0, 1}}, Scs::khz30);
}

TEST_CASE("TDD patterns: whole slots, and allocations in the special slot")
{
  const TddConfig config;  // 7 slots, 6 symbols, ..., 4 symbols, 2 slots of 30 kHz in 5 ms
  const auto at = [&](unsigned n) { return slot_direction(config, Slot(Scs::khz30, 1023, n)); };
  CHECK(at(0).is_all_downlink());
  CHECK(at(6).is_all_downlink());
  CHECK(at(7) == SlotDirection{.num_downlink = 6, .num_uplink = 4});
  CHECK(at(7).is_downlink({0, 6}));
  CHECK_FALSE(at(7).is_downlink({0, 7}));
  CHECK(at(7).is_uplink({10, 4}));
  CHECK_FALSE(at(7).is_uplink({9, 5}));
  CHECK(at(8).is_all_uplink());
  CHECK(at(19).is_all_uplink());
  CHECK(num_slots_per_second(config, Scs::khz30, LinkDirection::downlink, {1, 13}) == 1400);
  CHECK(num_slots_per_second(config, Scs::khz30, LinkDirection::uplink, {0, 14}) == 400);
  CHECK(num_slots_per_second(config, Scs::khz30, LinkDirection::downlink, {0, 6}) == 1600);
  CHECK(num_slots_per_second(config, Scs::khz30, LinkDirection::uplink, {10, 4}) == 600);
}

TEST_CASE("TDD patterns: what the standard does not have is refused with what to change")
{
  const auto refused = [](const TddConfig& config, Scs scs = Scs::khz30) {
    const auto checked = check(config, scs);
    return checked ? std::string() : checked.error().message;
  };
  CHECK(refused({}).empty());
  CHECK(refused({.pattern1 = {.period = microseconds(6000)}}).find("does not exist") != std::string::npos);
  CHECK(refused({.pattern1 = {.period = microseconds(0)}}).find("does not exist") != std::string::npos);
  CHECK(refused({.pattern1 = {.period = microseconds(-5000)}}).find("does not exist") != std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(625), 0, 0, 0, 0}}).find("no whole number") != std::string::npos);
  CHECK(refused({.reference_scs = Scs::khz15, .pattern1 = {microseconds(2500), 1, 0, 1, 0}}).find("no whole number") !=
        std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(3000), 3, 0, 2, 0}}).find("20 ms") != std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(5000), 8, 0, 2, 1}}).find("more than fit") != std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(5000), 8, 0, 2, 0}}).empty());
  CHECK(refused({.pattern1 = {microseconds(5000), 0xFFFFFFFF, 0, 0xFFFFFFFF, 0}}).find("more than fit") !=
        std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(5000), 2, 14, 2, 0}}).find("0 to 13") != std::string::npos);
  CHECK(refused({.pattern1 = {microseconds(5000), 2, 0, 2, 0}, .pattern2 = TddPattern{microseconds(2000), 2, 0, 2, 1}})
            .find("more than fit") != std::string::npos);
  CHECK(refused({}, Scs::khz15).find("reference") != std::string::npos);
}

TEST_CASE("Timing advance: offsets and commands in units of T_c [TS 38.133 Table 7.1.2-2, TS 38.213 §4.2]")
{
  static_assert(n_ta_offset_tc(Duplex::fdd) == 25'600);
  static_assert(n_ta_offset_tc(Duplex::tdd) == 25'600);
  static_assert(n_ta_offset_tc(Duplex::fdd, LteCoexistence::present) == 0);
  static_assert(n_ta_offset_tc(Duplex::tdd, LteCoexistence::present) == 39'936);
  // 25600 T_c are the 150 samples at 11.52 Msample/s between a foreign recording's uplink and downlink grids.
  CHECK(25'600LL * 11'520'000 / kTcPerSecond == 150);
  CHECK(n_ta_of_rar(1, Scs::khz15) == 1024);
  CHECK(n_ta_of_rar(3846, Scs::khz30) == 3846 * 512);
  CHECK(n_ta_change(31, Scs::khz15) == 0);
  CHECK(n_ta_change(0, Scs::khz30) == -31 * 512);
  CHECK(n_ta_change(63, Scs::khz15) == 32 * 1024);
}
