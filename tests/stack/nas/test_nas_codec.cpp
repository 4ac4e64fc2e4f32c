#include "stack/nas/codec.h"

#include "tests/stack/nas/full_messages.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace ravi::nas {

using security::test::bytes_of;
using security::test::hex_of;
using namespace std::chrono_literals;

namespace {

std::vector<Octets> full_encodings()
{
  std::vector<Octets> out;
  for (const auto& message : test::full_mm_messages()) out.push_back(encode(message));
  for (const auto& message : test::full_sm_messages()) out.push_back(encode(message));
  return out;
}

/// Decodes anything; what was understood encodes to something that is understood as the same.
bool survives(std::span<const std::uint8_t> octets)
{
  if (const auto message = decode_mm(octets)) {
    const auto again = decode_mm(encode(*message));
    return again.has_value() && *again == *message;
  }
  if (const auto message = decode_sm(octets)) {
    const auto again = decode_sm(encode(*message));
    return again.has_value() && *again == *message;
  }
  return true;
}

}  // namespace

TEST_CASE("NAS codec: every message with every IE comes back as it was, and every type is among them")
{
  std::set<std::size_t> mm_types, sm_types;
  for (const auto& message : test::full_mm_messages()) {
    CAPTURE(name_of(message));
    const auto back = decode_mm(encode(message));
    REQUIRE(back.has_value());
    CHECK((*back == message));
    CHECK(hex_of(encode(*back)) == hex_of(encode(message)));
    mm_types.insert(message.index());
  }
  for (const auto& message : test::full_sm_messages()) {
    CAPTURE(name_of(message));
    const auto back = decode_sm(encode(message));
    REQUIRE(back.has_value());
    CHECK((*back == message));
    sm_types.insert(message.index());
  }
  CHECK(mm_types.size() == std::variant_size_v<MmMessage>);
  CHECK(sm_types.size() == std::variant_size_v<SmMessage>);
}

TEST_CASE("NAS codec: unknown, repeated and broken optional IEs are passed over, in any order [TS 24.501 §7.6, §7.7]")
{
  // T3512; then of no known IE: type 4 (2B), type 1 (8-), type 6 (7C); T3512 again; S-NSSAI list too short; TAI list
  const auto message = decode_mm(bytes_of("7e00420101" "5e0192" "2b0101" "81" "7c0002aabb" "5e0101" "150101" "54074000f110000007"));
  REQUIRE(message.has_value());
  const auto& accept = std::get<RegistrationAccept>(*message);
  CHECK(accept.t3512->octet == 0x92);
  CHECK(accept.t3512->duration() == 540s);
  CHECK_FALSE(accept.allowed_nssai.has_value());
  CHECK(accept.tai_list->contains({{}, 7}));
  CHECK_FALSE(accept.tai_list->contains({{}, 8}));
}

TEST_CASE("NAS codec: faults are answered as §7 asks")
{
  using Answer = DecodeError::Answer;
  const auto mm = [](std::string_view hex) { return decode_mm(bytes_of(hex)).error(); };
  const auto sm = [](std::string_view hex) { return decode_sm(bytes_of(hex)).error(); };
  CHECK(mm("").answer == Answer::ignore);
  CHECK(mm("7e00").answer == Answer::ignore);
  CHECK(mm("2e0042").answer == Answer::ignore);
  CHECK(mm("7e0142").answer == Answer::ignore);
  CHECK(mm("7e0099").cause == MmCause::message_type_not_implemented);
  CHECK(mm("7e0042").cause == MmCause::invalid_mandatory_information);
  CHECK(mm("7e0042").answer == Answer::status);
  CHECK(mm("7e00420101" "0f0100").cause == MmCause::invalid_mandatory_information);  // IEI 0-: comprehension required
  CHECK(sm("2e0501").answer == Answer::ignore);
  const auto error = sm("2e0511c2");
  CHECK(error.sm_cause() == SmCause::invalid_mandatory_information);
  CHECK(error.sm_header == SmHeader{5, 17});
  CHECK(sm("2e0511ff").sm_cause() == SmCause::message_type_not_implemented);
}

