#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace ravi {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

std::string_view trimmed(std::string_view text)
{
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// A finite number followed by one of `units`; no unit means the factor 1.
Result<double> parse_with_unit(std::string_view text, std::string_view quantity, std::span<const Unit> units)
{
  const std::string_view all = trimmed(text);
  std::string_view number = all;
  if (number.size() > 1 && number[0] == '+' && number[1] != '-') number.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) {
    return fail(ErrorCode::bad_input, fmt::format("'{}' is not a {}: it does not begin with a number", text, quantity));
  }
  const std::string_view unit = trimmed(number.substr(static_cast<std::size_t>(end - number.data())));
  if (unit.empty()) return value;
  for (const Unit& known : units) {
    if (equal_ignoring_case(unit, known.name)) return value * known.factor;
  }
  std::string names;
  for (const Unit& known : units) names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
  return fail(ErrorCode::bad_input, fmt::format("'{}' is not a {}: unknown unit '{}' (known: {})", text, quantity, unit,
                                                names.empty() ? "none" : names));
}

constexpr std::array kFrequencyUnits{Unit{"Hz", 1}, Unit{"kHz", 1e3}, Unit{"MHz", 1e6}, Unit{"GHz", 1e9}};
constexpr std::array kRateUnits{Unit{"Hz", 1},     Unit{"kHz", 1e3},   Unit{"MHz", 1e6},  Unit{"S/s", 1},
                                Unit{"kS/s", 1e3}, Unit{"MS/s", 1e6}, Unit{"Msps", 1e6}};
constexpr std::array kDecibelUnits{Unit{"dB", 1}};
constexpr std::array kDbfsUnits{Unit{"dBFS", 1}};
constexpr std::array kDbmUnits{Unit{"dBm", 1}};
constexpr std::array kPpmUnits{Unit{"ppm", 1}, Unit{"ppb", 1e-3}};
constexpr std::array kDurationUnits{Unit{"ns", 1e-9}, Unit{"us", 1e-6}, Unit{"ms", 1e-3},
                                    Unit{"s", 1},     Unit{"min", 60},  Unit{"h", 3600}};

struct Scaled {
  double value;
  std::string_view prefix;
};

Scaled scaled(double value)
{
  const double magnitude = std::abs(value);
  if (magnitude >= 1e9) return {value / 1e9, "G"};
  if (magnitude >= 1e6) return {value / 1e6, "M"};
  if (magnitude >= 1e3) return {value / 1e3, "k"};
  return {value, ""};
}

std::string without_trailing_zeros(double value)
{
  std::string text = fmt::format("{:.6f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

Result<double> parse_number(std::string_view text) { return parse_with_unit(text, "number", {}); }

Result<std::int64_t> parse_integer(std::string_view text)
{
  const std::string_view all = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc{} || end != all.data() + all.size()) {
    return fail(ErrorCode::bad_input, fmt::format("'{}' is not a whole number", text));
  }
  return value;
}

Result<Hertz> parse_frequency(std::string_view text)
{
  return parse_with_unit(text, "frequency (such as 3.5 GHz)", kFrequencyUnits).map([](double v) { return Hertz(v); });
}

Result<SampleRate> parse_sample_rate(std::string_view text)
{
  const auto value = parse_with_unit(text, "sample rate (such as 23.04 MHz)", kRateUnits);
  if (!value) return tl::unexpected(value.error());
  constexpr double kHighest = 1e12;
  if (!(*value >= 1.0 && *value <= kHighest)) {
    return fail(ErrorCode::bad_input, fmt::format("sample rate '{}' must lie between 1 Hz and 1000 GHz", text));
  }
  const double whole = std::round(*value);
  constexpr double kRounding = 1e-3;  // Hz; "30.72 MHz" times 1e6 need not be whole in floating point
  if (std::abs(*value - whole) > kRounding) {
    return fail(ErrorCode::bad_input, fmt::format("sample rate '{}' is not a whole number of Hz", text));
  }
  return SampleRate(static_cast<std::int64_t>(whole));
}

Result<Decibel> parse_decibel(std::string_view text)
{
  return parse_with_unit(text, "gain (such as -20 dB)", kDecibelUnits).map([](double v) { return Decibel(v); });
}

Result<DbFs> parse_dbfs(std::string_view text)
{
  return parse_with_unit(text, "level (such as -40 dBFS)", kDbfsUnits).map([](double v) { return DbFs(v); });
}

Result<Dbm> parse_dbm(std::string_view text)
{
  return parse_with_unit(text, "power (such as -90 dBm)", kDbmUnits).map([](double v) { return Dbm(v); });
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text)
{
  const auto seconds = parse_with_unit(text, "duration (such as 10 ms)", kDurationUnits);
  if (!seconds) return tl::unexpected(seconds.error());
  constexpr double kLongest = 9e9;  // seconds; 2^63 ns is 9.22e9
  if (std::abs(*seconds) > kLongest) {
    return fail(ErrorCode::bad_input, fmt::format("duration '{}' is longer than 285 years", text));
  }
  return std::chrono::nanoseconds(std::llround(*seconds * 1e9));
}

Result<double> parse_ppm(std::string_view text)
{
  return parse_with_unit(text, "ratio (such as 2.5 ppm)", kPpmUnits);
}

Result<bool> parse_yes_no(std::string_view text)
{
  for (const std::string_view word : {"yes", "true", "on", "1"}) {
    if (equal_ignoring_case(trimmed(text), word)) return true;
  }
  for (const std::string_view word : {"no", "false", "off", "0"}) {
    if (equal_ignoring_case(trimmed(text), word)) return false;
  }
  return fail(ErrorCode::bad_input, fmt::format("'{}' is neither yes nor no", text));
}

std::string to_text(Hertz frequency)
{
  const Scaled s = scaled(frequency.value());
  return fmt::format("{} {}Hz", without_trailing_zeros(s.value), s.prefix);
}

std::string to_text(SampleRate rate)
{
  const Scaled s = scaled(static_cast<double>(rate.hz()));
  return fmt::format("{} {}S/s", without_trailing_zeros(s.value), s.prefix);
}

}  // namespace ravi
