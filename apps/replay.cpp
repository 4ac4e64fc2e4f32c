// ravi replay: a SigMF recording sent through a radio.

#include "apps/command.h"
#include "apps/open_radio.h"
#include "apps/progress.h"
#include "drivers/file/file_config.h"
#include "drivers/file/recording_source.h"
#include "radio/device_string.h"
#include "radio/quantity_text.h"
#include "radio/recording/sigmf_reader.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ravi::apps {
namespace {

constexpr auto kLongestSilence = std::chrono::seconds(5);  // without the radio taking or giving anything: given up

struct ReplayOptions {
  RadioOptions radio;
  std::string input;
  std::string offset = "0";
  std::string duration;
  bool is_looped = false;
  bool is_json = false;
};

struct ReplayTotals {
  std::uint64_t sent = 0;      ///< samples a channel, with the silence of gaps
  std::uint64_t lates = 0;     ///< blocks dropped because their time had passed
  std::uint64_t timeouts = 0;  ///< times the radio took nothing for a while; the block was sent again
};

/// A replay under way.
class Replay {
public:
  Replay(std::unique_ptr<Radio> radio, RecordingSource source, std::size_t block_length)
    : radio_(std::move(radio)),
      source_(std::move(source)),
      block_length_(block_length),
      read_(source_.meta().num_channels, block_length),
      received_(radio_->describe().receive.size(), block_length),
      block_(radio_->describe().transmit.size(), block_length)
  {
  }

  /// Until the recording ends or the user stops it.
  Result<void> run(const ReplayOptions& options);

  [[nodiscard]] const RecordingSource& source() const { return source_; }
  [[nodiscard]] const ReplayTotals& totals() const { return totals_; }
  [[nodiscard]] RadioCounters counters() const { return radio_->counters(); }

private:
  enum class Step { goes_on, ended };

  [[nodiscard]] SampleCount lead() const { return SampleCount(static_cast<std::int64_t>(4 * block_length_)); }
  Result<std::size_t> fill_block();
  Result<Step> receive_block();
  Result<void> send_block(std::size_t count, Burst burst);
  Result<void> wait_until_sent();
  Result<void> check_alive(bool has_moved);
  void show(Progress& progress, bool is_looped);

