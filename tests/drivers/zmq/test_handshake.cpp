#include "drivers/zmq/handshake.h"

#include "drivers/zmq/air_radio.h"
#include "radio/device_string.h"
#include "tests/drivers/zmq/zmq_pair.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace ravi;
using namespace ravi::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* kHello =
    R"({"ravi":1,"hello":{"node":"ue1","sample_rate_hz":11520000,"center_frequency_hz":3.5e9,"num_rx_ports":2,)"
    R"("tx_endpoints":["tcp://127.0.0.1:2001","ipc:///run/x"]}})";
constexpr const char* kWelcome =
    R"({"ravi":1,"welcome":{"sample_rate_hz":11520000,"format":"sc16","rx_endpoints":["tcp://127.0.0.1:2000"]}})";
constexpr const char* kNodes =
    R"({"ravi":1,"nodes":{"sample_rate_hz":23040000,"nodes":[{"name":"a","num_tx_ports":1,"num_rx_ports":2,)"
    R"("is_taken":true,"is_foreign":false,"center_frequency_hz":1e9},{"name":"b","num_tx_ports":0,"num_rx_ports":1,)"
    R"("is_taken":false,"is_foreign":true}]}})";
constexpr const char* kReply = R"({"ravi":1,"reply":"done"})";
constexpr const char* kError = R"({"ravi":1,"error":{"code":"busy","message":"node 'ue1' is taken"}})";

/// Every parser takes any text: the value or an error, never anything else.
void parse_all(const std::string& text)
{
  static_cast<void>(parse_request(text));
  static_cast<void>(parse_welcome(text));
  static_cast<void>(parse_node_list(text));
  static_cast<void>(parse_reply(text));
}

/// A hub with one node "ue1" of one port each way, which gives back what the node sends, two slots later in time.
class EchoHub {
public:
  EchoHub()
  {
    auto opened = HandshakeServer::open("tcp://127.0.0.1:*");
    REQUIRE(opened.has_value());
    server_ = std::move(*opened);
    ZmqConfig config;
    config.role = ZmqRole::hub;
    config.time = ZmqTime::of_hub;
    config.tx = {"tcp://127.0.0.1:*"};
    config.rx = {""};
    radio_ = open_or_fail(config);
    REQUIRE(radio_->start(SampleTime(0)).has_value());
    thread_ = std::thread([this] { run(); });
  }
  ~EchoHub()
  {
    is_to_stop_ = true;
    thread_.join();
  }
  [[nodiscard]] const std::string& address() const { return server_->address(); }

private:
  Result<Welcome> welcome(const Hello& hello)
  {
    if (hello.node != "ue1") return fail(ErrorCode::not_found, "there is no such node");
    if (radio_->peer() == Peer::present) return fail(ErrorCode::busy, "the node is taken");
    if (hello.sample_rate != kRate) return fail(ErrorCode::bad_input, "the rate is another");
    const ZmqFormat format = hello.format.value_or(ZmqFormat::cf32);
    if (auto set = radio_->set_rx_endpoints(hello.tx_endpoints, format); !set) return tl::unexpected(set.error());
    return Welcome{.sample_rate = kRate, .format = format, .rx_endpoints = radio_->tx_endpoints()};
  }

  void run()
  {
    const HubAnswers answers{
        .hello = [this](const Hello& hello) { return welcome(hello); },
        .list =
            [this] {
              return NodeList{kRate, {{.name = "ue1", .is_taken = radio_->peer() == Peer::present}}};
            },
        .command = [](std::string_view text) -> Result<std::string> { return "you said " + std::string(text); }};
    IqBuffer block(1, kSlot);
    while (!is_to_stop_) {
      server_->answer(answers, radio_->peer() == Peer::absent ? 1ms : 0ms);
      const RxResult result = radio_->receive(block.span());
      if (result.status != RxStatus::ok) continue;
      static_cast<void>(radio_->transmit(block.span(), result.time, Burst::goes_on));
    }
  }

