#include "stack/mac/mac_ce.h"

#include "tests/stack/nr/reference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace ravi::mac {

TEST_CASE("BSR: the buffer size tables are the published ones [TS 38.321 Tables 6.1.3.1-1, 6.1.3.1-2]")
{
  const auto five = nr::test::read_table("bsr_5bit");
  const auto eight = nr::test::read_table("bsr_8bit");
  if (!five || !eight) return;
  REQUIRE(five->size() == 32);
  REQUIRE(eight->size() == 256);
  for (std::size_t i = 0; i < kBufferSize5.size(); ++i) CHECK(kBufferSize5[i] == nr::test::number((*five)[i][2]));
  for (std::size_t i = 0; i < kBufferSize8.size(); ++i) CHECK(kBufferSize8[i] == nr::test::number((*eight)[i][2]));
}

TEST_CASE("BSR: an index is the smallest that covers the buffer, and beyond the table it says more")
{
  CHECK(buffer_size_index_5(0) == 0);
  CHECK(buffer_size_index_5(1) == 1);
  CHECK(buffer_size_index_5(10) == 1);
  CHECK(buffer_size_index_5(11) == 2);
  CHECK(buffer_size_index_5(150'000) == 30);
  CHECK(buffer_size_index_5(150'001) == 31);
  CHECK(buffer_octets_5(31) == 150'000);
  CHECK(buffer_size_index_8(81'338'368) == 253);
  CHECK(buffer_size_index_8(81'338'369) == 254);
  for (unsigned i = 0; i < 31; ++i) CHECK(buffer_size_index_5(buffer_octets_5(static_cast<std::uint8_t>(i))) == i);
  for (unsigned i = 0; i < 254; ++i) CHECK(buffer_size_index_8(buffer_octets_8(static_cast<std::uint8_t>(i))) == i);
}

TEST_CASE("BSR: short and long elements are read as written, and inconsistent ones are refused [TS 38.321 §6.1.3.1]")
{
  CHECK(encode(ShortBsr{2, 7})[0] == 0x47);
  const std::array<std::uint8_t, 1> octet{0x47};
  CHECK(decode_short_bsr(octet)->lcg == 2);
  CHECK(decode_short_bsr(octet)->index == 7);
  CHECK_FALSE(decode_short_bsr({}).has_value());

  std::array<std::uint8_t, 9> room{};
  const auto written = encode(LongBsr{0b0000'0101, 2, {9, 200}}, room);
  CHECK(std::vector<std::uint8_t>(written.begin(), written.end()) == std::vector<std::uint8_t>{5, 9, 200});
  const auto bsr = decode_long_bsr(written);
  REQUIRE(bsr.has_value());
  CHECK(bsr->groups == 5);
  CHECK(bsr->index[1] == 200);
  CHECK_FALSE(decode_long_bsr(written.first(2)).has_value());
  CHECK(decode_long_truncated_bsr(written.first(2))->num_indices == 1);
  const std::array<std::uint8_t, 10> too_long{0xFF};
  CHECK_FALSE(decode_long_truncated_bsr(too_long).has_value());
  CHECK_FALSE(decode_long_bsr({}).has_value());
}

TEST_CASE("PHR: indices of headroom and maximum power are the published ones [TS 38.133 §10.1.17.1, §10.1.18.1]")
{
  const auto headroom = nr::test::read_table("phr_mapping");
  const auto power = nr::test::read_table("pcmax_mapping");
  if (!headroom || !power) return;
  for (const auto& row : *headroom) {
    const auto index = nr::test::number(row[0]);
    const double low = row[1].empty() ? -40.0 : std::stod(row[1]);
    const double high = row[2].empty() ? 60.0 : std::stod(row[2]);
    CHECK(power_headroom_index(Decibel(low)) == index);
    CHECK(power_headroom_index(Decibel(high - 0.01)) == index);
    CHECK(power_headroom_index(power_headroom_of(static_cast<std::uint8_t>(index))) == index);
  }
  for (const auto& row : *power) {
    const auto index = nr::test::number(row[0]);
    const double low = row[1].empty() ? -40.0 : std::stod(row[1]);
    const double high = row[2].empty() ? 60.0 : std::stod(row[2]);
    CHECK(p_cmax_index(Dbm(low)) == index);
    CHECK(p_cmax_index(Dbm(high - 0.01)) == index);
    CHECK(p_cmax_index(p_cmax_of(static_cast<std::uint8_t>(index))) == index);
  }
}

TEST_CASE("Timing advance, C-RNTI, contention resolution and PHR elements are read as written")
{
  CHECK(encode(TimingAdvanceCommand{1, 30})[0] == 0x5E);
  CHECK(decode_timing_advance_command(encode(TimingAdvanceCommand{1, 30}))->command == 30);
  CHECK(decode_c_rnti(encode(nr::Rnti(0x4601))) == nr::Rnti(0x4601));
  CHECK_FALSE(decode_c_rnti({}).has_value());
  const ContentionResolutionIdentity identity{1, 2, 3, 4, 5, 6};
  CHECK(decode_contention_resolution(identity) == identity);
  CHECK_FALSE(decode_contention_resolution(std::span(identity).first(5)).has_value());
  CHECK(decode_single_entry_phr(encode(SingleEntryPhr{40, 53}))->p_cmax == 53);
  CHECK_FALSE(decode_single_entry_phr({}).has_value());
}

}  // namespace ravi::mac
