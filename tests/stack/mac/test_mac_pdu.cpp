#include "stack/mac/mac_pdu.h"

#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace ravi::mac {
namespace {

struct Item {
  std::uint8_t lcid;
  std::vector<std::uint8_t> payload;
};

Item random_item(std::mt19937& random, Direction direction, std::size_t max_sdu)
{
  while (true) {
    const auto id = static_cast<std::uint8_t>(random() % 64);
    const SubPduSize size = sub_pdu_size(direction, id);
    if (size.kind == SizeKind::padding || size.kind == SizeKind::reserved) continue;
    Item item{id, {}};
    item.payload.resize(size.kind == SizeKind::fixed ? size.octets : 1 + random() % max_sdu);
    for (auto& octet : item.payload) octet = static_cast<std::uint8_t>(random());
    return item;
  }
}

}  // namespace

TEST_CASE("MAC PDU: what is written is read again, padding included, at every size [TS 38.321 §6.1.2]")
{
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const Direction direction = round % 2 == 0 ? Direction::downlink : Direction::uplink;
    std::vector<std::uint8_t> block(1 + random() % 1200, 0xEE);
    MacPduWriter writer(direction, block);
    std::vector<Item> items;
    while (true) {
      Item item = random_item(random, direction, 400);
      if (!writer.add(item.lcid, item.payload)) break;
      items.push_back(std::move(item));
    }
    const std::size_t padding = writer.remaining();
    writer.finish();
    MacPduReader reader(direction, block);
    for (const Item& item : items) {
      const auto sub_pdu = reader.next();
      REQUIRE(sub_pdu.has_value());
      CHECK(sub_pdu->lcid == item.lcid);
      CHECK(std::vector<std::uint8_t>(sub_pdu->payload.begin(), sub_pdu->payload.end()) == item.payload);
    }
    CHECK_FALSE(reader.next().has_value());
    CHECK_FALSE(reader.is_malformed());
    CHECK(reader.padding_octets() == padding);
  }
}

TEST_CASE("MAC PDU: an SDU written in place gets the shorter subheader that its size allows, and fills the block exactly")
{
  for (std::size_t size = 3; size < 600; ++size) {
    for (std::size_t written : {std::size_t{1}, size / 2, size}) {
      std::vector<std::uint8_t> block(size, 0xEE);
      MacPduWriter writer(Direction::downlink, block);
      const auto room = writer.sdu_room(100'000);
      REQUIRE(room.size() == writer.max_sdu_size());
      const std::size_t count = std::min(std::max<std::size_t>(written, 1), room.size());
      for (std::size_t i = 0; i < count; ++i) room[i] = static_cast<std::uint8_t>(i);
      writer.commit_sdu(4, count);
      CHECK(writer.remaining() == size - count - (count < 256 ? 2 : 3));
      writer.finish();
      MacPduReader reader(Direction::downlink, block);
      const auto sdu = reader.next();
      REQUIRE(sdu.has_value());
      REQUIRE(sdu->payload.size() == count);
      CHECK(sdu->payload[count - 1] == static_cast<std::uint8_t>(count - 1));
    }
  }
}

TEST_CASE("MAC PDU: a reserved LCID or a length beyond the end stops the walk and keeps what came before [TS 38.321 §5.13]")
{
  const std::vector<std::uint8_t> reserved{0x3D, 0x1F, 0x24, 0x00, 0x3F};
  MacPduReader reader(Direction::downlink, reserved);
  CHECK(reader.next()->lcid == lcid::timing_advance_command);
  CHECK_FALSE(reader.next().has_value());
  CHECK(reader.is_malformed());
  CHECK_FALSE(reader.next().has_value());

  const std::vector<std::uint8_t> too_long{0x3D, 0x1F, 0x01, 0x05, 1, 2, 3, 4};
  MacPduReader second(Direction::downlink, too_long);
  CHECK(second.next().has_value());
  CHECK_FALSE(second.next().has_value());
  CHECK(second.is_malformed());
}

TEST_CASE("MAC PDU: every truncation and random octets are read without harm")
{
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> noise(random() % 80);
    for (auto& octet : noise) octet = static_cast<std::uint8_t>(random());
    MacPduReader reader(round % 2 == 0 ? Direction::downlink : Direction::uplink, noise);
    std::size_t total = 0;
    while (const auto sub_pdu = reader.next()) total += 1 + sub_pdu->payload.size();
    CHECK(total + reader.padding_octets() <= noise.size());
  }
}

TEST_CASE("MAC PDU: the LCID tables agree with the published ones [TS 38.321 Tables 6.2.1-1, 6.2.1-2]")
{
  for (const Direction direction : {Direction::downlink, Direction::uplink}) {
    const auto rows = nr::test::read_table(direction == Direction::downlink ? "mac_lcid_dl" : "mac_lcid_ul");
    if (!rows) return;
    for (const auto& row : *rows) {
      const auto range = nr::test::split(row[0], '-');
      for (unsigned id = nr::test::number(range.front()); id <= nr::test::number(range.back()); ++id) {
        const bool is_reserved = row[1].starts_with("reserved") || row[1].starts_with("\"Extended");
        CAPTURE(row[1]);
        CHECK((sub_pdu_size(direction, static_cast<std::uint8_t>(id)).kind == SizeKind::reserved) == is_reserved);
      }
    }
  }
}

}  // namespace ravi::mac
