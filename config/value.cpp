#include "config/value.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace ravi::config {
namespace {

struct TimeUnit {
  std::string_view name;
  double seconds;
};
// The longest name that fits comes first: "ms" also ends in "s".
constexpr std::array kTimeUnits{TimeUnit{"ps", 1e-12}, TimeUnit{"ns", 1e-9}, TimeUnit{"us", 1e-6}, TimeUnit{"ms", 1e-3},
                                TimeUnit{"min", 60.0}, TimeUnit{"s", 1.0},   TimeUnit{"h", 3600.0}};

}  // namespace

Result<Seconds> parse_seconds(std::string_view text)
{
  std::string_view number = text;
  double factor = 1.0;
  for (const TimeUnit& unit : kTimeUnits) {
    if (!number.ends_with(unit.name)) continue;
    number.remove_suffix(unit.name.size());
    factor = unit.seconds;
    break;
  }
  const auto value = parse_number(number);
  if (!value) {
    return fail(ErrorCode::bad_input,
                fmt::format("'{}' is not a duration: write a number and ps, ns, us, ms, s, min or h", text));
  }
  return Seconds(*value * factor);
}

std::string number_text(double value) { return fmt::format("{:.12g}", value); }

std::string to_text(Seconds duration)
{
  const double magnitude = std::abs(duration.count());
  if (magnitude == 0.0 || magnitude >= 1.0) return number_text(duration.count()) + " s";
  if (magnitude >= 1e-3) return number_text(duration.count() * 1e3) + " ms";
  if (magnitude >= 1e-6) return number_text(duration.count() * 1e6) + " us";
  return number_text(duration.count() * 1e9) + " ns";
}

}  // namespace ravi::config