  std::unique_ptr<HandshakeServer> server_;
  std::unique_ptr<ZmqRadio> radio_;
  std::atomic<bool> is_to_stop_{false};
  std::thread thread_;
};

Result<std::unique_ptr<Radio>> open_text(const std::string& text)
{
  const auto device = parse_device_string(text);
  REQUIRE(device.has_value());
  return open_air(*device);
}

}  // namespace

TEST_CASE("Handshake: messages as written in the documentation")
{
  const auto request = parse_request(kHello);
  REQUIRE(request.has_value());
  const auto* hello = std::get_if<Hello>(&*request);
  REQUIRE(hello != nullptr);
  CHECK(hello->node == "ue1");
  CHECK(hello->sample_rate == SampleRate(11'520'000));
  CHECK(hello->center_frequency == Hertz(3.5e9));
  CHECK(hello->num_rx_ports == 2);
  CHECK(hello->tx_endpoints == std::vector<std::string>{"tcp://127.0.0.1:2001", "ipc:///run/x"});

  const auto welcome = parse_welcome(kWelcome);
  REQUIRE(welcome.has_value());
  CHECK(welcome->format == ZmqFormat::sc16);
  CHECK(welcome->rx_endpoints == std::vector<std::string>{"tcp://127.0.0.1:2000"});

  const auto nodes = parse_node_list(kNodes);
  REQUIRE(nodes.has_value());
  CHECK(nodes->sample_rate == SampleRate(23'040'000));
  REQUIRE(nodes->nodes.size() == 2);
  CHECK(nodes->nodes[0].is_taken);
  CHECK(nodes->nodes[0].center_frequency == Hertz(1e9));
  CHECK(nodes->nodes[1].is_foreign);
  CHECK_FALSE(nodes->nodes[1].center_frequency.has_value());

  CHECK(parse_reply(kReply).value() == "done");
  const auto refused = parse_welcome(kError);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::busy);
  CHECK(refused.error().message == "node 'ue1' is taken");
  CHECK(std::holds_alternative<ListRequest>(parse_request(R"({"ravi":1,"list":{}})").value()));
  CHECK(std::get<CommandRequest>(parse_request(R"({"ravi":1,"command":"gain a b -3dB"})").value()).text == "gain a b -3dB");
}

TEST_CASE("Handshake: what is written is read back the same, whatever the texts hold")
{
  for (const std::string name : {"ue1", "", "\"quoted\"\\", "\xFF\xFE not UTF-8", "line\nbreak"}) {
    const bool is_utf8 = name.find('\xFF') == std::string::npos;
    const Hello hello{.node = name, .sample_rate = SampleRate(1), .num_rx_ports = 0, .tx_endpoints = {name}};
    const auto request = parse_request(to_message(hello));
    REQUIRE(request.has_value());
    CHECK_FALSE(std::get<Hello>(*request).center_frequency.has_value());
    CHECK_FALSE(std::get<Hello>(*request).format.has_value());
    if (is_utf8) CHECK(std::get<Hello>(*request).node == name);
    const auto error = parse_welcome(to_message(Error{ErrorCode::refused, name}));
    REQUIRE_FALSE(error.has_value());
    CHECK(error.error().code == ErrorCode::refused);
    if (is_utf8) CHECK(error.error().message == name);
  }
  for (const ZmqFormat format : {ZmqFormat::cf32, ZmqFormat::sc16}) {
    CHECK(std::get<Hello>(parse_request(to_message(Hello{.node = "a", .format = format})).value()).format == format);
    const Hello again{.node = "a", .earliest = kLatestHello};
    CHECK(std::get<Hello>(parse_request(to_message(again)).value()).earliest == kLatestHello);
    const Welcome welcome{.sample_rate = SampleRate(1), .format = format, .rx_endpoints = {}};
    CHECK(parse_welcome(to_message(welcome)).value().format == format);
  }
  const NodeList nodes{SampleRate(5), {{.name = "n", .num_tx_ports = 8, .is_taken = true, .center_frequency = Hertz(7.5)}}};
  const auto read = parse_node_list(to_message(nodes));
  REQUIRE(read.has_value());
  CHECK(read->nodes[0].num_tx_ports == 8);
  CHECK(read->nodes[0].center_frequency == Hertz(7.5));
}

