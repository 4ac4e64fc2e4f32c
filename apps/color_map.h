#pragma once
// A color scale for levels: black over violet and red to pale yellow, evenly growing in perceived lightness.

#include <array>
#include <cstdint>

namespace ravi::apps {

struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// 256 steps, computed once. Lightness grows linearly in OKLab while the hue turns half way round and the saturation
/// is as high there as sRGB shows; so equal steps of level look equal, in print and for the color-blind too.
[[nodiscard]] const std::array<Rgb, 256>& color_map();

}  // namespace ravi::apps
