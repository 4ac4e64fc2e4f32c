#include "radio/measure/window.h"

#include <array>
#include <cmath>
#include <numbers>
#include <span>

namespace ravi::measure {
namespace {

// w[n] = sum over m of (-1)^m a_m cos(2 pi m n / N). Hann; Harris 1978 (four terms, minimum); SRS flat top (five terms).
constexpr std::array kHann{0.5, 0.5};
constexpr std::array kBlackmanHarris{0.35875, 0.48829, 0.14128, 0.01168};
constexpr std::array kFlattop{0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368};

std::span<const double> coefficients(Window window)
{
  switch (window) {
    case Window::hann: return kHann;
    case Window::blackman_harris: return kBlackmanHarris;
    case Window::flattop: return kFlattop;
  }
  return kHann;
}

double sinc(double x)
{
  const double angle = std::numbers::pi * x;
  return std::abs(angle) < 1e-9 ? 1.0 : std::sin(angle) / angle;
}

}  // namespace

std::string_view to_text(Window window)
{
  switch (window) {
    case Window::hann: return "hann";
    case Window::blackman_harris: return "blackman-harris";
    case Window::flattop: return "flattop";
  }
  return "hann";
}

std::optional<Window> parse_window(std::string_view text)
{
  for (const Window window : {Window::hann, Window::blackman_harris, Window::flattop}) {
    if (text == to_text(window)) return window;
  }
  return std::nullopt;
}

std::vector<float> make_window(Window window, std::size_t size)
{
  const std::span<const double> a = coefficients(window);
  std::vector<float> out(size);
  for (std::size_t n = 0; n < size; ++n) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
    double sum = 0.0;
    for (std::size_t m = 0; m < a.size(); ++m) {
      sum += (m % 2 == 0 ? a[m] : -a[m]) * std::cos(angle * static_cast<double>(m));
    }
    out[n] = static_cast<float>(sum);
  }
  return out;
}

double noise_bandwidth_bins(Window window)
{
  const std::span<const double> a = coefficients(window);
  double energy = a[0] * a[0];
  for (const double term : a.subspan(1)) energy += 0.5 * term * term;
  return energy / (a[0] * a[0]);
}

double main_lobe_power(Window window, double offset)
{
  const std::span<const double> a = coefficients(window);
  double amplitude = a[0] * sinc(offset);
  for (std::size_t m = 1; m < a.size(); ++m) {
    const auto shift = static_cast<double>(m);
    amplitude += 0.5 * a[m] * (sinc(offset - shift) + sinc(offset + shift));
  }
  return amplitude * amplitude / (a[0] * a[0]);
}

double default_overlap(Window window) { return window == Window::hann ? 0.5 : 0.75; }

}  // namespace ravi::measure
