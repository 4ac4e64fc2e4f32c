#pragma once
// Tapped delay line profiles of TS 38.901 §7.7.2.

#include "radio/air/air_config.h"

#include <optional>
#include <span>

namespace ravi::air {

/// A row of TS 38.901 Tables 7.7.2-1 to 7.7.2-5 with Rayleigh fading.
struct TdlTap {
  double delay = 0.0;  ///< normalized to the RMS delay spread
  double power_db = 0.0;
};

/// A table as printed. The first tap of TDL-D and TDL-E has a line-of-sight path too.
struct TdlTable {
  std::span<const TdlTap> taps;
  std::optional<double> los_power_db;
};

/// profile other than `none`.
[[nodiscard]] TdlTable tdl_table(FadingProfile profile);

}  // namespace ravi::air
