#include "apps/spectrum_picture.h"

#include "apps/canvas.h"
#include "apps/color_map.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ravi::apps {
namespace {

constexpr int kWidth = 1600;
constexpr int kHeight = 1120;
constexpr Box kSpectrum{104.0, 178.0, 1376.0, 452.0};
constexpr Box kWaterfall{104.0, 646.0, 1376.0, 396.0};
constexpr Box kColorBar{1496.0, 646.0, 16.0, 396.0};
constexpr double kHeadroom = 74.0;  // of the spectrum's box, above its highest level: bands and labels

constexpr Color kPaper{1.0, 1.0, 1.0};
constexpr Color kInk{0.13, 0.15, 0.19};
constexpr Color kFaint{0.42, 0.45, 0.51};
constexpr Color kGrid{0.905, 0.915, 0.93};
constexpr Color kRim{0.72, 0.74, 0.78};
constexpr Color kMean{0.05, 0.30, 0.62};
constexpr Color kMax{0.93, 0.56, 0.18};
constexpr Color kOccupied{0.04, 0.48, 0.42};
constexpr Color kChannel{0.52, 0.20, 0.58};

/// What the axes stand for.
struct Scales {
  double low_hz = 0.0;   // relative to the center
  double high_hz = 0.0;
  double center_hz = 0.0;
  double top_db = 0.0;
  double bottom_db = 0.0;

