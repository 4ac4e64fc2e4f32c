#include "apps/spectrum_report.h"

#include "radio/quantity_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ravi::apps {
namespace {

using nlohmann::json;

/// JSON has no infinity: a level of nothing is null.
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json number(const std::optional<Decibel>& value) { return value ? number(value->value()) : json(nullptr); }

json band_json(const SpectrumReport& report, const measure::Band& band)
{
  return json::array({report.on_air_hz(band.low), report.on_air_hz(band.high)});
}

json conditions_json(const SpectrumReport& report)
{
  const SpectrumConditions& c = report.conditions;
  const measure::Spectrum& s = report.spectrum;
  return {{"source", c.source},
          {"description", c.description},
          {"channel", c.channel},
          {"calibration", "uncalibrated"},
          {"level_reference", "dBFS: a complex sample of magnitude 1"},
          {"window", measure::to_text(s.window)},
          {"fft_size", s.size()},
          {"overlap", c.overlap},
          {"bin_width_hz", s.bin_width().value()},
          {"rbw_hz", s.resolution_bandwidth().value()},
          {"averages", s.num_segments},
          {"effective_averages", s.effective_averages},
          {"start_s", c.start_s},
          {"duration_s", report.duration_s()},
          {"num_samples", c.num_samples},
          {"lost_samples", c.num_lost},
          {"remarks", c.remarks}};
}

json peaks_json(const SpectrumReport& report)
{
  json peaks = json::array();
  for (const measure::Peak& peak : report.peaks) {
    peaks.push_back({{"frequency_hz", report.on_air_hz(peak.frequency)},
                     {"offset_hz", peak.frequency.value()},
                     {"level_dbfs", number(peak.level.value())},
                     {"prominence_db", number(peak.prominence.value())},
                     {"above_median_db", number(peak.above_median.value())}});
  }
  return peaks;
}

json iq_imbalance_json(const std::optional<measure::IqImbalance>& iq)
{
  if (!iq) return nullptr;
  return {{"gain_db", iq->gain.value()},
          {"phase_deg", iq->phase_deg},
          {"image_rejection_db", iq->image_rejection.value()},
          {"limit_db", iq->limit.value()},
          {"is_resolved", iq->is_resolved()}};
}

json psd_json(const SpectrumReport& report)
{
  const measure::Spectrum& s = report.spectrum;
  const auto levels = [&s](const std::vector<float>& bins) {
    json out = json::array();
    for (const float bin : bins) out.push_back(number(s.bin_dbfs(static_cast<double>(bin)).value()));
    return out;
  };
  return {{"first_frequency_hz", report.on_air_hz(s.frequency(0))},
          {"bin_width_hz", s.bin_width().value()},
          {"unit", "dBFS in the resolution bandwidth"},
          {"mean_dbfs", levels(s.mean)},
          {"max_dbfs", levels(s.max)},
          {"min_dbfs", levels(s.min)}};
}

std::string level_text(DbFs level)
{
  return std::isfinite(level.value()) ? fmt::format("{:.2f} dBFS", level.value()) : std::string("silent");
}

std::string decibel_text(const std::optional<Decibel>& value)
{
  return value ? fmt::format("{:.2f} dB", value->value()) : std::string("-");
}

std::string frequency_text(const SpectrumReport& report, Hertz relative)
{
  return fmt::format("{:.6f} MHz", report.on_air_hz(relative) / 1e6);
}

std::string iq_text(const std::optional<measure::IqImbalance>& iq)
{
  if (!iq) return "-";
  if (!iq->is_resolved()) return fmt::format("none seen: image rejection over {:.1f} dB", iq->limit.value());
  return fmt::format("gain {:+.3f} dB, phase {:+.2f} deg, image rejection {:.1f} dB", iq->gain.value(), iq->phase_deg,
                     iq->image_rejection.value());
}

std::string table_line(std::string_view name, const std::string& value) { return fmt::format("  {:<22}{}\n", name, value); }

std::string bandwidth_lines(const SpectrumReport& report)
{
  const auto range = [&report](const measure::Band& band) {
    return fmt::format("{:<14}{} .. {}", width_text(band.width()), frequency_text(report, band.low),
                       frequency_text(report, band.high));
  };
  std::string out = table_line("occupied, 99 %", report.occupied ? range(*report.occupied) : "-");
  std::string x_text = "-";
  if (report.x_db) x_text = range(report.x_db->band) + (report.x_db->reaches_span_edge ? "  (reaches the edge of the span)" : "");
  return out + table_line(fmt::format("bandwidth at -{:g} dB", report.x.value()), x_text);
}

std::string ccdf_text(const std::vector<CcdfPoint>& ccdf)
{
  std::string out;
  for (const CcdfPoint& point : ccdf) {
    if (!point.over_mean) continue;
    out += fmt::format("{}{:.2f} dB at {:g} %", out.empty() ? "" : ", ", point.over_mean->value(),
                       point.probability * 100.0);
  }
  return out.empty() ? "-" : out;
}

}  // namespace

