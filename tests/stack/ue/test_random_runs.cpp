// Short runs with everything drawn by lot: profile, channel, faults, gaps. While it lasts anything may fail, but when the trouble is
// over every UE gets in and packets flow, and no context, tunnel or HARQ process is left over. RAVI_RUNS=N: that many seeds; else 12.

#include "tests/stack/ue/network_bench.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <cstdlib>
#include <random>

namespace ravi {
namespace {

using testing::NetworkBench;
using testing::NetworkConfig;

struct Profile {
  unsigned band;
  double bandwidth_hz;
  std::int64_t rate;
};
constexpr Profile kProfiles[]{{3, 5e6, 7'680'000}, {3, 5e6, 7'680'000}, {3, 10e6, 11'520'000}, {78, 20e6, 23'040'000}};

class Lot {
public:
  explicit Lot(std::uint64_t seed) : random_(seed) {}
  double between(double low, double high) { return low + (high - low) * static_cast<double>(random_() % 1'000'001) / 1e6; }
  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
  bool has_luck(double probability) { return between(0.0, 1.0) < probability; }

private:
  std::mt19937_64 random_;
};

/// The channel of one run: some kind of everything. `text` says what, for a failure's message.
void draw_air(air::AirConfig& air, Lot& lot, std::string& text)
{
  using enum air::FadingProfile;
  constexpr air::FadingProfile kFadings[]{none, none, tdl_a, tdl_b, tdl_c, tdl_d, tdla30};
  const air::FadingProfile fading = kFadings[lot.below(std::size(kFadings))];
  const double cfo_hz = lot.between(-1000.0, 1000.0);
  const double drift_ppm = lot.has_luck(0.5) ? lot.between(-0.5, 0.5) : 0.0;
  const std::chrono::duration<double> delay(lot.has_luck(0.5) ? lot.between(0.0, 5e-6) : 0.0);
  const double doppler_hz = lot.between(1.0, 30.0);
  text += fmt::format(", fading {} at {:.0f} Hz, CFO {:.0f} Hz, drift {:.1f} ppm, delay {:.1f} us", static_cast<int>(fading), doppler_hz, cfo_hz,
                      drift_ppm, 1e6 * delay.count());
  for (air::LinkConfig& link : air.links) {
    const double sign = link.from == "gnb" ? 1.0 : -1.0;
    link.cfo = Hertz(sign * cfo_hz);
    link.drift_ppm = sign * drift_ppm;
    link.delay = delay;
    link.drift_reserve = std::chrono::duration<double>(10e-6);  // 20 s at the most drift: within a short preamble's reach
    link.fading = {.profile = fading, .delay_spread = std::chrono::duration<double>(lot.between(10e-9, 300e-9)), .doppler = Hertz(doppler_hz)};
  }
  constexpr air::FaultKind kKinds[]{air::FaultKind::drop, air::FaultKind::repeat, air::FaultKind::late, air::FaultKind::corrupt};
  for (unsigned i = lot.below(3); i > 0; --i) {
    const air::FaultKind kind = kKinds[lot.below(std::size(kKinds))];
    const std::string from = air.nodes[lot.below(static_cast<unsigned>(air.nodes.size()))].name;
    const double at = lot.between(0.1, 1.0);
    const std::size_t length = 1 + lot.below(30);
    text += fmt::format(", fault {} of {} at {:.3f} s for {} blocks", static_cast<int>(kind), from, at, length);
    air.faults.push_back({.kind = kind, .from = from, .at = std::chrono::duration<double>(at), .length = length});
  }
}

void set_clean(NetworkBench& network)
{
  REQUIRE(network.air->set_noise_floor("gnb", DbFs(-60.0)));
  for (std::size_t n = 0; n < network.ues.size(); ++n) REQUIRE(network.air->set_noise_floor(fmt::format("ue{}", n), DbFs(-60.0)));
}

void run_one(std::uint64_t seed)
{
  Lot lot(seed * 7919);
  const Profile& profile = kProfiles[lot.below(std::size(kProfiles))];
  const unsigned num_ues = 1 + lot.below(2);
  const double snr_db = lot.between(0.0, 30.0);
  std::string text = fmt::format("seed {}: n{} {:.0f} MHz, {} UEs, SNR {:.1f} dB", seed, profile.band, 1e-6 * profile.bandwidth_hz, num_ues, snr_db);
  NetworkConfig config{.intent = {.band = profile.band, .bandwidth = Hertz(profile.bandwidth_hz)},
                       .rate = SampleRate(profile.rate),
                       .num_ues = num_ues,
                       .seed = seed,
                       .noise_floor_dbfs = -15.0 - snr_db,
                       .change_air = [&](air::AirConfig& air) { draw_air(air, lot, text); }};
  NetworkBench network(config);
  // A second of whatever it is, with gaps and a restart now and then; then the noise goes down.
  for (unsigned ms = 0; ms < 1100; ms += 10) {
    if (lot.has_luck(0.01)) network.lose_gnb_slots(1 + lot.below(40));
    if (lot.has_luck(0.01)) network.lose_ue_slots(lot.below(num_ues), 1 + lot.below(40));
    if (lot.has_luck(0.003)) network.start_ue(lot.below(num_ues));
    for (const auto& ue : network.ues) {
      const auto address = ue->status().address;
      for (unsigned i = lot.below(4); address && i > 0; --i) {
        (void)ue->send_packet(testing::echo_request(*address, {10, 45, 0, 1}, static_cast<std::uint16_t>(i), lot.below(1300)));
      }
      while (!ue->take_packet().empty()) {
      }
    }
    network.run_ms(10);
  }
  set_clean(network);
  const bool has_all = network.attach_all(16'000);
  CAPTURE(text);
  INFO(network.describe());
  REQUIRE(has_all);
  unsigned answered = 0;
  for (unsigned n = 0; n < num_ues; ++n) answered += network.ping(n, 4, 400) > 0 ? 1 : 0;  // a fade may swallow some
  INFO(network.describe());
  CHECK(answered == num_ues);
  // The gNB waits 5 s for the end of an RRC setup.
  for (unsigned ms = 0; ms < 7000 && network.gnb->num_ues() > num_ues; ms += 100) network.run_ms(100);
  network.run_ms(100);
  CHECK(network.gnb->num_ues() <= num_ues);
  CHECK(network.core->upf().num_sessions() == num_ues);
  CHECK(network.core->amf().ues().size() == num_ues);
}

}  // namespace

TEST_CASE("network: runs drawn by lot end with every UE attached and nothing left over")
{
  const char* wanted = std::getenv("RAVI_RUNS");
  const char* first = std::getenv("RAVI_FIRST_RUN");
  const auto count = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 12;
  const auto begin = first != nullptr ? std::strtoull(first, nullptr, 10) : 1;
  for (std::uint64_t seed = begin; seed < begin + count; ++seed) {
    run_one(seed);
  }
}

}  // namespace ravi