  [[nodiscard]] double x(double relative_hz) const
  {
    return kSpectrum.x + kSpectrum.width * (relative_hz - low_hz) / (high_hz - low_hz);
  }
  [[nodiscard]] double y(double level_db) const
  {
    const double part = (top_db - level_db) / (top_db - bottom_db);
    return kSpectrum.y + kHeadroom + (kSpectrum.height - kHeadroom) * std::clamp(part, -0.02, 1.02);
  }
};

/// Level that a share `part` of the values stays below, dB; values of 0 do not count.
double percentile_db(std::vector<float> values, double part)
{
  values.erase(std::remove_if(values.begin(), values.end(), [](float v) { return !(v > 0.0F); }), values.end());
  if (values.empty()) return -200.0;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return 10.0 * std::log10(static_cast<double>(*nth));
}

Scales make_scales(const SpectrumReport& report)
{
  const measure::Spectrum& s = report.spectrum;
  const double rbw_db = 10.0 * std::log10(measure::noise_bandwidth_bins(s.window));
  Scales scales;
  scales.low_hz = s.span().low.value();
  scales.high_hz = s.span().high.value();
  scales.center_hz = report.on_air_hz(Hertz(0.0));
  const double highest = percentile_db(s.max, 1.0) + rbw_db;
  const double lowest = percentile_db(s.mean, 0.01) + rbw_db;
  scales.top_db = 5.0 * std::ceil((highest + 1.0) / 5.0);
  scales.bottom_db = std::clamp(5.0 * std::floor((lowest - 3.0) / 5.0), scales.top_db - 110.0, scales.top_db - 20.0);
  return scales;
}

/// One point a pixel column: the strongest of the bins it covers, so that tones keep their level.
std::vector<XY> trace(const SpectrumReport& report, const Scales& scales, const std::vector<float>& bins)
{
  const measure::Spectrum& s = report.spectrum;
  const auto points = std::min<std::size_t>(s.size(), static_cast<std::size_t>(kSpectrum.width));
  std::vector<XY> out;
  for (std::size_t p = 0; p < points; ++p) {
    const std::size_t begin = p * s.size() / points;
    const std::size_t end = (p + 1) * s.size() / points;
    const auto value = static_cast<double>(*std::max_element(bins.begin() + static_cast<std::ptrdiff_t>(begin),
                                                             bins.begin() + static_cast<std::ptrdiff_t>(end)));
    const double middle = 0.5 * (s.frequency(begin).value() + s.frequency(end - 1).value());
    out.push_back({scales.x(middle), scales.y(s.bin_dbfs(std::max(value, 1e-30)).value())});
  }
  return out;
}

void draw_cards(Canvas& canvas, const SpectrumReport& report)
{
  struct Card {
    std::string name;
    std::string value;
  };
  const auto level = [](DbFs l) { return std::isfinite(l.value()) ? number_text(l.value(), 2) + " dBFS" : std::string("silent"); };
  std::vector<Card> cards;
  cards.push_back({"CHANNEL POWER", level(report.channel_power)});
  cards.push_back({"OCCUPIED BANDWIDTH (99 %)", report.occupied ? width_text(report.occupied->width()) : "–"});
  cards.push_back({fmt::format("BANDWIDTH AT −{:g} dB", report.x.value()),
                   report.x_db ? (report.x_db->reaches_span_edge ? "≥ " : "") + width_text(report.x_db->band.width()) : "–"});
  cards.push_back({"CREST FACTOR", report.crest_factor ? number_text(report.crest_factor->value(), 2) + " dB" : "–"});
  cards.push_back({"NOISE FLOOR", std::isfinite(report.floor.dbfs_per_hz)
                                      ? number_text(report.floor.dbfs_per_hz, 1) + " dBFS/Hz" : "–"});
  cards.push_back({"DC OFFSET", level(report.dc_level)});
  std::string rejection = "–";
  if (report.iq_imbalance) {
    const auto& iq = *report.iq_imbalance;
    rejection = iq.is_resolved() ? "" : "> ";
    rejection += number_text(std::min(iq.image_rejection, iq.limit).value(), 1) + " dB";
  }
  cards.push_back({"IMAGE REJECTION", rejection});

  const double width = (kColorBar.right() + 48.0 - kSpectrum.x) / static_cast<double>(cards.size());
  for (std::size_t k = 0; k < cards.size(); ++k) {
    const double x = kSpectrum.x + width * static_cast<double>(k);
    if (k > 0) canvas.line({{x - 14.0, 112.0}, {x - 14.0, 152.0}}, {.color = kGrid, .width = 1.5});
    canvas.text({x, 119.0}, cards[k].name, {.size = 11.0, .color = kFaint});
    canvas.text({x, 142.0}, cards[k].value, {.size = 19.0, .color = kInk, .weight = Weight::bold});
  }
}

/// Shortened in the middle to fit.
std::string fitted(Canvas& canvas, std::string words, const TextStyle& style, double width)
{
  if (canvas.text_width(words, style) <= width) return words;
  const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (words.size() > 4 && canvas.text_width(words + "…", style) > width) {
    do words.pop_back();
    while (!words.empty() && is_continuation(words.back()));
    if (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0xC0U) words.pop_back();
  }
  return words + "…";
}

void draw_title(Canvas& canvas, const SpectrumReport& report)
{
  const SpectrumConditions& c = report.conditions;
  const measure::Spectrum& s = report.spectrum;
  std::string name = c.source;
  if (const std::size_t slash = name.find_last_of('/'); slash != std::string::npos && name.find("://") == std::string::npos) {
    name.erase(0, slash + 1);
  }
  const double width = kColorBar.right() + 48.0 - kSpectrum.x;
  const TextStyle title{.size = 25.0, .color = kInk, .weight = Weight::bold};
  const TextStyle note{.size = 14.0, .color = kFaint};
  canvas.text({kSpectrum.x, 34.0}, fitted(canvas, name, title, width), title);
  std::string conditions = c.center ? to_text(*c.center) + " center  ·  " : std::string();
  conditions += fmt::format("{}  ·  {}{}  ·  RBW {} ({} window, {} points)  ·  {} averages  ·  uncalibrated, levels over full scale",
                            to_text(c.sample_rate), duration_text(report.duration_s()),
                            c.start_s > 0.0 ? " from " + duration_text(c.start_s) : "",
                            width_text(s.resolution_bandwidth()), measure::to_text(s.window),
                            s.size(), s.num_segments);
  canvas.text({kSpectrum.x, 64.0}, fitted(canvas, conditions, note, width), note);
  const TextStyle small{.size = 12.0, .color = kFaint};
  canvas.text({kSpectrum.x, 86.0}, fitted(canvas, c.description, small, width), small);
}

double frequency_step(const Scales& scales, Ticks& ticks)
{
  ticks = round_ticks((scales.center_hz + scales.low_hz) / 1e6, (scales.center_hz + scales.high_hz) / 1e6, 12);
  return ticks.step;
}

void draw_spectrum_axes(Canvas& canvas, const Scales& scales, const std::string& rbw)
{
  const Ticks levels = round_ticks(scales.bottom_db, scales.top_db, 8);
  for (const double level : levels.at) {
    const double y = std::round(scales.y(level)) + 0.5;
    canvas.line({{kSpectrum.x, y}, {kSpectrum.right(), y}}, {.color = kGrid});
    canvas.text({kSpectrum.x - 10.0, y}, tick_text(level, levels.step), {.size = 13.0, .color = kFaint, .align = Align::right});
  }
  Ticks ticks;
  frequency_step(scales, ticks);
  for (const double megahertz : ticks.at) {
    const double x = std::round(scales.x(megahertz * 1e6 - scales.center_hz)) + 0.5;
    canvas.line({{x, kSpectrum.y + kHeadroom}, {x, kSpectrum.bottom()}}, {.color = kGrid});
  }
  canvas.text_upward({34.0, kSpectrum.y + 0.5 * (kHeadroom + kSpectrum.height)}, fmt::format("level (dBFS in {})", rbw), {.size = 14.0, .color = kInk});
}

/// A band's edges down through the spectrum, and its name on a dimension line `row` rows below the top.
void draw_band(Canvas& canvas, const Scales& scales, const measure::Band& band, int row, const std::string& name,
               const Color& color)
{
  const double left = std::max(scales.x(band.low.value()), kSpectrum.x);
  const double right = std::min(scales.x(band.high.value()), kSpectrum.right());
  const double y = kSpectrum.y + 20.0 + 26.0 * row;
  Color shade = color;
  shade.alpha = 0.045;
  canvas.fill({left, y, right - left, kSpectrum.bottom() - y}, shade);
  for (const double x : {left, right}) {
    canvas.line({{x, y - 6.0}, {x, kSpectrum.bottom()}}, {.color = color, .width = 1.2, .dash = 5.0});
  }
  const TextStyle style{.size = 13.0, .color = color, .align = Align::center, .weight = Weight::bold};
  const double half = 0.5 * canvas.text_width(name, style) + 8.0;
  const double middle = 0.5 * (left + right);
  if (right - left > 2.0 * half + 30.0) {
    canvas.line({{left, y}, {middle - half, y}}, {.color = color, .width = 1.4});
    canvas.line({{middle + half, y}, {right, y}}, {.color = color, .width = 1.4});
    canvas.text({middle, y}, name, style);
  } else {  // too narrow: the name stands beside it
    canvas.line({{left, y}, {right, y}}, {.color = color, .width = 1.4});
    const bool fits_right = right + 2.0 * half < kSpectrum.right();
    canvas.text({fits_right ? right + half : left - half, y}, name, style);
  }
}

void draw_bands(Canvas& canvas, const SpectrumReport& report, const Scales& scales)
{
  int row = 0;
  const measure::Band span = report.spectrum.span();
  if (report.channel.low > span.low || report.channel.high < span.high) {
    draw_band(canvas, scales, report.channel, row++,
              fmt::format("channel {}: {} dBFS", width_text(report.channel.width()),
                          number_text(report.channel_power.value(), 2)),
              kChannel);
  }
  if (report.occupied) {
    draw_band(canvas, scales, *report.occupied, row,
              "99 %: " + width_text(report.occupied->width()), kOccupied);
  }
}

/// The strongest peaks; of several close together the strongest alone has a name.
void draw_peaks(Canvas& canvas, const SpectrumReport& report, const Scales& scales)
{
  constexpr std::size_t kMaxLabels = 6;
  constexpr double kClose = 60.0;
  std::vector<Box> taken;
  std::vector<XY> named;
  const TextStyle style{.size = 12.0, .color = kInk, .align = Align::center};
  for (std::size_t k = 0; k < std::min(report.peaks.size(), kMaxLabels); ++k) {
    const measure::Peak& peak = report.peaks[k];
    const XY tip{scales.x(peak.frequency.value()), scales.y(peak.level.value()) - 3.0};
    const std::string words = fmt::format("{} MHz, {} dBFS", number_text(report.on_air_hz(peak.frequency) / 1e6, 4),
                                          number_text(peak.level.value(), 1));
    const double width = canvas.text_width(words, style) + 8.0;
    const double x = std::clamp(tip.x, kSpectrum.x + 0.5 * width + 2.0, kSpectrum.right() - 0.5 * width - 2.0);
    canvas.triangle_down(tip, 9.0, kInk);
    const bool is_close = std::any_of(named.begin(), named.end(), [&tip](const XY& other) {
      return std::abs(other.x - tip.x) < kClose && std::abs(other.y - tip.y) < kClose;
    });
    if (is_close) continue;
    named.push_back(tip);
    for (double y = tip.y - 19.0; y > kSpectrum.y + kHeadroom - 16.0; y -= 17.0) {
      const Box box{x - 0.5 * width, y - 9.0, width, 18.0};
      if (std::any_of(taken.begin(), taken.end(), [&box](const Box& other) { return box.overlaps(other); })) continue;
      canvas.fill(box, {1.0, 1.0, 1.0, 0.72});
      canvas.text({x, y}, words, style);
      taken.push_back(box);
      break;
    }
  }
}

void draw_legend(Canvas& canvas)
{
  const double y = kSpectrum.y - 11.0;
  const TextStyle style{.size = 12.5, .color = kInk, .align = Align::right};
  double x = kSpectrum.right();
  for (const auto& [name, color] : {std::pair{"max hold", kMax}, std::pair{"mean", kMean}}) {
    x = canvas.text({x, y}, name, style).x - 8.0;
    canvas.line({{x - 24.0, y}, {x, y}}, {.color = color, .width = 2.5});
    x -= 46.0;
  }
}

void draw_spectrum(Canvas& canvas, const SpectrumReport& report, const Scales& scales)
{
  draw_spectrum_axes(canvas, scales, width_text(report.spectrum.resolution_bandwidth()));
  const std::vector<XY> mean = trace(report, scales, report.spectrum.mean);
  const std::vector<XY> max = trace(report, scales, report.spectrum.max);
  canvas.clip(kSpectrum);
  draw_bands(canvas, report, scales);
  canvas.line(max, {.color = kMax, .width = 1.0});
  Color strong = kMean;
  Color weak = kMean;
  strong.alpha = 0.38;
  weak.alpha = 0.06;
  canvas.fill_under(mean, kSpectrum.bottom(), kSpectrum.y + kHeadroom, strong, weak);
  canvas.line(mean, {.color = kMean, .width = 1.5});
  canvas.unclip();
  canvas.frame({kSpectrum.x + 0.5, kSpectrum.y + 0.5, kSpectrum.width, kSpectrum.height}, {.color = kRim});

  draw_peaks(canvas, report, scales);
  draw_legend(canvas);
}

struct LevelRange {
  double low = 0.0;
  double high = 0.0;
};

LevelRange waterfall_range(const std::vector<float>& values, double rbw_db)
{
  const double high = percentile_db(values, 0.999) + rbw_db;
  const double low = percentile_db(values, 0.05) + rbw_db;
  LevelRange range{5.0 * std::floor(low / 5.0), 5.0 * std::ceil(high / 5.0)};
  range.low = std::clamp(range.low, range.high - 80.0, range.high - 15.0);
  return range;
}

std::uint32_t pixel(double level_db, const LevelRange& range)
{
  const double part = std::clamp((level_db - range.low) / (range.high - range.low), 0.0, 1.0);
  const Rgb color = color_map()[static_cast<std::size_t>(std::lround(part * 255.0))];
  return static_cast<std::uint32_t>(color.red) << 16U | static_cast<std::uint32_t>(color.green) << 8U | color.blue;
}

void draw_color_bar(Canvas& canvas, const LevelRange& range, const std::string& rbw)
{
  std::vector<std::uint32_t> bar;
  for (int k = 255; k >= 0; --k) bar.push_back(pixel(range.low + (range.high - range.low) * k / 255.0, range));
  canvas.image(kColorBar, bar, 1, bar.size());
  canvas.frame({kColorBar.x + 0.5, kColorBar.y + 0.5, kColorBar.width, kColorBar.height}, {.color = kRim});
  const Ticks ticks = round_ticks(range.low, range.high, 8);
  for (const double level : ticks.at) {
    const double y = kColorBar.bottom() - kColorBar.height * (level - range.low) / (range.high - range.low);
    canvas.text({kColorBar.right() + 7.0, y}, tick_text(level, ticks.step), {.size = 12.0, .color = kFaint});
  }
  canvas.text_upward({1574.0, kColorBar.y + 0.5 * kColorBar.height}, "dBFS in " + rbw, {.size = 13.0, .color = kInk});
}

void draw_waterfall(Canvas& canvas, const measure::Waterfall& waterfall, const Scales& scales)
{
  // Levels in the resolution bandwidth of the waterfall's own, coarser transform.
  const double rbw_db = 10.0 * std::log10(measure::noise_bandwidth_bins(waterfall.config().window));
  std::vector<float> values;
  for (std::size_t row = 0; row < waterfall.num_rows(); ++row) {
    const std::span<const float> levels = waterfall.row(row);
    values.insert(values.end(), levels.begin(), levels.end());
  }
  const LevelRange range = waterfall_range(values, rbw_db);
  std::vector<std::uint32_t> pixels;
  pixels.reserve(values.size());
  for (const float value : values) {
    pixels.push_back(pixel(10.0 * std::log10(std::max(static_cast<double>(value), 1e-30)) + rbw_db, range));
  }
  canvas.fill(kWaterfall, {0.02, 0.02, 0.03});
  canvas.image(kWaterfall, pixels, waterfall.num_columns(), waterfall.num_rows());
  canvas.frame({kWaterfall.x + 0.5, kWaterfall.y + 0.5, kWaterfall.width, kWaterfall.height}, {.color = kRim});
  const Hertz bin_width = waterfall.config().sample_rate.bandwidth() * (1.0 / static_cast<double>(waterfall.config().fft_size));
  draw_color_bar(canvas, range, width_text(bin_width * measure::noise_bandwidth_bins(waterfall.config().window)));

  const double duration = waterfall.row_duration().count() * static_cast<double>(waterfall.num_rows());
  const double unit = duration < 1e-3 ? 1e-6 : duration < 1.0 ? 1e-3 : 1.0;
  const Ticks times = round_ticks(0.0, duration / unit, 8);
  for (const double time : times.at) {
    const double y = kWaterfall.y + kWaterfall.height * time * unit / std::max(duration, 1e-12);
    canvas.line({{kWaterfall.x - 5.0, y}, {kWaterfall.x, y}}, {.color = kRim});
    canvas.text({kWaterfall.x - 10.0, y}, tick_text(time, times.step), {.size = 13.0, .color = kFaint, .align = Align::right});
  }
  const char* const unit_text = unit < 1e-4 ? "time (µs)" : unit < 0.1 ? "time (ms)" : "time (s)";
  canvas.text_upward({34.0, kWaterfall.y + 0.5 * kWaterfall.height}, unit_text, {.size = 14.0, .color = kInk});

  Ticks ticks;
  const double step = frequency_step(scales, ticks);
  for (const double megahertz : ticks.at) {
    const double x = std::round(scales.x(megahertz * 1e6 - scales.center_hz)) + 0.5;
    canvas.line({{x, kWaterfall.bottom()}, {x, kWaterfall.bottom() + 6.0}}, {.color = kRim});
    canvas.text({x, kWaterfall.bottom() + 18.0}, tick_text(megahertz, step), {.size = 13.0, .color = kFaint, .align = Align::center});
  }
}

}  // namespace

Result<void> write_spectrum_picture(const SpectrumReport& report, const measure::Waterfall& waterfall,
                                    const std::string& path)
{
  Canvas canvas(kWidth, kHeight, kPaper);
  const Scales scales = make_scales(report);
  draw_title(canvas, report);
  draw_cards(canvas, report);
  draw_spectrum(canvas, report, scales);
  draw_waterfall(canvas, waterfall, scales);
  canvas.text({kSpectrum.x + 0.5 * kSpectrum.width, kWaterfall.bottom() + 46.0},
              report.conditions.center ? "frequency (MHz)" : "frequency relative to the center (MHz)",
              {.size = 14.0, .color = kInk, .align = Align::center});
  if (!canvas.write_png(path)) {
    return fail(ErrorCode::io, fmt::format("the picture could not be written to {}: check the folder and its space", path));
  }
  return {};
}

}  // namespace ravi::apps