json to_json(const SpectrumReport& report, PsdInJson psd)
{
  json ccdf = json::array();
  for (const CcdfPoint& point : report.ccdf) {
    ccdf.push_back({{"probability", point.probability}, {"over_mean_db", number(point.over_mean)}});
  }
  json out = {
      {"center_frequency_hz", report.conditions.center ? json(report.conditions.center->value()) : json(nullptr)},
      {"sample_rate_hz", report.conditions.sample_rate.hz()},
      {"channel_power_dbfs", number(report.channel_power.value())},
      {"channel_band_hz", band_json(report, report.channel)},
      {"occupied_bandwidth_hz", report.occupied ? json(report.occupied->width().value()) : json(nullptr)},
      {"occupied_band_hz", report.occupied ? band_json(report, *report.occupied) : json(nullptr)},
      {"x_db", report.x.value()},
      {"occupied_bandwidth_x_db_hz", report.x_db ? json(report.x_db->band.width().value()) : json(nullptr)},
      {"x_db_reaches_span_edge", report.x_db ? json(report.x_db->reaches_span_edge) : json(nullptr)},
      {"mean_power_dbfs", number(report.mean_power.value())},
      {"peak_power_dbfs", number(report.peak_power.value())},
      {"crest_factor_db", number(report.crest_factor)},
      {"ccdf", ccdf},
      {"dc_offset_dbfs", number(report.dc_level.value())},
      {"dc_offset", {{"i", report.dc_offset.real()}, {"q", report.dc_offset.imag()}}},
      {"iq_imbalance", iq_imbalance_json(report.iq_imbalance)},
      {"noise_floor_dbfs_per_hz", number(report.floor.dbfs_per_hz)},
      {"noise_floor_uncertainty_db", number(report.floor.uncertainty.value())},
      {"full_scale_samples", report.num_full_scale},
      {"not_finite_samples", report.num_not_finite},
      {"peaks", peaks_json(report)},
      {"conditions", conditions_json(report)},
  };
  if (psd == PsdInJson::yes) out["psd"] = psd_json(report);
  return out;
}

std::string duration_text(double seconds)
{
  if (seconds >= 60.0) return fmt::format("{:.4g} min", seconds / 60.0);
  if (seconds >= 1.0) return fmt::format("{:.4g} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.4g} ms", seconds * 1e3);
  return fmt::format("{:.4g} us", seconds * 1e6);
}

std::string width_text(Hertz width)
{
  if (width.value() >= 1e6) return fmt::format("{:.3f} MHz", width.value() / 1e6);
  if (width.value() >= 1e3) return fmt::format("{:.2f} kHz", width.value() / 1e3);
  return fmt::format("{:.1f} Hz", width.value());
}

