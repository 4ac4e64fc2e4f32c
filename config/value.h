#pragma once
// How one value of each type is read from YAML, printed and described: `Value<T>`. Units through radio/quantity_text.h.

#include "radio/quantity_text.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::config {

using Seconds = std::chrono::duration<double>;

/// A number in ppm.
inline constexpr std::string_view kPpm = "ppm";

/// "1.5 us": as `parse_duration`, in fractions of a nanosecond too.
[[nodiscard]] Result<Seconds> parse_seconds(std::string_view text);
[[nodiscard]] std::string to_text(Seconds duration);
[[nodiscard]] std::string number_text(double value);

/// Specialized for every type a field may have: `read` from text, `text` back, `number` for range checks in the base
/// unit, `what` it is for people.
template <class T>
struct Value;

template <>
struct Value<SampleRate> {
  static constexpr std::string_view what = "sample rate, e.g. 23.04 MHz";
  static Result<SampleRate> read(std::string_view text) { return parse_sample_rate(text); }
  static std::string text(SampleRate value) { return to_text(value); }
  static double number(SampleRate value) { return static_cast<double>(value.hz()); }
  static SampleRate of(double number) { return SampleRate(static_cast<std::int64_t>(number)); }
};

template <>
struct Value<Hertz> {
  static constexpr std::string_view what = "frequency, e.g. 300 Hz";
  static Result<Hertz> read(std::string_view text) { return parse_frequency(text); }
  static std::string text(Hertz value) { return to_text(value); }
  static double number(Hertz value) { return value.value(); }
  static Hertz of(double number) { return Hertz(number); }
};

template <>
struct Value<Decibel> {
  static constexpr std::string_view what = "dB, e.g. -20 dB";
  static Result<Decibel> read(std::string_view text) { return parse_decibel(text); }
  static std::string text(Decibel value) { return number_text(value.value()) + " dB"; }
  static double number(Decibel value) { return value.value(); }
  static Decibel of(double number) { return Decibel(number); }
};

template <>
struct Value<DbFs> {
  static constexpr std::string_view what = "level, e.g. -60 dBFS";
  static Result<DbFs> read(std::string_view text) { return parse_dbfs(text); }
  static std::string text(DbFs value) { return number_text(value.value()) + " dBFS"; }
  static double number(DbFs value) { return value.value(); }
  static DbFs of(double number) { return DbFs(number); }
};

template <>
struct Value<Seconds> {
  static constexpr std::string_view what = "duration, e.g. 1.5 us";
  static Result<Seconds> read(std::string_view text) { return parse_seconds(text); }
  static std::string text(Seconds value) { return to_text(value); }
  static double number(Seconds value) { return value.count(); }
  static Seconds of(double number) { return Seconds(number); }
};

template <>
struct Value<double> {
  static constexpr std::string_view what = "number, e.g. 0.01";
  static Result<double> read(std::string_view text) { return parse_number(text); }
  static std::string text(double value) { return number_text(value); }
  static double number(double value) { return value; }
  static double of(double number) { return number; }
};

template <std::unsigned_integral T>
struct Value<T> {
  static constexpr std::string_view what = "whole number";
  static Result<T> read(std::string_view text)
  {
    const auto value = parse_integer(text);
    if (!value) return tl::unexpected(value.error());
    if (*value < 0) return fail(ErrorCode::bad_input, std::string("'").append(text).append("' is negative"));
    return static_cast<T>(*value);
  }
  static std::string text(T value) { return std::to_string(value); }
  static double number(T value) { return static_cast<double>(value); }
  static T of(double number) { return static_cast<T>(number); }
};

template <>
struct Value<std::string> {
  static constexpr std::string_view what = "text";
  static Result<std::string> read(std::string_view text) { return std::string(text); }
  static std::string text(const std::string& value) { return value; }
};

}  // namespace ravi::config