TEST_CASE("Handshake: another version, wrong types and values out of range are refused")
{
  CHECK(parse_request(R"({"ravi":2,"list":{}})").error().message.find("version") != std::string::npos);
  const std::vector<std::string> bad{
      "", "[]", "null", "{}", R"({"ravi":1})", R"({"ravi":"1","list":{}})", R"({"ravi":1,"hello":[]})",
      R"({"ravi":1,"hello":{}})", R"({"ravi":1,"command":5})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":-1,"num_rx_ports":1,"tx_endpoints":[]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1e6,"num_rx_ports":1,"tx_endpoints":[]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":18446744073709551615,"num_rx_ports":1,"tx_endpoints":[]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":9,"tx_endpoints":[]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":1,"tx_endpoints":[1]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":1,"tx_endpoints":["","","","","","","","",""]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"center_frequency_hz":"x","num_rx_ports":1,"tx_endpoints":[]}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":1,"tx_endpoints":[],"format":"sc8"}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":1,"tx_endpoints":[],"earliest":-1}})",
      R"({"ravi":1,"hello":{"node":"a","sample_rate_hz":1,"num_rx_ports":1,"tx_endpoints":[],"earliest":4503599627370497}})",
      std::string(70'000, ' '), std::string(60'000, '['), R"({"ravi":1,"list":{}} x)"};
  for (const std::string& text : bad) {
    CAPTURE(text.substr(0, 100));
    const auto request = parse_request(text);
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().code == ErrorCode::bad_input);
    parse_all(text);
  }
  CHECK_FALSE(parse_welcome(R"({"ravi":1,"welcome":{"sample_rate_hz":1,"format":"sc8","rx_endpoints":[]}})").has_value());
  CHECK_FALSE(parse_welcome(R"({"ravi":1,"welcome":{"sample_rate_hz":1,"rx_endpoints":[]}})").has_value());
}

TEST_CASE("Handshake: no truncation and no change of bytes does more than give an error")
{
  std::mt19937 random(11);
  for (const std::string whole : {kHello, kWelcome, kNodes, kReply, kError}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      parse_all(whole.substr(0, length));
      CHECK_FALSE(parse_request(whole.substr(0, length)).has_value());
    }
    for (int i = 0; i < 3000; ++i) {
      std::string changed = whole;
      for (std::size_t n = 1 + random() % 4; n > 0; --n) changed[random() % changed.size()] = static_cast<char>(random());
      parse_all(changed);
    }
  }
}

TEST_CASE("Air radio: a node joins by name, streams through the hub, leaves, and can come again")
{
  EchoHub hub;
  std::int64_t num_slots = 0;
  for (int visit = 0; visit < 3; ++visit) {
    auto radio = open_text("air:ue1@" + hub.address());
    REQUIRE_MESSAGE(radio.has_value(), (radio ? std::string{} : radio.error().message));
    CHECK((*radio)->set_sample_rate(kRate).has_value());
    REQUIRE((*radio)->start(SampleTime(0)).has_value());
    Node node(**radio, 12);
    node.wait();
    REQUIRE(node.blocks.size() == 12);
    // The hub's time goes on from visit to visit, and is the node's from its first sample on.
    const std::int64_t joined = node.blocks.front().result.time.value();
    CHECK(joined >= num_slots * kSlot);
    CHECK(joined % kSlot == 0);
    CHECK(node.blocks.front().result.lost == SampleCount(0));
    num_slots = joined / kSlot + 12;
    for (const auto& block : node.blocks) CHECK(is_in_place(block, 0, joined + 4 * kSlot));
    CHECK(list_nodes(hub.address(), 1000ms)->nodes[0].is_taken);
    const auto second = open_text("air:ue1@" + hub.address());
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::busy);
    radio->reset();
    for (int i = 0; i < 1000 && list_nodes(hub.address(), 1000ms)->nodes[0].is_taken; ++i) std::this_thread::sleep_for(1ms);
  }
}