std::string to_table(const SpectrumReport& report)
{
  const SpectrumConditions& c = report.conditions;
  const measure::Spectrum& s = report.spectrum;
  std::string out = fmt::format("{}\n", c.source);
  out += table_line("center frequency", c.center ? to_text(*c.center) : "unknown: frequencies are relative");
  out += table_line("sample rate", to_text(c.sample_rate));
  out += table_line("measured", fmt::format("{}{}, {} samples{}", duration_text(report.duration_s()),
                                            c.start_s > 0.0 ? " from " + duration_text(c.start_s) : "", c.num_samples,
                                            c.num_lost > 0 ? fmt::format(", {} lost", c.num_lost) : ""));
  out += table_line("resolution", fmt::format("{} ({} window, {} points, {} averages)", width_text(s.resolution_bandwidth()),
                                              measure::to_text(s.window), s.size(), s.num_segments));
  out += table_line("calibration", "uncalibrated: levels are relative to full scale");
  out += "\n";
  out += table_line("channel power", fmt::format("{:<14}{} .. {}", level_text(report.channel_power),
                                                 frequency_text(report, report.channel.low),
                                                 frequency_text(report, report.channel.high)));
  out += bandwidth_lines(report);
  out += table_line("mean, peak power", fmt::format("{}, {}", level_text(report.mean_power), level_text(report.peak_power)));
  out += table_line("crest factor", decibel_text(report.crest_factor));
  out += table_line("power exceeded", ccdf_text(report.ccdf));
  out += table_line("noise floor", std::isfinite(report.floor.dbfs_per_hz)
                                       ? fmt::format("{:.2f} dBFS/Hz", report.floor.dbfs_per_hz) : "-");
  out += table_line("DC offset", level_text(report.dc_level));
  out += table_line("IQ imbalance", iq_text(report.iq_imbalance));
  if (report.num_full_scale > 0) out += table_line("at full scale", fmt::format("{} samples", report.num_full_scale));
  if (report.num_not_finite > 0) out += table_line("not finite", fmt::format("{} samples", report.num_not_finite));
  if (!report.peaks.empty()) out += "\n  peaks                 frequency            level          prominence\n";
  for (std::size_t k = 0; k < report.peaks.size(); ++k) {
    const measure::Peak& peak = report.peaks[k];
    out += fmt::format("  {:>5}                 {:<21}{:<15}{:.1f} dB\n", k + 1, frequency_text(report, peak.frequency),
                       level_text(peak.level), peak.prominence.value());
  }
  for (const std::string& remark : c.remarks) out += fmt::format("\n  note: {}\n", remark);
  return out;
}

std::string to_sketch(const SpectrumReport& report, std::size_t width, std::size_t height)
{
  static constexpr std::array kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const measure::Spectrum& s = report.spectrum;
  if (s.size() == 0 || width == 0 || height == 0 || !std::isfinite(report.mean_power.value())) return {};
  std::vector<double> levels;  // strongest bin of each column
  for (std::size_t column = 0; column < width; ++column) {
    const std::size_t begin = column * s.size() / width;
    const std::size_t end = std::max(begin + 1, (column + 1) * s.size() / width);
    const float strongest = *std::max_element(s.mean.begin() + static_cast<std::ptrdiff_t>(begin),
                                              s.mean.begin() + static_cast<std::ptrdiff_t>(std::min(end, s.size())));
    levels.push_back(s.bin_dbfs(std::max(static_cast<double>(strongest), 1e-30)).value());
  }
  const double top = 5.0 * std::ceil(*std::max_element(levels.begin(), levels.end()) / 5.0);
  const double depth = std::clamp(top - *std::min_element(levels.begin(), levels.end()) + 3.0, 12.0, 100.0);
  const double bottom = top - std::ceil(depth / static_cast<double>(height)) * static_cast<double>(height);

  std::string out;
  for (std::size_t line = 0; line < height; ++line) {
    const double level = top - (top - bottom) * static_cast<double>(line) / static_cast<double>(height);
    out += line % 3 == 0 ? fmt::format("{:>7.0f} ┤", level) : std::string("        │");
    for (const double value : levels) {
      const double rows = (value - bottom) / (top - bottom) * static_cast<double>(height);
      const double filled = rows - static_cast<double>(height - 1 - line);  // of this line's cell
      out += kBlocks[static_cast<std::size_t>(std::clamp(filled, 0.0, 1.0) * 8.0)];
    }
    out += "\n";
  }
  const std::string left = fmt::format("{:.3f}", report.on_air_hz(s.span().low) / 1e6);
  const std::string middle = fmt::format("{:.3f}", report.on_air_hz(Hertz(0.0)) / 1e6);
  const std::string right = fmt::format("{:.3f} MHz", report.on_air_hz(s.span().high) / 1e6);
  const std::size_t half = std::max(width / 2, left.size() + middle.size());
  const std::size_t rest = std::max(width, half + middle.size() + right.size());
  out += "   dBFS └";
  for (std::size_t column = 0; column < width; ++column) out += column == width / 2 ? "┴" : "─";
  out += fmt::format("\n         {:<{}}{:<{}}{:>{}}\n", left, half - middle.size() / 2, middle, middle.size(), right,
                     rest - half - (middle.size() + 1) / 2);
  return out;
}

}  // namespace ravi::apps
