// ravi record: from a radio into a SigMF recording that is readable whatever interrupts it.

#include "apps/command.h"
#include "apps/open_radio.h"
#include "apps/progress.h"
#include "radio/recording/sigmf_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ravi::apps {
namespace {

using recording::SigmfWriter;
using recording::WriterCounters;

constexpr auto kLongestSilence = std::chrono::seconds(5);  // without a sample: the radio is given up

struct RecordOptions {
  RadioOptions radio;
  std::string output;
  std::optional<std::chrono::nanoseconds> duration;
  std::optional<std::int64_t> num_samples;
  std::string format = "ci16";
  std::size_t num_channels = 0;  ///< 0: all that the radio has
  std::string description;
  bool is_json = false;
};

/// A recording being made.
struct Recording {
  std::unique_ptr<Radio> radio;
  std::unique_ptr<SigmfWriter> writer;
  recording::SigmfMeta meta;
  std::optional<std::uint64_t> wanted;  ///< samples a channel; none: until stopped
  std::uint64_t received = 0;
};

std::string now_text()
{
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), (now - seconds).count());
}

/// The radio's rate: asked for, or its own where it has one.
Result<SampleRate> choose_rate(const OpenedRadio& opened)
{
  if (opened.rate.hz() > 0) return opened.rate;
  return fail(ErrorCode::bad_input, "a recording needs --rate, e.g. --rate 23.04MHz");
}

Result<std::size_t> choose_channels(const RecordOptions& options, const RadioDescription& description)
{
  if (description.receive.empty()) return fail(ErrorCode::unsupported, fmt::format("{} does not receive", description.name));
  if (options.num_channels == 0) return description.receive.size();
  if (options.num_channels <= description.receive.size()) return options.num_channels;
  return fail(ErrorCode::bad_input, fmt::format("--channels {}: {} has {} receive channels", options.num_channels,
                                                description.name, description.receive.size()));
}

Result<recording::SigmfMeta> describe_recording(const RecordOptions& options, const OpenedRadio& opened)
{
  const RadioDescription description = opened.radio->describe();
  const auto format = recording::parse_sample_format(options.format);
  if (!format) return tl::unexpected(format.error());
  const auto rate = choose_rate(opened);
  if (!rate) return tl::unexpected(rate.error());
  const auto num_channels = choose_channels(options, description);
  if (!num_channels) return tl::unexpected(num_channels.error());

  recording::SigmfMeta meta;
  meta.format = *format;
  meta.sample_rate = *rate;
  meta.num_channels = *num_channels;
  meta.description = options.description;
  meta.recorder = "ravi " RAVI_VERSION;
  meta.hw = description.name;
  std::optional<Hertz> center;
  if (options.radio.frequency) center = opened.frequency;
  const Range<Hertz> range = description.receive.front().frequency;
  if (!center && description.driver == "file" && range.low == range.high) center = range.low;
  meta.captures.push_back({.sample_start = {}, .frequency = center, .datetime = now_text(), .global_index = {}});
  return meta;
}

/// Opens the radio, makes the files, starts.
Result<Recording> begin(const RecordOptions& options)
{
  if (options.duration && options.duration->count() <= 0) return fail(ErrorCode::bad_input, "--duration must be above 0");
  auto opened = open_and_tune(options.radio, Direction::receive);
  if (!opened) return tl::unexpected(opened.error());
  auto meta = describe_recording(options, *opened);
  if (!meta) return tl::unexpected(meta.error());
  const bool can_wait = !opened->radio->describe().is_hardware;
  const auto second = static_cast<std::size_t>(meta->sample_rate.hz()) * meta->bytes_per_frame();
  const recording::WriterOptions writing{
    .when_full = can_wait ? recording::WhenFull::wait : recording::WhenFull::drop,
    .buffer_bytes = can_wait ? std::size_t{32} << 20U : std::clamp(second, std::size_t{32} << 20U, std::size_t{1} << 30U)};
  auto writer = SigmfWriter::create(options.output, *meta, writing);
  if (!writer) return tl::unexpected(writer.error());
  Recording made{.radio = std::move(opened->radio), .writer = *std::move(writer), .meta = *std::move(meta), .wanted = {}};
  if (options.num_samples) made.wanted = static_cast<std::uint64_t>(*options.num_samples);
  if (options.duration) made.wanted = static_cast<std::uint64_t>(to_samples(*options.duration, made.meta.sample_rate).value());
  // After the writer's threads were made, which are not the radio's; before the radio's own, which inherit it.
  request_realtime_for(made.radio->describe());
  if (auto started = made.radio->start(SampleTime(0)); !started) return tl::unexpected(started.error());
  return made;
}

void show_progress(Progress& progress, const Recording& made)
{
  std::optional<double> fraction;
  if (made.wanted) fraction = static_cast<double>(made.received) / static_cast<double>(*made.wanted);
  const RadioCounters radio = made.radio->counters();
  const double seconds = static_cast<double>(made.received) / static_cast<double>(made.meta.sample_rate.hz());
  const auto bytes = made.received * made.meta.bytes_per_frame();
  progress.show(fraction, fmt::format("{:.1f} s  {:.1f} MB  {} overflows  {} lost{}", seconds, static_cast<double>(bytes) / 1e6,
                                      radio.overflows, radio.lost_samples + made.writer->counters().dropped,
                                      made.wanted ? "" : "  (Ctrl-C ends)"));
}

