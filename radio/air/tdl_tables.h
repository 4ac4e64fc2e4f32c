#pragma once
// Tapped delay line profiles of TS 38.901 §7.7.2 and TS 38.101-4 §B.2.1.

#include "radio/air/air_config.h"

#include <chrono>
#include <optional>
#include <span>

namespace ravi::air {

/// A row of a table with Rayleigh fading.
struct TdlTap {
  double delay = 0.0;  ///< in the table's unit
  double power_db = 0.0;
};

/// A table as printed. The first tap of TDL-D and TDL-E has a line-of-sight path too.
struct TdlTable {
  std::span<const TdlTap> taps;
  std::optional<double> los_power_db;
  bool is_in_ns = false;  ///< delays are nanoseconds; otherwise they are normalized to the RMS delay spread
};

/// profile other than `none`.
[[nodiscard]] TdlTable tdl_table(FadingProfile profile);

/// What a delay of 1 in the profile's table stands for.
[[nodiscard]] std::chrono::duration<double> tdl_delay_unit(const FadingConfig& config);

}  // namespace ravi::air
