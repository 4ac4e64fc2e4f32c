#include "stack/nas/mm_ies.h"

#include <algorithm>
#include <span>

namespace ravi::nas {

namespace {

constexpr unsigned kDeactivated = 7;
constexpr unsigned kMaxTimerValue = 31;

/// Seconds a unit, by the value of the unit field.
constexpr std::array<std::int64_t, 7> kTimer2Units = {2, 60, 360, 60, 60, 60, 60};  // other values mean minutes
constexpr std::array<std::int64_t, 7> kTimer3Units = {600, 3600, 36000, 2, 30, 60, 1152000};
constexpr std::array<unsigned, 3> kTimer2Order = {0, 1, 2};               // finest unit first
constexpr std::array<unsigned, 7> kTimer3Order = {3, 4, 5, 0, 1, 2, 6};

std::optional<std::chrono::seconds> timer_duration(std::uint8_t octet, std::span<const std::int64_t, 7> units)
{
  const unsigned unit = octet >> 5;
  if (unit == kDeactivated) return std::nullopt;
  return std::chrono::seconds(units[unit] * (octet & kMaxTimerValue));
}

std::uint8_t timer_octet(std::int64_t seconds, std::span<const std::int64_t, 7> units, std::span<const unsigned> order)
{
  for (const unsigned unit : order) {
    const std::int64_t value = (seconds + units[unit] - 1) / units[unit];
    if (value <= kMaxTimerValue) return static_cast<std::uint8_t>(unit << 5 | static_cast<unsigned>(value));
  }
  return static_cast<std::uint8_t>(order.back() << 5 | kMaxTimerValue);
}

std::uint8_t algorithm_bit(unsigned algorithm) { return static_cast<std::uint8_t>(0x80U >> algorithm); }

/// Two decimal digits, the tens in the low half.
std::optional<unsigned> read_swapped(std::uint8_t octet)
{
  const unsigned tens = octet & 0x0FU, ones = octet >> 4U;
  if (tens > 9 || ones > 9) return std::nullopt;
  return 10 * tens + ones;
}
unsigned swapped(unsigned value) { return value % 10 << 4 | (value / 10) % 10; }

}  // namespace

bool UeSecurityCapability::supports(security::CipheringAlgorithm algorithm) const
{
  return (nea & algorithm_bit(static_cast<unsigned>(algorithm))) != 0;
}

bool UeSecurityCapability::supports(security::IntegrityAlgorithm algorithm) const
{
  return (nia & algorithm_bit(static_cast<unsigned>(algorithm))) != 0;
}

void UeSecurityCapability::add(security::CipheringAlgorithm algorithm)
{
  nea = static_cast<std::uint8_t>(nea | algorithm_bit(static_cast<unsigned>(algorithm)));
}

void UeSecurityCapability::add(security::IntegrityAlgorithm algorithm)
{
  nia = static_cast<std::uint8_t>(nia | algorithm_bit(static_cast<unsigned>(algorithm)));
}

bool read(Reader& in, UeSecurityCapability& out)
{
  constexpr std::size_t kMaxMore = 4;
  out.nea = in.u8();
  out.nia = in.u8();
  if (in.left() > 0) out.eea = in.u8();
  if (in.left() > 0) out.eia = in.u8();
  const auto more = in.take(std::min(in.left(), kMaxMore));
  out.more.assign(more.begin(), more.end());
  return in.is_ok();
}

void write(Writer& out, const UeSecurityCapability& capability)
{
  out.u8(capability.nea);
  out.u8(capability.nia);
  if (capability.eea) out.u8(*capability.eea);
  if (capability.eea && capability.eia) {
    out.u8(*capability.eia);
    out.octets(capability.more);
  }
}

bool read(Reader& in, SecurityAlgorithms& out)
{
  const std::uint8_t octet = in.u8();
  if (!in.is_ok() || (octet & 0xCC) != 0) return false;
  out.ciphering = static_cast<security::CipheringAlgorithm>(octet >> 4);
  out.integrity = static_cast<security::IntegrityAlgorithm>(octet & 0x0F);
  return true;
}

void write(Writer& out, const SecurityAlgorithms& algorithms)
{
  out.u8(static_cast<unsigned>(algorithms.ciphering) << 4 | static_cast<unsigned>(algorithms.integrity));
}

std::optional<std::chrono::seconds> GprsTimer2::duration() const { return timer_duration(octet, kTimer2Units); }
std::optional<std::chrono::seconds> GprsTimer3::duration() const { return timer_duration(octet, kTimer3Units); }

GprsTimer2 gprs_timer2(std::chrono::seconds duration)
{
  return {timer_octet(duration.count(), kTimer2Units, kTimer2Order)};
}

GprsTimer3 gprs_timer3(std::chrono::seconds duration)
{
  return {timer_octet(duration.count(), kTimer3Units, kTimer3Order)};
}

bool read(Reader& in, GprsTimer2& out)
{
  out.octet = in.u8();
  return in.is_ok();
}
bool read(Reader& in, GprsTimer3& out)
{
  out.octet = in.u8();
  return in.is_ok();
}
void write(Writer& out, const GprsTimer2& timer) { out.u8(timer.octet); }
void write(Writer& out, const GprsTimer3& timer) { out.u8(timer.octet); }

NetworkName network_name(std::string_view ascii)
{
  constexpr std::size_t kMaxCharacters = 126;  // of an IE's 255 octets
  NetworkName name;
  for (const char c : ascii.substr(0, kMaxCharacters)) {
    name.text.push_back(0);
    name.text.push_back(static_cast<std::uint8_t>(c) & 0x7F);
  }
  return name;
}

std::string text_of(const NetworkName& name)
{
  std::string text;
  const auto add = [&text](unsigned code) { text += code >= 0x20 && code < 0x7F ? static_cast<char>(code) : '?'; };
  if (name.is_ucs2) {
    for (std::size_t i = 0; i + 1 < name.text.size(); i += 2) add(unsigned{name.text[i]} << 8 | name.text[i + 1]);
    return text;
  }
  // GSM 7 bit default alphabet, packed from the least significant bit: TS 23.038 §6.1.2.1.1, §6.2.1.
  const std::size_t num_bits = 8 * name.text.size();
  const std::size_t num_characters = (num_bits - std::min<std::size_t>(num_bits, name.num_spare_bits)) / 7;
  for (std::size_t i = 0; i < num_characters; ++i) {
    unsigned code = 0;
    for (std::size_t bit = 7 * i; bit < 7 * i + 7; ++bit) {
      code |= ((name.text[bit / 8] >> (bit % 8)) & 1U) << (bit - 7 * i);
    }
    add(code == 0 ? unsigned{'@'} : code == 2 ? unsigned{'$'} : code);
  }
  return text;
}

bool read(Reader& in, NetworkName& out)
{
  const std::uint8_t head = in.u8();
  out.is_ucs2 = ((head >> 4) & 7) == 1;
  out.adds_country_initials = (head & 8) != 0;
  out.num_spare_bits = head & 7;
  const auto text = in.rest();
  out.text.assign(text.begin(), text.end());
  return in.is_ok();
}

void write(Writer& out, const NetworkName& name)
{
  out.u8(0x80U | (name.is_ucs2 ? 0x10U : 0U) | (name.adds_country_initials ? 8U : 0U) | (name.num_spare_bits & 7U));
  out.octets(name.text);
}

bool read(Reader& in, TimeZone& out)
{
  const std::uint8_t octet = in.u8();
  const auto quarters = read_swapped(octet & 0xF7);
  if (!in.is_ok() || !quarters) return false;
  out.quarter_hours = (octet & 8) != 0 ? -static_cast<int>(*quarters) : static_cast<int>(*quarters);
  return true;
}

void write(Writer& out, const TimeZone& zone)
{
  const bool is_negative = zone.quarter_hours < 0;
  out.u8(swapped(static_cast<unsigned>(is_negative ? -zone.quarter_hours : zone.quarter_hours)) | (is_negative ? 8U : 0U));
}

bool read(Reader& in, UniversalTime& out)
{
  for (unsigned* field : {&out.year, &out.month, &out.day, &out.hour, &out.minute, &out.second}) {
    const auto value = read_swapped(in.u8());
    if (!value) return false;
    *field = *value;
  }
  return in.is_ok() && read(in, out.zone);
}

void write(Writer& out, const UniversalTime& time)
{
  for (const unsigned field : {time.year, time.month, time.day, time.hour, time.minute, time.second}) out.u8(swapped(field));
  write(out, time.zone);
}

}  // namespace ravi::nas
