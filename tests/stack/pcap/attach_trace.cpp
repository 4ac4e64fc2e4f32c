// Writes the pcapng file of a UE's life, from an unknown cell to an answered ping: attach_trace FILE BAND FORM. BAND: 3, 78. FORM: text,
// heuristic.

#include "stack/core/core.h"
#include "stack/gnb/gnb.h"
#include "stack/pcap/capture.h"
#include "stack/rrc/derive_cell.h"
#include "stack/ue/ue.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace ravi;

namespace {

constexpr std::int64_t kGnbLead = 2;  // slots
constexpr std::int64_t kUeLead = 1;
constexpr std::size_t kWindow = 8;    // slots of samples in the air

template <class T>
T or_die(Result<T> result)
{
  if (!result) {
    std::cerr << result.error().message << "\n";
    std::exit(1);
  }
  return std::move(*result);
}

/// The subscriber of srsUE's example configuration.
security::Subscriber subscriber()
{
  return {.k = *core::parse_key("00112233445566778899aabbccddeeff"), .opc = *core::parse_key("63bfa50ee6523365ff14c1f45f88737d")};
}

class Network {
public:
  Network(const rrc::CellIntent& intent, SampleRate rate, pcap::Capture& capture)
    : cell_(or_die(rrc::derive_cell(intent)).cell),
      rate_(rate),
      length_(static_cast<std::size_t>(rate.hz() / 1000) / nr::slots_per_subframe(cell_.uplink.scs)),
      n2_(ngap::make_n2_pair()),
      n3_(ngap::make_n3_pair()),
      core_tap_(capture.add_tap(pcap::Node::core, "core")),
      downlink_(length_ * kWindow),
      uplink_(length_ * kWindow)
  {
    auto subscribers = or_die(core::Subscribers::open(":memory:"));
    (void)subscribers.add({.imsi = "001010123456780", .keys = subscriber()});
    core_ = std::make_unique<core::Core>(core::CoreConfig{.amf = {.plmn = cell_.plmn, .tac = cell_.tracking_area_code}},
                                         std::move(subscribers), core::seeded_rand(7));
    core_->amf().nas_trace = [this](bool is_uplink, std::uint64_t amf_ue_id, std::span<const std::uint8_t> plain) {
      core_tap_.nas(is_uplink ? nr::LinkDirection::uplink : nr::LinkDirection::downlink, static_cast<std::uint32_t>(amf_ue_id), plain);
    };
    core_->attach_n2(*n2_.second);
    core_->attach_n3(*n3_.second);
    gnb_ = or_die(gnb::Gnb::make({.cell = cell_, .rate = rate, .lead = kGnbLead, .tap = &capture.add_tap(pcap::Node::gnb, "gNB")},
                                 *n2_.first, *n3_.first));
    ue = std::make_unique<ue::Ue>(ue::UeConfig{
        .modem = {.rate = rate, .selection = {.band = intent.band, .tuned = cell_.downlink.center}},
        .nas = {.usim = {.home = cell_.plmn, .msin = "0123456780", .subscriber = subscriber()}},
        .rrc = {.plmns = {cell_.plmn}}});
  }

  void run(unsigned num_slots)
  {
    for (unsigned i = 0; i < num_slots; ++i, ++tick_) {
      const SampleTime time(tick_ * static_cast<std::int64_t>(length_));
      core_tap_.set_time(to_duration(time - SampleTime(0), rate_));
      core_->run(to_duration(time - SampleTime(0), rate_));
      exchange(*gnb_, uplink_, downlink_, time, kGnbLead);
      exchange(*ue, downlink_, uplink_, time, kUeLead);
    }
  }

  std::unique_ptr<ue::Ue> ue;

private:
  template <class Node>
  void exchange(Node& node, std::vector<Cf32>& from, std::vector<Cf32>& to, SampleTime time, std::int64_t lead)
  {
    const auto window = [this](std::vector<Cf32>& samples, std::int64_t tick) {
      return std::span(samples).subspan(static_cast<std::size_t>(tick % std::int64_t{kWindow}) * length_, length_);
    };
    TxSlot out{.index = tick_ + lead,
               .time = time + SampleCount(lead * static_cast<std::int64_t>(length_)),
               .samples = IqSpan(window(to, tick_ + lead))};
    (void)node({.index = tick_, .time = time, .samples = IqSpan(window(from, tick_))}, out);
    node.run_procedures();
  }

  nr::Cell cell_;
  SampleRate rate_;
  std::size_t length_;
  std::pair<std::unique_ptr<ngap::N2Link>, std::unique_ptr<ngap::N2Link>> n2_;
  std::pair<std::unique_ptr<ngap::N3Link>, std::unique_ptr<ngap::N3Link>> n3_;
  pcap::Tap& core_tap_;
  std::unique_ptr<core::Core> core_;
  std::unique_ptr<gnb::Gnb> gnb_;
  std::vector<Cf32> downlink_, uplink_;
  std::int64_t tick_ = 0;
};

std::vector<std::uint8_t> ping(const nas::Ipv4& from, unsigned size)
{
  std::vector<std::uint8_t> packet(size);
  const std::vector<std::uint8_t> head{0x45, 0, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size), 0, 0, 0, 0, 64, 1, 0, 0,
                                       from[0], from[1], from[2], from[3], 10, 45, 0, 1, 8, 0, 0xF7, 0xFF};
  std::copy(head.begin(), head.end(), packet.begin());
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += static_cast<std::uint32_t>(packet[i] << 8 | packet[i + 1]);
  while (sum >> 16U != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
  packet[10] = static_cast<std::uint8_t>(~sum >> 8U);
  packet[11] = static_cast<std::uint8_t>(~sum);
  return packet;
}

}  // namespace

int main(int argc, char** argv)
{
  if (argc != 4) return 2;
  const bool is_tdd = std::string_view(argv[2]) == "78";
  const rrc::CellIntent intent{.band = is_tdd ? 78U : 3U, .bandwidth = Hertz(is_tdd ? 20e6 : 10e6)};
  const auto capture = or_die(pcap::Capture::open({.file = argv[1],
                                                   .mac = std::string_view(argv[3]) == "text" ? pcap::MacForm::text : pcap::MacForm::heuristic,
                                                   .duplex = is_tdd ? nr::Duplex::tdd : nr::Duplex::fdd}));
  Network network(intent, SampleRate(is_tdd ? 23'040'000 : 11'520'000), *capture);
  for (unsigned i = 0; i < 200 && !network.ue->status().address; ++i) {
    network.run(10);
    capture->drain();
  }
  if (!network.ue->status().address) return 1;
  network.run(50);
  unsigned num_answers = 0;
  for (unsigned i = 0; i < 5; ++i) {
    (void)network.ue->send_packet(ping(*network.ue->status().address, 60 + 300 * i));
    network.run(60);
    num_answers += network.ue->take_packet().empty() ? 0 : 1;
    capture->drain();
  }
  capture->finish();
  std::cout << capture->counters().packets << " packets, " << capture->counters().dropped << " dropped, " << num_answers << " pings answered\n";
  return num_answers == 5 ? 0 : 1;
}
