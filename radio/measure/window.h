#pragma once
// Measurement windows: cosine sums, whose noise bandwidth and main lobe are known in closed form.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace ravi::measure {

enum class Window {
  hann,             ///< general use: noise bandwidth 1.50 bins, side lobes -31 dB falling 18 dB an octave
  blackman_harris,  ///< four terms; weak beside strong: noise bandwidth 2.00 bins, side lobes -92 dB
  flattop,          ///< five terms; level of tones: noise bandwidth 3.77 bins, a tone between bins loses < 0.01 dB
};

/// "hann", "blackman-harris", "flattop".
[[nodiscard]] std::string_view to_text(Window window);
[[nodiscard]] std::optional<Window> parse_window(std::string_view text);

/// One period of `size` points (the periodic, "DFT-even" form), peak 1.
[[nodiscard]] std::vector<float> make_window(Window window, std::size_t size);

/// Equivalent noise bandwidth in bins: a filter of one bin under this window passes as much white noise as a rectangle
/// this wide.
[[nodiscard]] double noise_bandwidth_bins(Window window);

/// Power of a tone `offset` bins away from a bin's center, relative to one at its center, 0..1; for sizes >= 64.
[[nodiscard]] double main_lobe_power(Window window, double offset);

/// Overlap of segments, as a fraction, beyond which averaging gains next to nothing.
[[nodiscard]] double default_overlap(Window window);

}  // namespace ravi::measure