TEST_CASE("NAS codec: every truncation and many flips are understood as something or refused [seed 501]")
{
  std::mt19937 random(501);
  for (const Octets& octets : full_encodings()) {
    for (std::size_t size = 0; size < octets.size(); ++size) CHECK(survives(std::span(octets).first(size)));
    for (int i = 0; i < 2000; ++i) {
      Octets bad = octets;
      for (auto flips = 1 + random() % 4; flips > 0; --flips) {
        auto& octet = bad[random() % bad.size()];
        octet = static_cast<std::uint8_t>(octet ^ (1U << random() % 8));
      }
      REQUIRE_MESSAGE(survives(bad), hex_of(bad));
    }
  }
}

TEST_CASE("NAS identities: digits, filler and bit positions [TS 24.501 §9.11.3.4]")
{
  const auto encoded = [](const MobileIdentity& identity) {
    Octets out;
    Writer writer(out);
    write(writer, identity);
    return hex_of(out);
  };
  CHECK(encoded(null_scheme_suci({.mcc = "001", .mnc = "01"}, "0123456780", "0000")) == "0100f110000000001032547608");
  CHECK(encoded(null_scheme_suci({.mcc = "310", .mnc = "410"}, "123456789")) == "01130014f0ff000021436587f9");
  CHECK(encoded(test::full_guti()) == "f200f11002556ac0000341");
  CHECK(encoded(test::full_guti().s_tmsi) == "f4556ac0000341");
  CHECK(encoded(Imei{"354938690000000"}) == "3b45396809000000");
  CHECK(encoded(Imeisv{"3549386900000013"}) == "3545396809000010f3");
  CHECK(test::full_guti().s_tmsi.value() == 0x556AC0000341);
  CHECK(imsi_of(null_scheme_suci({.mcc = "310", .mnc = "410"}, "123456789")) == "310410123456789");
  Suci concealed = null_scheme_suci({}, "1");
  concealed.scheme = security::SuciScheme::profile_a;
  CHECK_FALSE(imsi_of(concealed).has_value());
}

TEST_CASE("NAS values: timers, bit rates, names, time zones")
{
  CHECK(gprs_timer2(40s).duration() == 40s);
  CHECK(gprs_timer2(61s).octet == 0x1F);  // 62 s: units of 2 s
  CHECK(gprs_timer2(12min).octet == 0x2C);
  CHECK_FALSE(GprsTimer2{0xE0}.duration().has_value());
  CHECK(gprs_timer3(540s).octet == 0x92);
  CHECK(gprs_timer3(54min).duration() == 60min);
  CHECK(gprs_timer3(10h).octet == 0x2A);
  CHECK(gprs_timer3(24h * 365).duration() == 320h * 28);
  for (const std::uint64_t rate : {64'000ULL, 1'000'000ULL, 999'000'000ULL, 2'000'000'000ULL}) {
    CHECK(bit_rate(rate).bits_per_second() == rate);
  }
  CHECK(BitRate{.unit = 255, .value = 65535}.bits_per_second() > 0);
  CHECK(text_of(network_name("Open5GS")) == "Open5GS");
  CHECK(text_of({.is_ucs2 = false, .adds_country_initials = false, .num_spare_bits = 3, .text = bytes_of("c8329bfd06")}) == "Hello");
  for (int quarters = -79; quarters <= 79; ++quarters) {
    Octets out;
    Writer writer(out);
    write(writer, TimeZone{quarters});
    Reader reader(out);
    TimeZone back;
    CHECK(read(reader, back));
    CHECK(back.quarter_hours == quarters);
  }
  CHECK(is_valid_dnn("internet.mnc001"));
  for (const char* name : {"", ".a", "a..b", "a.", "a b"}) CHECK_FALSE(is_valid_dnn(name));
}

}  // namespace ravi::nas