  std::unique_ptr<Radio> radio_;
  RecordingSource source_;
  std::size_t block_length_;
  IqBuffer read_;  ///< from the recording, [read_begin_, read_end_) not yet in a block
  std::size_t read_begin_ = 0, read_end_ = 0;
  IqBuffer received_;  ///< thrown away: receiving is what paces a radio that does both
  IqBuffer block_;
  std::int64_t silence_ = 0;  ///< samples of a gap of the recording still to be sent as zeros
  SampleTime received_until_;
  SampleTime next_;  ///< time of the next transmitted sample
  ReplayTotals totals_;
  std::chrono::steady_clock::time_point last_moved_ = std::chrono::steady_clock::now();
};

/// The next samples of the recording, zeros where it has a gap; fewer at the end. Further channels of the radio send zeros.
Result<std::size_t> Replay::fill_block()
{
  const IqSpan recorded = block_.span().channels(0, source_.meta().num_channels);
  std::size_t filled = 0;
  while (filled < block_length_) {
    const std::size_t room = block_length_ - filled;
    if (silence_ > 0) {
      const auto count = std::min(static_cast<std::size_t>(silence_), room);
      fill_zero(recorded.subspan(filled, count));
      silence_ -= static_cast<std::int64_t>(count);
      filled += count;
    } else if (read_begin_ < read_end_) {
      const std::size_t count = std::min(read_end_ - read_begin_, room);
      copy(read_.span().subspan(read_begin_, count), recorded.subspan(filled, count));
      read_begin_ += count;
      filled += count;
    } else {
      const auto block = source_.read(read_.span());
      if (!block) return tl::unexpected(block.error());
      if (block->num_samples == 0) break;
      silence_ = block->lost.value();
      read_begin_ = 0;
      read_end_ = block->num_samples;
    }
  }
  return filled;
}

/// A radio that receives too is paced by what it receives; one that does not, by what it takes.
Result<Replay::Step> Replay::receive_block()
{
  if (received_.num_channels() == 0) return Step::goes_on;
  const RxResult result = radio_->receive(received_.span());
  if (result.status == RxStatus::ended) return Step::ended;
  if (result.status == RxStatus::failed) return fail(ErrorCode::io, "the radio failed");
  if (result.status == RxStatus::ok) received_until_ = result.time + SampleCount(static_cast<std::int64_t>(result.num_samples));
  if (auto alive = check_alive(result.status == RxStatus::ok); !alive) return tl::unexpected(alive.error());
  return Step::goes_on;
}

Result<void> Replay::send_block(std::size_t count, Burst burst)
{
  for (;;) {
    const TxResult result = radio_->transmit(block_.span().first(count), next_, burst);
    switch (result.status) {
      case TxStatus::ok:
        next_ += SampleCount(static_cast<std::int64_t>(count));
        totals_.sent += count;
        return check_alive(true);
      case TxStatus::late:  // what follows goes out later by as much
        ++totals_.lates;
        next_ = std::max(next_, received_until_) + lead();
        break;
      case TxStatus::timeout: ++totals_.timeouts; break;
      case TxStatus::disarmed: return fail(ErrorCode::refused, "the radio's transmitter is disarmed; see --i-am-licensed-to-transmit");
      case TxStatus::failed: return fail(ErrorCode::io, "the radio failed, or its disk is full");
    }
    if (stop_requested()) return {};
    if (auto alive = check_alive(false); !alive) return alive;
  }
}

Result<void> Replay::check_alive(bool has_moved)
{
  const auto now = std::chrono::steady_clock::now();
  if (has_moved) last_moved_ = now;
  if (now - last_moved_ <= kLongestSilence) return {};
  return fail(ErrorCode::io, "the radio took and gave nothing for 5 s: is the other end running?");
}

Result<void> Replay::run(const ReplayOptions& options)
{
  request_realtime_for(radio_->describe());
  if (auto started = radio_->start(SampleTime(0)); !started) return started;
  // Twice the lead: a radio that receives does so first, because a link only begins with that.
  if (received_.num_channels() > 0) next_ = SampleTime(0) + lead() + lead();
  Progress progress;
  bool is_last = false;
  while (!is_last) {
    // Keep `lead` ahead of what was received.
    while (received_.num_channels() > 0 && next_ >= received_until_ + lead() + lead() && !stop_requested()) {
      const auto step = receive_block();
      if (!step) return tl::unexpected(step.error());
      if (*step == Step::ended) return {};
    }
    const auto count = fill_block();
    if (!count) return tl::unexpected(count.error());
    const bool is_used_up = source_.is_at_end() && silence_ == 0 && read_begin_ == read_end_;
    is_last = is_used_up || stop_requested();
    if (auto sent = send_block(*count, is_last ? Burst::ends : Burst::goes_on); !sent) return sent;
    show(progress, options.is_looped);
  }
  return wait_until_sent();
}

/// A radio that receives is kept going until the last sample has been on the air.
Result<void> Replay::wait_until_sent()
{
  while (received_.num_channels() > 0 && received_until_ < next_ && !stop_requested()) {
    const auto step = receive_block();
    if (!step) return tl::unexpected(step.error());
    if (*step == Step::ended) break;
  }
  radio_->stop();
  return {};
}

void Replay::show(Progress& progress, bool is_looped)
{
  const double done = static_cast<double>(totals_.sent);
  std::optional<double> fraction;
  if (!is_looped) fraction = done / static_cast<double>(source_.length().value());
  progress.show(fraction, fmt::format("{:.1f} s sent  {} late  {} underflows{}", done / static_cast<double>(source_.rate().hz()), totals_.lates,
                                       radio_->counters().underflows, is_looped ? "  (Ctrl-C ends)" : ""));
}

Result<SourceConfig> choose_part(const ReplayOptions& options, SampleRate own_rate)
{
  SourceConfig config{.name = options.input, .offset = {}, .duration = {}, .rate = {}, .is_looped = options.is_looped};
  const auto offset = parse_samples_or_duration(options.offset, own_rate);
  if (!offset) return tl::unexpected(offset.error());
  config.offset = *offset;
  if (options.duration.empty()) return config;
  const auto duration = parse_samples_or_duration(options.duration, own_rate);
  if (!duration) return tl::unexpected(duration.error());
  config.duration = *duration;
  return config;
}

/// The radio at the recording's rate and frequency, or at those asked for.
Result<OpenedRadio> open_transmitter(RadioOptions options, const recording::SigmfMeta& meta)
{
  const auto device = parse_device_string(options.device);
  if (!device) return tl::unexpected(device.error());
  if (!options.rate) options.rate = meta.sample_rate;
  const bool is_simulated = device->driver != "uhd" && device->driver != "soapy";
  if (!options.frequency && is_simulated && !meta.captures.empty()) options.frequency = meta.captures.front().frequency;
  auto opened = open_and_tune(options, Direction::transmit);
  if (!opened) return opened;
  const RadioDescription description = opened->radio->describe();
  if (description.is_hardware && !options.frequency) {
    return fail(ErrorCode::bad_input, "say where to transmit with --freq, e.g. --freq 3.5GHz; the recording's own frequency is not taken for it");
  }
  if (description.transmit.size() < meta.num_channels) {
    return fail(ErrorCode::bad_input, fmt::format("the recording has {} channels, {} transmits {}", meta.num_channels, description.name,
                                                  description.transmit.size()));
  }
  return opened;
}

Result<Replay> begin(const ReplayOptions& options)
{
  const auto reader = recording::SigmfReader::open(options.input);
  if (!reader) return tl::unexpected(reader.error());
  auto config = choose_part(options, reader->meta().sample_rate);
  if (!config) return tl::unexpected(config.error());
  auto opened = open_transmitter(options.radio, reader->meta());
  if (!opened) return tl::unexpected(opened.error());
  if (opened->rate != reader->meta().sample_rate) config->rate = opened->rate;
  auto source = RecordingSource::open(*config);
  if (!source) return tl::unexpected(source.error());
  const auto block_length = static_cast<std::size_t>(std::clamp<std::int64_t>(opened->rate.hz() / 200, 256, 32768));
  return Replay(std::move(opened->radio), *std::move(source), block_length);
}

void print_summary(const ReplayOptions& options, const Replay& replay)
{
  const ReplayTotals& totals = replay.totals();
  const RadioCounters radio = replay.counters();
  const double seconds = static_cast<double>(totals.sent) / static_cast<double>(replay.source().rate().hz());
  if (options.is_json) {
    const nlohmann::ordered_json report{{"meta", replay.source().paths().meta},
                                        {"sample_rate_hz", replay.source().rate().hz()},
                                        {"channels", replay.source().meta().num_channels},
                                        {"samples", totals.sent},
                                        {"seconds", seconds},
                                        {"late_blocks", totals.lates},
                                        {"timeouts", totals.timeouts},
                                        {"underflows", radio.underflows},
                                        {"saturated_components", radio.saturated},
                                        {"not_finite_samples", replay.source().num_not_finite()},
                                        {"stopped_by_user", stop_requested().load()}};
    fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  fmt::print("{}\n  sent {} samples ({:.3f} s) at {}\n  late {}  underflows {}  saturated {}\n", replay.source().paths().meta, totals.sent, seconds,
             to_text(replay.source().rate()), totals.lates, radio.underflows, radio.saturated);
}

int run_replay(const ReplayOptions& options)
{
  static_cast<void>(stop_requested());
  auto replay = begin(options);
  if (!replay) return report(replay.error());
  const Result<void> done = replay->run(options);
  print_summary(options, *replay);
  if (!done) return report(done.error());
  return replay->totals().sent > 0 ? kDone : kAnswerIsNo;
}

}  // namespace

void add_replay(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = ravi.add_subcommand("replay", "Sends a SigMF recording through a radio");
  command->add_option("input", options->input, "the recording: NAME, NAME.sigmf-meta or NAME.sigmf-data")->required();
  add_radio_options(*command, options->radio, Direction::transmit);
  command->get_option("--device")->required();
  command->add_option("--offset", options->offset, "where to begin: samples, or a time such as 10ms")->capture_default_str();
  command->add_option("--duration", options->duration, "how much of it: samples or a time; default: to the end");
  command->add_flag("--loop", options->is_looped, "again and again, until Ctrl-C");
  command->add_flag("--json", options->is_json, "report as one JSON document");
  command->footer("Example: ravi replay capture --device zmq:tx=tcp://*:2000 --loop\n"
                  "Without --rate the recording's own rate is used; where the radio has another, the recording is resampled.\n"
                  "A hardware radio needs --freq and --i-am-licensed-to-transmit.\n"
                  "Exit status 1: nothing was sent.");
  command->callback([options, &run] { run = [options] { return run_replay(*options); }; });
}

}  // namespace ravi::apps
