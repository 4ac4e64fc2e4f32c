// ravi spectrum: power spectrum, channel power, bandwidths, peaks and the health of the samples, from a recording or a radio.

#include "apps/command.h"
#include "apps/progress.h"
#include "apps/spectrum_input.h"
#include "apps/spectrum_picture.h"
#include "apps/spectrum_report.h"
#include "radio/measure/psd.h"
#include "radio/measure/statistics.h"
#include "radio/measure/waterfall.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <utility>

namespace ravi::apps {
namespace {

struct SpectrumOptions {
  InputOptions input;
  std::optional<std::chrono::nanoseconds> start;
  std::size_t fft_size = 4096;
  std::string window = "hann";
  std::optional<Hertz> channel_bandwidth;
  std::optional<Hertz> offset;
  std::optional<Decibel> x;
  std::size_t num_peaks = 10;
  std::string png;
  bool as_json = false;
  bool with_psd = false;
};

/// What the samples run through.
struct Meters {
  measure::Psd psd;
  measure::SampleStatistics statistics;
  std::optional<measure::Waterfall> waterfall;

  void add(std::span<const Cf32> samples, bool is_after_gap) noexcept
  {
    if (is_after_gap) {
      psd.restart();
      if (waterfall) waterfall->restart();
    }
    psd.add(samples);
    statistics.add(samples);
    if (waterfall) waterfall->add(samples);
  }
};

/// Segments of the waterfall: as fine in frequency as leaves some three hundred moments, overlapping when there are few.
measure::SegmentConfig waterfall_segments(const measure::SegmentConfig& psd, std::uint64_t num_samples)
{
  constexpr std::uint64_t kMoments = 300;
  measure::SegmentConfig config = psd;
  config.overlap = 0.75;
  config.fft_size = std::clamp<std::size_t>(std::bit_floor(static_cast<std::size_t>(num_samples * 4 / kMoments) + 1), 64, 1024);
  if (num_samples > config.fft_size * 2048) config.overlap = 0.0;
  return config;
}

Result<Meters> make_meters(const SpectrumOptions& options, OpenedInput& input)
{
  const auto window = measure::parse_window(options.window);
  if (!window) return fail(ErrorCode::bad_input, "--window is one of hann, blackman-harris, flattop");
  measure::SegmentConfig segments{.sample_rate = input.conditions.sample_rate,
                                  .fft_size = options.fft_size,
                                  .window = *window,
                                  .overlap = measure::default_overlap(*window)};
  if (input.num_samples < segments.fft_size && input.num_samples >= measure::Segments::kMinFftSize) {
    segments.fft_size = std::bit_floor(static_cast<std::size_t>(input.num_samples));
    input.conditions.remarks.push_back(
        fmt::format("{} samples are fewer than an FFT of {} takes: measured with {} points", input.num_samples,
                    options.fft_size, segments.fft_size));
  }
  if (input.num_samples < segments.fft_size) {
    return fail(ErrorCode::bad_input, fmt::format("{} samples are too few for a spectrum: at least {} are needed",
                                                  input.num_samples, measure::Segments::kMinFftSize));
  }
  input.conditions.overlap = segments.overlap;
  auto psd = measure::Psd::make(segments);
  if (!psd) return tl::unexpected(psd.error());
  Meters meters{std::move(*psd), {}, {}};
  if (!options.png.empty()) {
    const measure::SegmentConfig config = waterfall_segments(segments, input.num_samples);
    auto waterfall = measure::Waterfall::make(config, 1024, config.fft_size);
    if (!waterfall) return tl::unexpected(waterfall.error());
    meters.waterfall = std::move(*waterfall);
  }
  return meters;
}

/// Runs all samples through the meters and counts them.
Result<void> take_samples(OpenedInput& input, Meters& meters)
{
  IqBuffer buffer(1, 65536);
  Progress progress;
  SpectrumConditions& conditions = input.conditions;
  while (!stop_requested()) {
    const auto block = input.read(buffer.channel());
    if (!block) return tl::unexpected(block.error());
    if (block->num_samples == 0) break;
    meters.add(buffer.channel().first(block->num_samples), block->is_after_gap);
    conditions.num_samples += block->num_samples;
    conditions.num_not_finite += block->num_not_finite;
    conditions.num_lost += static_cast<std::uint64_t>(block->lost.value());
    progress.show(static_cast<double>(conditions.num_samples) / static_cast<double>(input.num_samples),
                  fmt::format("{} samples", conditions.num_samples));
  }
  if (meters.psd.num_segments() == 0) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} samples came without a break long enough for one spectrum of {} finite samples",
                            conditions.num_samples, meters.psd.spectrum().size()));
  }
  return {};
}

void add_remarks(SpectrumReport& report)
{
  std::vector<std::string>& remarks = report.conditions.remarks;
  if (report.conditions.num_lost > 0) remarks.emplace_back("samples were lost: figures over time leave the gaps out");
  if (report.num_full_scale > 0) {
    remarks.push_back(fmt::format("{} samples at full scale: the converter may have clipped", report.num_full_scale));
  }
  if (report.num_not_finite > 0) remarks.emplace_back("NaN or infinite samples were left out or count as 0");
}

