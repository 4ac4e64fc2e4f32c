#include "apps/color_map.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravi::apps {
namespace {

using Linear = std::array<double, 3>;  // sRGB primaries, linear light

/// OKLab (Ottosson 2020) in polar form to linear sRGB; may leave 0..1.
Linear from_oklch(double lightness, double chroma, double hue)
{
  const double a = chroma * std::cos(hue);
  const double b = chroma * std::sin(hue);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3.0);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3.0);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3.0);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool is_displayable(const Linear& color)
{
  return std::all_of(color.begin(), color.end(), [](double c) { return c >= 0.0 && c <= 1.0; });
}

std::uint8_t to_byte(double linear)
{
  const double c = std::clamp(linear, 0.0, 1.0);
  const double encoded = c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1.0 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(encoded * 255.0));
}

Rgb color_at(double t)
{
  const double lightness = 0.06 + 0.91 * t;
  const double hue = (278.0 + 190.0 * t) * std::numbers::pi / 180.0;
  double chroma = 0.05 + 0.17 * std::sin(std::numbers::pi * std::pow(t, 0.85));
  while (chroma > 0.0 && !is_displayable(from_oklch(lightness, chroma, hue))) chroma -= 0.002;
  const Linear color = from_oklch(lightness, std::max(chroma, 0.0), hue);
  return {to_byte(color[0]), to_byte(color[1]), to_byte(color[2])};
}

}  // namespace

const std::array<Rgb, 256>& color_map()
{
  static const std::array<Rgb, 256> map = [] {
    std::array<Rgb, 256> out;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = color_at(static_cast<double>(k) / 255.0);
    return out;
  }();
  return map;
}

}  // namespace ravi::apps
