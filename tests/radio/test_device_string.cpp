#include "radio/device_string.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace ravi;

TEST_CASE("radio string: driver, arguments and target are told apart")
{
  const auto uhd = parse_device_string("uhd:type=b200,clock=gpsdo");
  REQUIRE(uhd);
  CHECK(uhd->driver == "uhd");
  CHECK(uhd->get("type") == "b200");
  CHECK(uhd->get("clock") == "gpsdo");
  CHECK_FALSE(uhd->get("time"));

  const auto zmq = parse_device_string("zmq:tx=tcp://*:2000,rx=tcp://127.0.0.1:2001");
  REQUIRE(zmq);
  CHECK(zmq->get("tx") == "tcp://*:2000");
  CHECK(zmq->get("rx") == "tcp://127.0.0.1:2001");

  const auto air = parse_device_string("air:ue1@tcp://127.0.0.1:5550,format=sc16");
  REQUIRE(air);
  CHECK(air->target == "ue1@tcp://127.0.0.1:5550");
  CHECK(air->get("format") == "sc16");

  const auto file = parse_device_string("file:/data/a b=c.sigmf-meta,loop=yes");
  REQUIRE(file);
  CHECK(file->target == "/data/a b=c.sigmf-meta");  // "/data/a b" is no key
  CHECK(file->get("loop") == "yes");

  const auto bare = parse_device_string("uhd");
  REQUIRE(bare);
  CHECK(bare->arguments.empty());
}

TEST_CASE("radio string: quotes keep commas")
{
  const auto device = parse_device_string("soapy:driver=lime,label=\"a,b\",file=\"x,y\"");
  REQUIRE(device);
  CHECK(device->get("label") == "a,b");
  CHECK(device->get("file") == "x,y");
}

TEST_CASE("radio string: what cannot be meant is refused with a reason")
{
  for (const char* text : {"", ":", ":a=b", "UHD:type=b200", "uhd:a=1,a=2", "uhd:=5", "file:a,b", "uhd:x=\"a", "u hd:",
                           "uhd:a=\n", "uhd:a=\x7f"}) {
    CAPTURE(text);
    const auto device = parse_device_string(text);
    REQUIRE_FALSE(device);
    CHECK(device.error().code == ErrorCode::bad_input);
    CHECK_FALSE(device.error().message.empty());
  }
  CHECK_FALSE(parse_device_string(std::string(5000, 'a')));
}

TEST_CASE("radio string: an unknown argument is answered with the nearest known one")
{
  const auto device = parse_device_string("zmq:txx=tcp://*:2000");
  REQUIRE(device);
  const auto allowed = device->allow_only({"tx", "rx", "format"});
  REQUIRE_FALSE(allowed);
  CHECK(allowed.error().message.find("'txx'") != std::string::npos);
  CHECK(allowed.error().message.find("did you mean 'tx'") != std::string::npos);
  CHECK(device->allow_only({"txx"}));
}

TEST_CASE("radio string: no bytes crash the parser")
{
  std::mt19937 random(7);
  const std::string good = "soapy:driver=lime,label=\"a,b\",rx=tcp://127.0.0.1:2001";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good.substr(0, random() % (good.size() + 1));
    for (int flips = static_cast<int>(random() % 4); flips > 0 && !text.empty(); --flips) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    const auto device = parse_device_string(text);
    if (device) CHECK_FALSE(device->driver.empty());
  }
}
