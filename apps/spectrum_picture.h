#pragma once
// The picture of `ravi spectrum`: spectrum above, waterfall below, on one frequency axis, with the figures.

#include "apps/spectrum_report.h"
#include "radio/measure/waterfall.h"
#include "radio/result.h"

#include <string>

namespace ravi::apps {

/// Writes a PNG of 1600 x 1120 points. `waterfall` is of the same samples as the report. Fails (`io`) when the file
/// cannot be written.
[[nodiscard]] Result<void> write_spectrum_picture(const SpectrumReport& report, const measure::Waterfall& waterfall,
                                                  const std::string& path);

}  // namespace ravi::apps