/// Appends all of a block: a radio that can wait does, hardware goes on (the rest is dropped and marked).
void append(Recording& made, ConstIqSpan samples, SampleTime time, bool can_wait)
{
  std::size_t done = 0;
  do {
    const SampleTime at = time + SampleCount(static_cast<std::int64_t>(done));
    done += made.writer->append(samples.subspan(done, samples.num_samples() - done), at);
  } while (can_wait && done < samples.num_samples() && !made.writer->counters().has_failed);
}

/// Until enough is there, the user or the radio ends it, or the disk is full.
Result<void> stream(Recording& made)
{
  const RadioDescription description = made.radio->describe();
  const auto block_length = static_cast<std::size_t>(std::clamp<std::int64_t>(made.meta.sample_rate.hz() / 100, 512, 65536));
  IqBuffer block(description.receive.size(), block_length);
  Progress progress;
  auto last_sample = std::chrono::steady_clock::now();
  while (!stop_requested() && !made.writer->counters().has_failed) {
    const std::uint64_t left = made.wanted ? *made.wanted - made.received : block_length;
    if (left == 0) break;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, block_length));
    const RxResult result = made.radio->receive(block.span().first(count));
    if (result.status == RxStatus::ended) break;
    if (result.status == RxStatus::failed) return fail(ErrorCode::io, "the radio failed; what was received is recorded");
    const auto now = std::chrono::steady_clock::now();
    if (result.status == RxStatus::ok && result.num_samples > 0) {
      last_sample = now;
      append(made, block.span().channels(0, made.meta.num_channels).first(result.num_samples), result.time, !description.is_hardware);
      made.received += result.num_samples;
    } else if (now - last_sample > kLongestSilence) {
      return fail(ErrorCode::io, "nothing was received for 5 s: is the other end running, is the device sending?");
    }
    show_progress(progress, made);
  }
  return {};
}

void print_summary(const RecordOptions& options, const Recording& made, const WriterCounters& written)
{
  const RadioCounters radio = made.radio->counters();
  const double seconds = static_cast<double>(written.written) / static_cast<double>(made.meta.sample_rate.hz());
  const std::optional<Hertz> center = made.meta.captures.front().frequency;
  const std::uint64_t clipped = radio.saturated + written.clipped;
  if (options.is_json) {
    nlohmann::ordered_json report{{"meta", made.writer->paths().meta},
                                  {"data", made.writer->paths().data},
                                  {"format", recording::to_text(made.meta.format)},
                                  {"channels", made.meta.num_channels},
                                  {"sample_rate_hz", made.meta.sample_rate.hz()},
                                  {"center_hz", nullptr},
                                  {"samples", written.written},
                                  {"seconds", seconds},
                                  {"overflows", radio.overflows},
                                  {"gaps", written.gaps},
                                  {"lost_samples", written.lost},
                                  {"dropped_samples", written.dropped},
                                  {"clipped_components", clipped},
                                  {"not_finite_samples", radio.not_finite},
                                  {"stopped_by_user", stop_requested().load()},
                                  {"disk_failed", written.has_failed}};
    if (center) report["center_hz"] = center->value();
    fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  fmt::print("{}\n  {} samples ({:.3f} s) x {} channel{}, {}, {}{}\n  overflows {}  gaps {}  lost {}  clipped {}\n", made.writer->paths().meta,
             written.written, seconds, made.meta.num_channels, made.meta.num_channels == 1 ? "" : "s", to_text(made.meta.sample_rate),
             recording::to_text(made.meta.format), center ? " at " + to_text(*center) : "", radio.overflows, written.gaps, written.lost, clipped);
}

int run_record(const RecordOptions& options)
{
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is then an error of write, like a full disk
  static_cast<void>(stop_requested());
  auto made = begin(options);
  if (!made) return report(made.error());
  const Result<void> streamed = stream(*made);
  made->radio->stop();
  const auto closed = made->writer->close();
  print_summary(options, *made, made->writer->counters());
  if (!closed) return report(closed.error());
  if (!streamed) return report(streamed.error());
  return made->received > 0 ? kDone : kAnswerIsNo;
}

}  // namespace

void add_record(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<RecordOptions>();
  CLI::App* command = ravi.add_subcommand("record", "Records what a radio receives into a SigMF recording");
  command->add_option("output", options->output, "NAME: makes NAME.sigmf-meta and NAME.sigmf-data; never overwrites")->required();
  add_radio_options(*command, options->radio, Direction::receive);
  command->get_option("--device")->required();
  auto* duration = add_quantity(*command, "--duration", options->duration, parse_duration, "how long, e.g. 10s; default: until Ctrl-C");
  auto* samples = command->add_option("--samples", options->num_samples, "how many samples of each channel")->check(CLI::PositiveNumber);
  duration->excludes(samples);
  command->add_option("--format", options->format, "of the samples on disk")
      ->check(CLI::IsMember({"cf32", "ci16", "ci8"}))
      ->capture_default_str();
  command->add_option("--channels", options->num_channels, "record the first N channels; default: all");
  command->add_option("--description", options->description, "kept in the metadata");
  command->add_flag("--json", options->is_json, "report as one JSON document");
  command->footer("Example: ravi record capture --device uhd:type=b200 --rate 23.04MHz --freq 3.5GHz --gain 40dB --duration 10s\n"
                  "Exit status 1: nothing was received.");
  command->callback([options, &run] { run = [options] { return run_record(*options); }; });
}

}  // namespace ravi::apps
