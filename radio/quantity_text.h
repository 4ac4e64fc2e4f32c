#pragma once
// Quantities as people write them: "20 MHz", "3.5GHz", "40 dB", "-90 dBm", "10 ms". For command lines, YAML and radio
// strings. Units in any case; a bare number is taken in the base unit (Hz, dB, s).

#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <chrono>
#include <string>
#include <string_view>

namespace ravi {

[[nodiscard]] Result<double> parse_number(std::string_view text);  ///< finite; the whole text
[[nodiscard]] Result<std::int64_t> parse_integer(std::string_view text);
[[nodiscard]] Result<Hertz> parse_frequency(std::string_view text);       ///< Hz, kHz, MHz, GHz; may be negative
[[nodiscard]] Result<SampleRate> parse_sample_rate(std::string_view text); ///< also S/s, kS/s, MS/s; > 0; whole Hz
[[nodiscard]] Result<Decibel> parse_decibel(std::string_view text);       ///< dB
[[nodiscard]] Result<DbFs> parse_dbfs(std::string_view text);             ///< dBFS
[[nodiscard]] Result<Dbm> parse_dbm(std::string_view text);               ///< dBm
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);  ///< ns, us, ms, s, min, h
[[nodiscard]] Result<double> parse_ppm(std::string_view text);            ///< "2.5 ppm", "100 ppb"
[[nodiscard]] Result<bool> parse_yes_no(std::string_view text);           ///< yes/no, true/false, on/off, 1/0

/// "3.51264 GHz", "-30 Hz": at most six decimals, no trailing zeros.
[[nodiscard]] std::string to_text(Hertz frequency);
/// "61.44 MS/s".
[[nodiscard]] std::string to_text(SampleRate rate);

}  // namespace ravi
