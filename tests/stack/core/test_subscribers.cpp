// Subscribers in SQLite: what is kept, what is refused, and that no sequence number comes twice.

#include "stack/core/subscribers.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

using namespace ravi;
using namespace ravi::core;

namespace {

SubscriberData sample(const std::string& imsi = "001010123456780")
{
  SubscriberData subscriber;
  subscriber.imsi = imsi;
  subscriber.keys.k = *parse_key("00112233445566778899aabbccddeeff");
  subscriber.keys.opc = *parse_key("63BFA50EE6523365FF14C1F45F88737D");
  subscriber.sqn = security::Sqn(0x20);
  subscriber.sd = 0x0000AB;
  return subscriber;
}

}  // namespace

TEST_CASE("subscribers: kept as given, listed in order without keys, removed once")
{
  auto subscribers = Subscribers::open(":memory:");
  REQUIRE(subscribers.has_value());
  CHECK(subscribers->add(sample("001010000000002")).has_value());
  CHECK(subscribers->add(sample()).has_value());
  const auto found = subscribers->find("001010123456780");
  REQUIRE(found.has_value());
  CHECK(found->keys.k == sample().keys.k);
  CHECK(found->keys.opc == sample().keys.opc);
  CHECK(found->amf == security::kAmf5g);
  CHECK(found->sd == 0xAB);
  const auto list = subscribers->list();
  REQUIRE(list.has_value());
  REQUIRE(list->size() == 2);
  CHECK(list->at(0).imsi == "001010000000002");
  CHECK(list->at(1).dnns == "internet");
  CHECK(subscribers->remove("001010123456780").value());
  CHECK_FALSE(subscribers->remove("001010123456780").value());
  CHECK_FALSE(subscribers->find("001010123456780").has_value());
}

TEST_CASE("subscribers: a second one of an IMSI and impossible values are refused")
{
  auto subscribers = Subscribers::open(":memory:");
  CHECK(subscribers->add(sample()).has_value());
  CHECK(subscribers->add(sample()).error().code == ErrorCode::bad_input);
  CHECK(subscribers->add(sample("12ab567")).error().code == ErrorCode::bad_input);
  CHECK(subscribers->add(sample("1234567890123456")).error().code == ErrorCode::bad_input);
  CHECK_FALSE(parse_key("00112233445566778899aabbccddeef").has_value());
  CHECK_FALSE(parse_key("00112233445566778899aabbccddeeg0").has_value());
  CHECK(imsi_digits("imsi-001010123456780") == "001010123456780");
  CHECK_FALSE(imsi_digits("nai-x").has_value());
}

TEST_CASE("subscribers: sequence numbers go up, also over a restart, and follow a resynchronization")
{
  const std::string file = (std::filesystem::temp_directory_path() / ("ravi-subscribers-" + std::to_string(::getpid()) + ".db")).string();
  std::filesystem::remove(file);
  std::uint64_t last = 0;
  for (int run = 0; run < 3; ++run) {
    auto subscribers = Subscribers::open(file);
    REQUIRE(subscribers.has_value());
    if (run == 0) CHECK(subscribers->add(sample()).has_value());
    for (int i = 0; i < 5; ++i) {
      const auto sqn = subscribers->take_sqn("001010123456780");
      REQUIRE(sqn.has_value());
      CHECK(sqn->value() > last);
      last = sqn->value();
    }
  }
  auto subscribers = Subscribers::open(file);
  const security::Sqn mobile(last + (std::uint64_t{1000} << 5));
  CHECK(subscribers->resynchronize("001010123456780", mobile));
  CHECK(subscribers->take_sqn("001010123456780")->seq() > mobile.seq());
  CHECK_FALSE(subscribers->take_sqn("001019999999999").has_value());
  std::filesystem::remove(file);
}

TEST_CASE("subscribers: a file that is none is refused")
{
  const std::string file = (std::filesystem::temp_directory_path() / ("ravi-no-subscribers-" + std::to_string(::getpid()) + ".db")).string();
  std::ofstream(file) << std::string(4096, 'x');
  const auto subscribers = Subscribers::open(file);
  REQUIRE_FALSE(subscribers.has_value());
  CHECK(subscribers.error().code == ErrorCode::bad_input);
  CHECK_FALSE(Subscribers::open("/no/such/folder/file.db").has_value());
  std::filesystem::remove(file);
}
