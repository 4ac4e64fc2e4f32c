#pragma once
// Quantities that cross function boundaries: frequencies, rates, powers. Only operations with a meaning exist.

#include <cmath>
#include <compare>
#include <cstdint>

namespace ravi {

/// A quantity that adds to itself and scales: frequencies, gains, counts.
template <class Self, class Rep>
class Additive {
public:
  using rep = Rep;

  constexpr Additive() = default;
  constexpr explicit Additive(Rep value) : value_(value) {}

  [[nodiscard]] constexpr Rep value() const { return value_; }

  friend constexpr auto operator<=>(const Additive& a, const Additive& b) { return a.value_ <=> b.value_; }
  friend constexpr bool operator==(const Additive& a, const Additive& b) { return a.value_ == b.value_; }
  friend constexpr Self operator+(Self a, Self b) { return Self(a.value() + b.value()); }
  friend constexpr Self operator-(Self a, Self b) { return Self(a.value() - b.value()); }
  friend constexpr Self operator-(Self a) { return Self(-a.value()); }
  friend constexpr Self operator*(Self a, Rep factor) { return Self(a.value() * factor); }
  friend constexpr Self operator*(Rep factor, Self a) { return Self(a.value() * factor); }
  friend constexpr Self& operator+=(Self& a, Self b) { return a = a + b; }
  friend constexpr Self& operator-=(Self& a, Self b) { return a = a - b; }

private:
  Rep value_{};
};

/// A point on a scale whose differences are a `Delta`: absolute powers, instants. Two points do not add.
template <class Self, class Delta>
class Point {
public:
  using rep = typename Delta::rep;

  constexpr Point() = default;
  constexpr explicit Point(rep value) : value_(value) {}

  [[nodiscard]] constexpr rep value() const { return value_; }

  friend constexpr auto operator<=>(const Point& a, const Point& b) { return a.value_ <=> b.value_; }
  friend constexpr bool operator==(const Point& a, const Point& b) { return a.value_ == b.value_; }
  friend constexpr Delta operator-(Self a, Self b) { return Delta(a.value() - b.value()); }
  friend constexpr Self operator+(Self a, Delta d) { return Self(a.value() + d.value()); }
  friend constexpr Self operator-(Self a, Delta d) { return Self(a.value() - d.value()); }
  friend constexpr Self& operator+=(Self& a, Delta d) { return a = a + d; }

private:
  rep value_{};
};

/// Frequency, Hz.
struct Hertz : Additive<Hertz, double> {
  using Additive::Additive;
};

/// Relative power, dB (10 log10 of a power ratio). Never converts silently: see `to_power` and `to_amplitude`.
struct Decibel : Additive<Decibel, double> {
  using Additive::Additive;
};

/// Power relative to a complex sample of magnitude 1.0.
struct DbFs : Point<DbFs, Decibel> {
  using Point::Point;
};

/// Absolute power, dB over 1 mW.
struct Dbm : Point<Dbm, Decibel> {
  using Point::Point;
};

/// Complex samples a second, whole Hz: exact, so that times convert without drift.
class SampleRate {
public:
  constexpr SampleRate() = default;
  constexpr explicit SampleRate(std::int64_t hz) : hz_(hz) {}

  [[nodiscard]] constexpr std::int64_t hz() const { return hz_; }
  [[nodiscard]] constexpr Hertz bandwidth() const { return Hertz(static_cast<double>(hz_)); }

  friend constexpr auto operator<=>(const SampleRate&, const SampleRate&) = default;

private:
  std::int64_t hz_ = 0;
};

/// Power ratio of a gain: 3 dB -> 1.995.
[[nodiscard]] inline double to_power(Decibel gain) { return std::pow(10.0, gain.value() / 10.0); }

/// Amplitude ratio of a gain: 6 dB -> 1.995.
[[nodiscard]] inline double to_amplitude(Decibel gain) { return std::pow(10.0, gain.value() / 20.0); }

/// Gain of a power ratio; ratio > 0 (0 gives -infinity).
[[nodiscard]] inline Decibel power_to_decibel(double ratio) { return Decibel(10.0 * std::log10(ratio)); }

namespace literals {
constexpr Hertz operator""_Hz(long double v) { return Hertz(static_cast<double>(v)); }
constexpr Hertz operator""_Hz(unsigned long long v) { return Hertz(static_cast<double>(v)); }
constexpr Hertz operator""_kHz(long double v) { return Hertz(static_cast<double>(v) * 1e3); }
constexpr Hertz operator""_kHz(unsigned long long v) { return Hertz(static_cast<double>(v) * 1e3); }
constexpr Hertz operator""_MHz(long double v) { return Hertz(static_cast<double>(v) * 1e6); }
constexpr Hertz operator""_MHz(unsigned long long v) { return Hertz(static_cast<double>(v) * 1e6); }
constexpr Decibel operator""_dB(long double v) { return Decibel(static_cast<double>(v)); }
constexpr Decibel operator""_dB(unsigned long long v) { return Decibel(static_cast<double>(v)); }
}  // namespace literals

}  // namespace ravi