TEST_CASE("Air radio: a node that asks for sc16 gets it, and cf32 the next time")
{
  EchoHub hub;
  for (const std::string format : {"sc16", "cf32"}) {
    auto radio = open_text("air:ue1@" + hub.address() + ",format=" + format);
    REQUIRE_MESSAGE(radio.has_value(), (radio ? std::string{} : radio.error().message));
    REQUIRE((*radio)->start(SampleTime(0)).has_value());
    IqBuffer rx(1, kSlot);
    IqBuffer tx(1, kSlot);
    for (auto& sample : tx.channel()) sample = {0.3F, -0.7F};
    for (int slot = 0; slot < 3; ++slot) {
      const RxResult received = receive_patiently(**radio, rx.span());
      REQUIRE(received.status == RxStatus::ok);
      const float error = std::abs(rx.channel()[999] - (slot == 0 ? Cf32{} : tx.channel()[999]));
      CHECK(error < 1.0F / 32767.0F);
      CHECK((error > 0.0F) == (slot > 0 && format == "sc16"));
      const SampleTime next = received.time + SampleCount(kSlot);
      REQUIRE((*radio)->transmit(tx.span(), next, Burst::goes_on).status == TxStatus::ok);
    }
    radio->reset();
    for (int i = 0; i < 1000 && list_nodes(hub.address(), 1000ms)->nodes[0].is_taken; ++i) std::this_thread::sleep_for(1ms);
  }
  CHECK(open_text("air:ue1@" + hub.address() + ",format=sc8").error().code == ErrorCode::bad_input);
}

TEST_CASE("Air radio: what does not fit is refused within a second, with the reason")
{
  EchoHub hub;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(open_text("air:ue2@" + hub.address()).error().code == ErrorCode::not_found);
  CHECK(open_text("air:ue1@" + hub.address() + ",rate=23.04MHz").error().code == ErrorCode::bad_input);
  CHECK(open_text("air:@" + hub.address()).error().code == ErrorCode::bad_input);
  CHECK(open_text("air:ue1@nowhere").error().code == ErrorCode::bad_input);
  auto radio = open_text("air:ue1@" + hub.address());
  REQUIRE(radio.has_value());
  CHECK_FALSE((*radio)->set_sample_rate(SampleRate(1'000'000)).has_value());
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  const auto alone = open_text("air:ue1@" + free_ipc());
  REQUIRE_FALSE(alone.has_value());
  CHECK(alone.error().code == ErrorCode::not_found);
}

TEST_CASE("Air radio: the wait for a hub that is not there ends when the program is to stop")
{
  const auto device = parse_device_string("air:ue1@" + free_ipc());
  REQUIRE(device.has_value());
  for (const bool is_stopped_before : {true, false}) {
    std::atomic<bool> stop{is_stopped_before};
    std::atomic<bool> is_begun{false};
    std::thread user([&] {
      while (!is_begun) std::this_thread::yield();
      std::this_thread::sleep_for(10ms);
      stop = true;
    });
    const auto begin = std::chrono::steady_clock::now();
    is_begun = true;
    const auto radio = open_air(*device, &stop);
    const auto end = std::chrono::steady_clock::now();
    user.join();
    REQUIRE_FALSE(radio.has_value());
    CHECK(radio.error().message.find("stopped while waiting") != std::string::npos);
    CHECK(end - begin < 2s);  // 60 ms on a quiet machine; 5 s without the wish
  }
}

TEST_CASE("Handshake: commands are answered; a second hub at the same address is refused")
{
  EchoHub hub;
  CHECK(send_command(hub.address(), "gain \"a\" -3 dB").value() == "you said gain \"a\" -3 dB");
  const auto second = HandshakeServer::open(hub.address());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::busy);
}
