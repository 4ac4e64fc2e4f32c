// ravi replay: a SigMF recording, or what one radio receives, sent through a radio.

#include "apps/command.h"
#include "apps/open_radio.h"
#include "apps/progress.h"
#include "apps/relay.h"
#include "apps/sample_feed.h"
#include "drivers/file/file_config.h"
#include "radio/device_string.h"
#include "radio/quantity_text.h"
#include "radio/recording/sigmf_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ravi::apps {
namespace {

struct ReplayOptions {
  RadioOptions input;   ///< `device`: the recording or radio
  RadioOptions output;  ///< --device
  std::string offset = "0";
  std::string duration;
  bool is_looped = false;
  bool is_json = false;
};

/// What is sent, opened and adjusted.
struct Input {
  std::string name;                   ///< the recording's metadata, or the radio's name
  OpenedRadio opened;
  std::optional<SampleCount> length;  ///< known in advance, at the input's rate
  std::optional<SampleCount> limit;   ///< of a radio: as long as wanted
};

/// The frequency of a recording, which cannot be tuned, or the one asked for.
std::optional<Hertz> center_of(const Input& input, const RadioOptions& options)
{
  if (options.frequency) return input.opened.frequency;
  const RadioDescription description = input.opened.radio->describe();
  const Range<Hertz> range = description.receive.front().frequency;
  if (description.driver == "file" && range.low == range.high && range.low > Hertz(0)) return range.low;
  return std::nullopt;
}

Result<Input> open_recording(const ReplayOptions& options)
{
  const RadioOptions& radio = options.input;
  if (radio.rate || radio.frequency || radio.gain || radio.bandwidth || radio.lo_offset || !radio.antenna.empty() ||
      !radio.clock.empty() || !radio.time.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("{} is a recording: --input-rate, --input-freq and the like are for radios", radio.device));
  }
  const auto reader = recording::SigmfReader::open(radio.device);
  if (!reader) return tl::unexpected(reader.error());
  DeviceString device{.driver = "file", .target = radio.device, .arguments = {}};
  device.arguments["offset"] = options.offset;
  if (!options.duration.empty()) device.arguments["duration"] = options.duration;
  if (options.is_looped) device.arguments["loop"] = "yes";
  auto opened = open_radio(device, TransmitPermission::none);
  if (!opened) return tl::unexpected(opened.error());
  const SampleRate rate = reader->meta().sample_rate;
  std::optional<SampleCount> length;
  if (!options.is_looped) length = reader->length() - *parse_samples_or_duration(options.offset, rate);
  if (length && !options.duration.empty()) length = std::min(*length, *parse_samples_or_duration(options.duration, rate));
  return Input{.name = reader->paths().meta, .opened = {.radio = *std::move(opened), .rate = rate, .frequency = {}}, .length = length, .limit = {}};
}

/// `other`: the rate asked for the radio that sends, or its own; 0: neither.
Result<Input> open_receiver(const ReplayOptions& options, SampleRate other)
{
  if (options.is_looped || options.offset != "0") {
    return fail(ErrorCode::bad_input, "--loop and --offset are for recordings; for one named as a radio, write file:NAME,loop=yes,offset=...");
  }
  auto radio = open_radio(options.input);
  if (!radio) return tl::unexpected(radio.error());
  const RadioDescription description = (*radio)->describe();
  if (description.receive.empty()) return fail(ErrorCode::unsupported, fmt::format("{} does not receive", description.name));
  RadioOptions wish = options.input;
  if (!wish.rate && description.sample_rate.hz() == 0 && other.hz() > 0) wish.rate = other;
  auto opened = adjust(*std::move(radio), wish, Direction::receive);
  if (!opened) return tl::unexpected(opened.error());
  if (opened->rate.hz() <= 0) return fail(ErrorCode::bad_input, fmt::format("{} needs --input-rate or --rate, e.g. --rate 23.04MHz", description.name));
  std::optional<SampleCount> limit;
  if (!options.duration.empty()) {
    const auto duration = parse_samples_or_duration(options.duration, opened->rate);
    if (!duration) return tl::unexpected(duration.error());
    limit = *duration;
  }
  return Input{.name = description.name, .opened = *std::move(opened), .length = limit, .limit = limit};
}

Result<Input> open_input(const ReplayOptions& options, SampleRate other)
{
  return is_radio_string(options.input.device) ? open_receiver(options, other) : open_recording(options);
}

/// Adjusts the radio that sends: to the rate asked for, its own, or the input's; simulated ones to the input's frequency.
Result<OpenedRadio> adjust_transmitter(std::unique_ptr<Radio> radio, RadioOptions options, const Input& input, std::optional<Hertz> center)
{
  const RadioDescription description = radio->describe();
  if (!options.rate && description.sample_rate.hz() == 0) options.rate = input.opened.rate;
  const bool is_tuned = options.frequency.has_value();
  if (!is_tuned && !description.is_hardware) options.frequency = center;
  auto opened = adjust(std::move(radio), options, Direction::transmit);
  if (!opened) return opened;
  if (description.is_hardware && !is_tuned) {
    return fail(ErrorCode::bad_input, "say where to transmit with --freq, e.g. --freq 3.5GHz; the input's own frequency is not taken for it");
  }
  const std::size_t num_channels = input.opened.radio->describe().receive.size();
  if (description.transmit.size() < num_channels) {
    return fail(ErrorCode::bad_input,
                fmt::format("{} has {} channels, {} transmits {}", input.name, num_channels, description.name, description.transmit.size()));
  }
  if (opened->rate.hz() > 100 * input.opened.rate.hz() || input.opened.rate.hz() > 100 * opened->rate.hz()) {
    return fail(ErrorCode::unsupported, fmt::format("{} cannot be resampled to {}; choose a --rate within a factor of 100",
                                                    to_text(input.opened.rate), to_text(opened->rate)));
  }
  return opened;
}

