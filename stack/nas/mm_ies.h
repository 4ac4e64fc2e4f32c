#pragma once
// Information elements of mobility management: UE security capability, security algorithms, GPRS timers, network name and time.

#include "stack/nas/octets.h"
#include "stack/security/algorithms.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ravi::nas {

/// TS 24.501 §9.11.3.54. Bit 8 of an octet: algorithm 0, bit 7: algorithm 1 ... The replayed one must be the same octet for octet.
struct UeSecurityCapability {
  std::uint8_t nea = 0;
  std::uint8_t nia = 0;
  std::optional<std::uint8_t> eea;
  std::optional<std::uint8_t> eia;
  Octets more;  ///< octets 7 to 10, spare
  [[nodiscard]] bool supports(security::CipheringAlgorithm algorithm) const;
  [[nodiscard]] bool supports(security::IntegrityAlgorithm algorithm) const;
  void add(security::CipheringAlgorithm algorithm);
  void add(security::IntegrityAlgorithm algorithm);
  friend bool operator==(const UeSecurityCapability&, const UeSecurityCapability&) = default;
};

/// TS 24.501 §9.11.3.34. Values this project does not know (4..15) fail to read.
struct SecurityAlgorithms {
  security::CipheringAlgorithm ciphering = security::CipheringAlgorithm::nea0;
  security::IntegrityAlgorithm integrity = security::IntegrityAlgorithm::nia2;
  friend bool operator==(const SecurityAlgorithms&, const SecurityAlgorithms&) = default;
};

/// TS 24.008 §10.5.7.4: unit (2 s, 1 min, 6 min, deactivated) and 5 bits of value.
struct GprsTimer2 {
  std::uint8_t octet = 0;
  [[nodiscard]] std::optional<std::chrono::seconds> duration() const;  ///< empty: deactivated
  friend bool operator==(const GprsTimer2&, const GprsTimer2&) = default;
};
/// TS 24.008 §10.5.7.4a: more units, from 2 s to 320 h.
struct GprsTimer3 {
  std::uint8_t octet = 0;
  [[nodiscard]] std::optional<std::chrono::seconds> duration() const;
  friend bool operator==(const GprsTimer3&, const GprsTimer3&) = default;
};
/// The finest unit that holds it, rounded up; the longest there is if none does.
[[nodiscard]] GprsTimer2 gprs_timer2(std::chrono::seconds duration);
[[nodiscard]] GprsTimer3 gprs_timer3(std::chrono::seconds duration);

/// TS 24.008 §10.5.3.5a.
struct NetworkName {
  bool is_ucs2 = true;
  bool adds_country_initials = false;
  std::uint8_t num_spare_bits = 0;  ///< of the last octet, GSM 7 bit only
  Octets text;
  friend bool operator==(const NetworkName&, const NetworkName&) = default;
};
[[nodiscard]] NetworkName network_name(std::string_view ascii);
/// ASCII; a character outside it becomes `?`.
[[nodiscard]] std::string text_of(const NetworkName& name);

/// TS 24.008 §10.5.3.8: quarters of an hour from UTC, -79..79.
struct TimeZone {
  int quarter_hours = 0;
  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};
/// TS 24.008 §10.5.3.9.
struct UniversalTime {
  unsigned year = 0;  ///< 0..99
  unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0;
  TimeZone zone;
  friend bool operator==(const UniversalTime&, const UniversalTime&) = default;
};

bool read(Reader& in, UeSecurityCapability& out);
bool read(Reader& in, SecurityAlgorithms& out);
bool read(Reader& in, GprsTimer2& out);
bool read(Reader& in, GprsTimer3& out);
bool read(Reader& in, NetworkName& out);
bool read(Reader& in, TimeZone& out);
bool read(Reader& in, UniversalTime& out);
void write(Writer& out, const UeSecurityCapability& capability);
void write(Writer& out, const SecurityAlgorithms& algorithms);
void write(Writer& out, const GprsTimer2& timer);
void write(Writer& out, const GprsTimer3& timer);
void write(Writer& out, const NetworkName& name);
void write(Writer& out, const TimeZone& zone);
void write(Writer& out, const UniversalTime& time);

}  // namespace ravi::nas
