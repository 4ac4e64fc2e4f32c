// A whole network in one process, sample by sample: UE, air, gNB, core. From an unknown cell to an address and an answered ping.

#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/rrc/derive_cell.h"
#include "stack/ue/ue.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace ravi {
namespace {

constexpr std::int64_t kGnbLead = 2;  // slots
constexpr std::int64_t kUeLead = 1;
constexpr std::size_t kWindow = 8;    // slots of samples in the air

security::Key128 key(const char* hex) { return *core::parse_key(hex); }

/// The subscriber of srsUE's example configuration.
security::Subscriber subscriber()
{
  return {.k = key("00112233445566778899aabbccddeeff"), .opc = key("63bfa50ee6523365ff14c1f45f88737d")};
}

std::vector<std::uint8_t> echo_request(const nas::Ipv4& from, const core::Ipv4& to, std::uint16_t sequence)
{
  std::vector<std::uint8_t> packet(20 + 8 + 32);
  packet[0] = 0x45;
  packet[3] = static_cast<std::uint8_t>(packet.size());
  packet[8] = 64;
  packet[9] = 1;
  std::copy(from.begin(), from.end(), packet.begin() + 12);
  std::copy(to.begin(), to.end(), packet.begin() + 16);
  const auto checksum = [&packet](std::size_t begin, std::size_t end) {
    std::uint32_t sum = 0;
    for (std::size_t i = begin; i < end; i += 2) sum += static_cast<std::uint32_t>(packet[i] << 8 | packet[i + 1]);
    while (sum >> 16U != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
  };
  const std::uint16_t ip = checksum(0, 20);
  packet[10] = static_cast<std::uint8_t>(ip >> 8U);
  packet[11] = static_cast<std::uint8_t>(ip);
  packet[20] = 8;
  packet[26] = static_cast<std::uint8_t>(sequence >> 8U);
  packet[27] = static_cast<std::uint8_t>(sequence);
  const std::uint16_t icmp = checksum(20, packet.size());
  packet[22] = static_cast<std::uint8_t>(icmp >> 8U);
  packet[23] = static_cast<std::uint8_t>(icmp);
  return packet;
}

class Network {
public:
  Network(const rrc::CellIntent& intent, SampleRate rate, float noise_var)
    : cell_(rrc::derive_cell(intent).value().cell),
      rate_(rate),
      noise_var_(noise_var),
      length_(static_cast<std::size_t>(rate.hz() / 1000) / nr::slots_per_subframe(cell_.uplink.scs)),
      n2_(ngap::make_n2_pair()),
      n3_(ngap::make_n3_pair()),
      downlink_(length_ * kWindow),
      uplink_(length_ * kWindow)
  {
    auto subscribers = core::Subscribers::open(":memory:");
    REQUIRE(subscribers);
    REQUIRE(subscribers->add({.imsi = "001010123456780", .keys = subscriber()}));
    core = std::make_unique<core::Core>(
        core::CoreConfig{.amf = {.plmn = cell_.plmn, .tac = cell_.tracking_area_code}}, std::move(*subscribers), core::seeded_rand(7));
    core->attach_n2(*n2_.second);
    core->attach_n3(*n3_.second);
    auto made = gnb::Gnb::make({.cell = cell_, .rate = rate, .lead = kGnbLead}, *n2_.first, *n3_.first);
    REQUIRE(made);
    gnb = std::move(*made);
    ue = std::make_unique<ue::Ue>(ue::UeConfig{
        .modem = {.rate = rate, .selection = {.band = intent.band, .tuned = cell_.downlink.center}},
        .nas = {.usim = {.home = cell_.plmn, .msin = "0123456780", .subscriber = subscriber()}},
        .rrc = {.plmns = {cell_.plmn}}});
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i, ++tick_) {
      const SampleTime time(tick_ * static_cast<std::int64_t>(length_));
      core->run(to_duration(time - SampleTime(0), rate_));
      exchange(*gnb, uplink_, downlink_, time, kGnbLead);
      exchange(*ue, downlink_, uplink_, time, kUeLead);
    }
  }

  std::unique_ptr<core::Core> core;
  std::unique_ptr<gnb::Gnb> gnb;
  std::unique_ptr<ue::Ue> ue;

private:
  std::span<Cf32> window(std::vector<Cf32>& samples, std::int64_t tick)
  {
    return std::span(samples).subspan(static_cast<std::size_t>(tick % std::int64_t{kWindow}) * length_, length_);
  }

  template <class Node>
  void exchange(Node& node, std::vector<Cf32>& from, std::vector<Cf32>& to, SampleTime time, std::int64_t lead)
  {
    const std::span<Cf32> heard = window(from, tick_);
    for (Cf32& s : heard) s += Cf32(normal_(random_), normal_(random_)) * std::sqrt(noise_var_ / 2.0F);
    const RxSlot in{.index = tick_, .time = time, .samples = IqSpan(heard)};
    TxSlot out{.index = tick_ + lead,
               .time = time + SampleCount(lead * static_cast<std::int64_t>(length_)),
               .samples = IqSpan(window(to, tick_ + lead))};
    (void)node(in, out);
  }

  nr::Cell cell_;
  SampleRate rate_;
  float noise_var_;
  std::size_t length_;
  std::pair<std::unique_ptr<ngap::N2Link>, std::unique_ptr<ngap::N2Link>> n2_;
  std::pair<std::unique_ptr<ngap::N3Link>, std::unique_ptr<ngap::N3Link>> n3_;
  std::vector<Cf32> downlink_, uplink_;
  std::int64_t tick_ = 0;
  std::mt19937 random_{3};
  std::normal_distribution<float> normal_;
};

void attach_and_ping(const rrc::CellIntent& intent, SampleRate rate)
{
  CAPTURE(intent.band);
  auto network = std::make_unique<Network>(intent, rate, 1e-6F);
  for (unsigned i = 0; i < 200 && !network->ue->status().address; ++i) network->run(10);
  const ue::UeStatus& status = network->ue->status();
  for (std::size_t rung = 0; rung < ue::kNumRungs; ++rung) {
    CAPTURE(rung);
    INFO(status.trouble);
    REQUIRE(status.reached[rung]);
  }
  const auto in_step = *status.reached[static_cast<std::size_t>(ue::Rung::cell_found)];
  const auto attached = *status.reached[static_cast<std::size_t>(ue::Rung::session)];
  MESSAGE("n", intent.band, ": attached ", (attached - in_step).count(), " ms of network time after the cell was found");
  CHECK((attached - in_step).count() < 300);
  REQUIRE(status.address);
  CHECK(*status.address == nas::Ipv4{10, 45, 0, 2});

  network->run(50);  // the session's bearer comes right behind the address
  unsigned num_answers = 0;
  unsigned num_slots = 0;
  for (std::uint16_t sequence = 0; sequence < 10; ++sequence) {
    REQUIRE(network->ue->send_packet(echo_request(*status.address, {10, 45, 0, 1}, sequence)));
    std::vector<std::uint8_t> answer;
    for (unsigned slots = 0; slots < 200 && answer.empty(); ++slots, ++num_slots) {
      network->run(1);
      const std::span<const std::uint8_t> packet = network->ue->take_packet();
      answer.assign(packet.begin(), packet.end());
    }
    num_answers += answer.size() == 60 && answer[20] == 0 && answer[27] == sequence ? 1 : 0;
  }
  CHECK(num_answers == 10);
  const double rtt_ms = num_slots / 10.0 / nr::slots_per_subframe(intent.band == 78 ? nr::Scs::khz30 : nr::Scs::khz15);
  MESSAGE("n", intent.band, ": round trip ", rtt_ms, " ms of network time on average");
  CHECK(rtt_ms <= 20.0);
}

}  // namespace

TEST_CASE("network: a UE attaches to gNB and core over samples, gets an address, and its ping is answered: FDD 10 MHz")
{
  attach_and_ping({.band = 3, .bandwidth = Hertz(10e6)}, SampleRate(11'520'000));
}

TEST_CASE("network: a UE attaches to gNB and core over samples, gets an address, and its ping is answered: TDD 20 MHz")
{
  attach_and_ping({.band = 78, .bandwidth = Hertz(20e6)}, SampleRate(23'040'000));
}

}  // namespace ravi