struct Replay {
  std::unique_ptr<Relay> relay;
  std::string name;
  std::optional<std::int64_t> length;  ///< to be sent, samples
};

Result<Replay> begin(const ReplayOptions& options)
{
  auto radio = open_radio(options.output);
  if (!radio) return tl::unexpected(radio.error());
  auto input = open_input(options, options.output.rate.value_or((*radio)->describe().sample_rate));
  if (!input) return tl::unexpected(input.error());
  const std::optional<Hertz> center = center_of(*input, options.input);
  auto output = adjust_transmitter(*std::move(radio), options.output, *input, center);
  if (!output) return tl::unexpected(output.error());
  const SampleRate in_rate = input->opened.rate;
  Replay replay{.relay = nullptr, .name = input->name, .length = {}};
  if (input->length) replay.length = to_samples(to_duration(*input->length, in_rate), output->rate).value();
  auto feed = std::make_unique<SampleFeed>(std::move(input->opened.radio),
                                           SampleFeed::Config{.rate = in_rate, .out_rate = output->rate, .length = input->limit});
  replay.relay = std::make_unique<Relay>(std::move(output->radio), std::move(feed));
  return replay;
}

void show_progress(Progress& progress, const Replay& replay)
{
  const Relay& relay = *replay.relay;
  const double sent = static_cast<double>(relay.totals().sent);
  std::optional<double> fraction;
  if (replay.length) fraction = sent / static_cast<double>(*replay.length);
  const FeedCounters fed = relay.feed().counters();
  progress.show(fraction, fmt::format("{:.1f} s sent  {} late  {} underflows  {} lost{}", sent / static_cast<double>(relay.feed().out_rate().hz()),
                                      relay.totals().lates, relay.counters().underflows, fed.lost + fed.dropped,
                                      replay.length ? "" : "  (Ctrl-C ends)"));
}

void print_summary(const ReplayOptions& options, const Replay& replay)
{
  const RelayTotals& totals = replay.relay->totals();
  const RadioCounters sender = replay.relay->counters();
  const SampleFeed& feed = replay.relay->feed();
  const RadioCounters receiver = feed.radio().counters();
  const FeedCounters fed = feed.counters();
  const double seconds = static_cast<double>(totals.sent) / static_cast<double>(feed.out_rate().hz());
  if (options.is_json) {
    const nlohmann::ordered_json report{{"input", replay.name},
                                        {"sample_rate_hz", feed.out_rate().hz()},
                                        {"channels", feed.radio().describe().receive.size()},
                                        {"samples", totals.sent},
                                        {"seconds", seconds},
                                        {"late_blocks", totals.lates},
                                        {"timeouts", totals.timeouts},
                                        {"starved", totals.starved},
                                        {"underflows", sender.underflows},
                                        {"saturated_components", sender.saturated},
                                        {"received_samples", fed.received},
                                        {"overflows", receiver.overflows},
                                        {"gaps", fed.gaps},
                                        {"lost_samples", fed.lost},
                                        {"dropped_samples", fed.dropped},
                                        {"not_finite_samples", receiver.not_finite},
                                        {"stopped_by_user", stop_requested().load()}};
    fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  fmt::print("{}\n  sent {} samples ({:.3f} s) at {}\n  late {}  underflows {}  starved {}  saturated {}\n"
             "  overflows {}  gaps {}  lost {}  dropped {}\n",
             replay.name, totals.sent, seconds, to_text(feed.out_rate()), totals.lates, sender.underflows, totals.starved, sender.saturated,
             receiver.overflows, fed.gaps, fed.lost, fed.dropped);
}

int run_replay(const ReplayOptions& options)
{
  static_cast<void>(stop_requested());
  auto replay = begin(options);
  if (!replay) return report(replay.error());
  Result<void> done;
  {
    Progress progress;
    done = replay->relay->run([&] { show_progress(progress, *replay); });
  }
  print_summary(options, *replay);
  if (!done) return report(done.error());
  return replay->relay->totals().sent > 0 ? kDone : kAnswerIsNo;
}

}  // namespace

void add_replay(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = ravi.add_subcommand("replay", "Sends a SigMF recording, or what another radio receives, through a radio");
  command->add_option("input", options->input.device, "a recording (NAME, NAME.sigmf-meta or NAME.sigmf-data) or a radio (DRIVER:key=value,...)")
      ->required();
  add_radio_options(*command, options->output, Direction::transmit);
  command->get_option("--device")->required();
  add_adjustments(*command, options->input, "--input-");
  command->add_option("--offset", options->offset, "where to begin in a recording: samples, or a time such as 10ms")->capture_default_str();
  command->add_option("--duration", options->duration, "how much of the input: samples or a time; default: to its end");
  command->add_flag("--loop", options->is_looped, "a recording again and again, until Ctrl-C");
  command->add_flag("--json", options->is_json, "report as one JSON document");
  command->footer("Example: ravi replay capture --device zmq:tx=tcp://*:2000 --loop\n"
                  "Example: ravi replay uhd:type=b200 --input-freq 3.5GHz --rate 23.04MHz --device zmq:tx=tcp://*:2000\n"
                  "Where the rates of input and radio differ, the input is resampled. Gaps of the input are sent as zeros.\n"
                  "A hardware radio transmits only with --freq and --i-am-licensed-to-transmit.\n"
                  "Exit status 1: nothing was sent.");
  command->callback([options, &run] { run = [options] { return run_replay(*options); }; });
}

}  // namespace ravi::apps