Result<SpectrumReport> make_report(const SpectrumOptions& options, const OpenedInput& input, const Meters& meters)
{
  SpectrumReport report;
  report.conditions = input.conditions;
  report.spectrum = meters.psd.spectrum();
  const measure::Spectrum& spectrum = report.spectrum;

  const Hertz width = options.channel_bandwidth.value_or(spectrum.sample_rate.bandwidth());
  const Hertz center = options.offset.value_or(Hertz(0.0));
  report.channel = {center - width * 0.5, center + width * 0.5};
  if (!(width.value() > 0.0) || report.channel.high <= spectrum.span().low || report.channel.low >= spectrum.span().high) {
    return fail(ErrorCode::bad_input, "the channel (--channel-bandwidth, --offset) lies outside the sampled span");
  }
  if (report.channel.low < spectrum.span().low || report.channel.high > spectrum.span().high) {
    report.conditions.remarks.emplace_back("the channel reaches beyond the sampled span: its power counts only what was sampled");
  }
  report.channel_power = measure::channel_power(spectrum, report.channel);
  report.occupied = measure::occupied_bandwidth(spectrum);
  report.x = options.x.value_or(Decibel(26.0));
  if (!(report.x.value() > 0.0)) return fail(ErrorCode::bad_input, "--x-db must be above 0 dB");
  report.x_db = measure::x_db_bandwidth(spectrum, report.x);
  report.peaks = measure::find_peaks(spectrum, {.max_peaks = options.num_peaks});
  report.floor = measure::noise_floor(spectrum);

  const measure::SampleStatistics& statistics = meters.statistics;
  report.mean_power = statistics.mean_power();
  report.peak_power = statistics.peak_power();
  report.crest_factor = statistics.crest_factor();
  for (const double probability : {0.1, 0.01, 0.001, 0.0001}) {
    report.ccdf.push_back({probability, statistics.exceeded_with(probability)});
  }
  report.dc_offset = statistics.dc_offset();
  report.dc_level = statistics.dc_level();
  report.iq_imbalance = statistics.iq_imbalance(
      report.occupied ? report.occupied->width().value() / spectrum.sample_rate.bandwidth().value() : 1.0);
  report.num_full_scale = statistics.num_full_scale();
  report.num_not_finite = statistics.num_not_finite() + input.conditions.num_not_finite;
  add_remarks(report);
  return report;
}

std::size_t terminal_width()
{
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 40) return 80;
  return std::min<std::size_t>(size.ws_col, 140);
}

int run_spectrum(const SpectrumOptions& options)
{
  auto input = open_input(options.input);
  if (!input) return report(input.error());
  auto meters = make_meters(options, *input);
  if (!meters) return report(meters.error());
  if (auto taken = take_samples(*input, *meters); !taken) return report(taken.error());
  const auto measured = make_report(options, *input, *meters);
  if (!measured) return report(measured.error());
  if (!options.png.empty()) {
    if (auto written = write_spectrum_picture(*measured, *meters->waterfall, options.png); !written) {
      return report(written.error());
    }
  }
  if (options.as_json) {
    fmt::print("{}\n", to_json(*measured, options.with_psd ? PsdInJson::yes : PsdInJson::no).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}\n{}", to_table(*measured), to_sketch(*measured, terminal_width() - 12, 12));
  }
  return kDone;
}

}  // namespace

void add_spectrum(CLI::App& ravi, Run& run)
{
  const auto options = std::make_shared<SpectrumOptions>();
  CLI::App* const app = ravi.add_subcommand("spectrum", "look at a recording or a radio: spectrum, levels, bandwidths");
  app->footer("Examples:\n  ravi spectrum capture.sigmf-meta --png capture.png\n"
              "  ravi spectrum uhd:type=b200 --freq 3.5GHz --rate 23.04MHz --gain 40dB --channel-bandwidth 20MHz --json");
  app->add_option("INPUT", options->input.input, "SigMF recording, or a radio: DRIVER:key=value,...")->required();
  add_radio_options(*app, options->input.radio, Direction::receive);
  app->remove_option(app->get_option("--device"));  // INPUT takes its place
  app->add_option("--channel", options->input.channel, "channel to look at, from 0")
      ->check(CLI::Range(0, 63))
      ->capture_default_str();
  add_quantity(*app, "--start", options->start, parse_duration, "skip this much first, e.g. 10ms");
  add_quantity(*app, "--duration", options->input.duration, parse_duration, "measure this long (recording: to its end; radio: 1 s)");
  app->add_option("--fft", options->fft_size, "points of the FFT, even")
      ->check(CLI::Range(measure::Segments::kMinFftSize, measure::Segments::kMaxFftSize))
      ->capture_default_str();
  app->add_option("--window", options->window, "hann, blackman-harris (weak beside strong), flattop (levels of tones)")
      ->capture_default_str();
  add_quantity(*app, "--channel-bandwidth", options->channel_bandwidth, parse_frequency,
               "width of the channel whose power is measured (whole span)");
  add_quantity(*app, "--offset", options->offset, parse_frequency, "center of that channel, relative to the center frequency");
  add_quantity(*app, "--x-db", options->x, parse_decibel, "the x of the x-dB bandwidth (26 dB)");
  app->add_option("--peaks", options->num_peaks, "list at most so many peaks")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  app->add_option("--png", options->png, "draw spectrum and waterfall into this file");
  app->add_flag("--json", options->as_json, "one JSON document on standard output");
  app->add_flag("--psd", options->with_psd, "with --json: the spectrum itself as well");
  app->callback([options, &run] {
    options->input.start = options->start.value_or(std::chrono::nanoseconds(0));
    run = [options] { return run_spectrum(*options); };
  });
}

}  // namespace ravi::apps
