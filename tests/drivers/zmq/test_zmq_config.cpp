#include "drivers/zmq/zmq_radio.h"

#include "tests/drivers/zmq/zmq_pair.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace ravi;
using namespace ravi::testing;

namespace {

Result<ZmqConfig> parse(const std::string& text)
{
  const auto device = parse_device_string(text);
  REQUIRE(device.has_value());
  return parse_zmq_config(*device);
}

std::string error_of(const std::string& text)
{
  const auto device = parse_device_string(text);
  REQUIRE(device.has_value());
  const auto radio = open_zmq(*device);
  REQUIRE_FALSE(radio.has_value());
  return radio.error().message;
}

}  // namespace

TEST_CASE("ZMQ string: ports, format, rate and sizes")
{
  const auto one = parse("zmq:tx=tcp://*:2000,rx=tcp://127.0.0.1:2001");
  REQUIRE(one.has_value());
  CHECK(one->tx == std::vector<std::string>{"tcp://*:2000"});
  CHECK(one->rx == std::vector<std::string>{"tcp://127.0.0.1:2001"});
  CHECK(one->format == ZmqFormat::cf32);
  CHECK(one->role == ZmqRole::node);

  const auto many = parse("zmq:tx0=ipc:///run/a,tx1=ipc:///run/b,rx0=tcp://h:1,format=sc16,rate=23.04MHz,ring=4096,message=512");
  REQUIRE(many.has_value());
  CHECK(many->tx == std::vector<std::string>{"ipc:///run/a", "ipc:///run/b"});
  CHECK(many->rx.size() == 1);
  CHECK(many->format == ZmqFormat::sc16);
  CHECK(many->sample_rate == SampleRate(23'040'000));
  CHECK(many->ring_samples == 4096);
  CHECK(many->message_samples == 512);
}

TEST_CASE("ZMQ string: what cannot be used is refused with the value and what to write")
{
  const auto says = [](const std::string& text, const std::string& part) {
    const std::string message = error_of(text);
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  says("zmq:", "tcp://127.0.0.1:2000");
  says("zmq:tx=2000", "tcp://HOST:PORT");
  says("zmq:tx=tcp://localhost", "tcp://HOST:PORT");
  says("zmq:tx=tcp://127.0.0.1:70000", "tcp://HOST:PORT");
  says("zmq:tx=tcp://127.0.0.1:x", "tcp://HOST:PORT");
  says("zmq:tx=inproc://x", "tcp://HOST:PORT");
  says("zmq:tx=", "no endpoint");
  says("zmq:tx=ipc://" + std::string(200, 'x'), "too long");
  says("zmq:tx=tcp://127.0.0.1:2000,rx=tcp://127.0.0.1:2000", "given twice");
  says("zmq:tx1=tcp://127.0.0.1:2000", "tx0");
  says("zmq:tx=tcp://127.0.0.1:1,tx0=tcp://127.0.0.1:2", "either");
  says("zmq:tx=tcp://127.0.0.1:1,format=sc8", "cf32 or sc16");
  says("zmq:tx=tcp://127.0.0.1:1,message=614401", "614400");
  says("zmq:tx=tcp://127.0.0.1:1,ring=12", "1024");
  says("zmq:tx=tcp://127.0.0.1:1,rate=-1", "-1");
  says("zmq:tx=tcp://127.0.0.1:1,base_srate=1", "base_srate");
  says("zmq:tcp://127.0.0.1:1", "KEY=VALUE");
}

TEST_CASE("ZMQ: controls answer with what is really set, and refuse what does not exist")
{
  Pair pair = open_pair(Transport::ipc, 2);
  ZmqRadio& radio = *pair.a;
  const RadioDescription description = radio.describe();
  CHECK(description.driver == "zmq");
  CHECK_FALSE(description.is_hardware);
  CHECK(description.receive.size() == 2);
  CHECK(description.transmit.size() == 2);
  CHECK(radio.set_gain(Direction::transmit, 1, Decibel(500.0)).value() == description.transmit[1].gain.high);
  CHECK_FALSE(radio.set_gain(Direction::transmit, 2, Decibel(0.0)).has_value());
  CHECK(radio.tune(Direction::receive, 0, {.center = Hertz(3.5e9)})->center == Hertz(3.5e9));
  CHECK(radio.tune(Direction::receive, 0, {.center = Hertz(1.0), .at = SampleTime(5)}).error().code ==
        ErrorCode::unsupported);
  CHECK(radio.set_antenna(Direction::receive, 0, "RX2").error().code == ErrorCode::unsupported);
  CHECK(radio.set_reference({.clock = "external", .time = "internal"}).error().code == ErrorCode::unsupported);
  CHECK(radio.set_bandwidth(Direction::receive, 0, Hertz(1e6)).value() == kRate.bandwidth());
  CHECK_FALSE(radio.set_sample_rate(SampleRate(0)).has_value());
  REQUIRE(radio.start(SampleTime(0)).has_value());
  CHECK(radio.set_sample_rate(kRate).error().code == ErrorCode::busy);
  CHECK(radio.start(SampleTime(0)).error().code == ErrorCode::busy);
  radio.stop();
  radio.stop();
  IqBuffer block(2, 10);
  CHECK(radio.receive(block.span()).status == RxStatus::ended);
  CHECK(radio.transmit(block.span(), SampleTime(0), Burst::ends).status == TxStatus::failed);
}

TEST_CASE("ZMQ: a start without a sample rate is refused")
{
  ZmqConfig config;
  config.tx = {free_ipc()};
  auto radio = open_zmq(config);
  REQUIRE(radio.has_value());
  CHECK((*radio)->start(SampleTime(0)).error().code == ErrorCode::bad_input);
}
