#include "drivers/file/file_radio.h"

#include "drivers/file/file_config.h"
#include "drivers/file/recording_source.h"
#include "radio/log.h"
#include "radio/quantity_text.h"
#include "radio/recording/sigmf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace ravi {
namespace {

using recording::SigmfWriter;

constexpr Hertz kAnyFrequency{1e13};
constexpr std::size_t kZeros = 16384;
constexpr std::int64_t kLongestSilence = std::int64_t{1} << 28U;  // written as zeros; longer: a gap in the recording
constexpr std::chrono::milliseconds kLongestWait{100};

/// Two threads make the one transmitted recording: what `transmit` sends, and the zeros that `receive` owes (rule A).
/// Held for one block; waits without a system call where nobody holds it.
class BlockLock {
public:
  explicit BlockLock(std::atomic_flag& flag) noexcept : flag_(flag)
  {
    while (flag_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
  }
  ~BlockLock() { flag_.clear(std::memory_order_release); }
  BlockLock(const BlockLock&) = delete;
  BlockLock& operator=(const BlockLock&) = delete;

private:
  std::atomic_flag& flag_;
};

class FileRadio final : public Radio {
public:
  FileRadio(FileConfig config, std::optional<RecordingSource> source) : config_(std::move(config)), source_(std::move(source))
  {
    rate_ = source_ ? source_->rate() : config_.tx_rate.value_or(SampleRate());
    tx_center_ = source_ ? recorded_center() : std::nullopt;
  }

  [[nodiscard]] RadioDescription describe() const override;
  [[nodiscard]] Result<SampleRate> set_sample_rate(SampleRate rate) override;
  [[nodiscard]] Result<Tune> tune(Direction direction, std::size_t channel, const Tune& tune) override;
  [[nodiscard]] Result<Decibel> set_gain(Direction, std::size_t, Decibel) override { return no_such_control("gain"); }
  [[nodiscard]] Result<Hertz> set_bandwidth(Direction, std::size_t, Hertz) override { return no_such_control("analog filter"); }
  [[nodiscard]] Result<std::string> set_antenna(Direction, std::size_t, std::string_view) override { return no_such_control("antenna"); }
  [[nodiscard]] Result<Reference> set_reference(const Reference& reference) override;
  [[nodiscard]] Result<bool> reference_locked() override { return true; }  // its samples are its clock
  [[nodiscard]] Result<void> start(SampleTime first) override;
  [[nodiscard]] RxResult receive(IqSpan out) noexcept override;
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override;
  void stop() noexcept override { is_running_.store(false, std::memory_order_release); }
  [[nodiscard]] Peer peer() const noexcept override { return Peer::present; }
  [[nodiscard]] RadioCounters counters() const noexcept override;

private:
  [[nodiscard]] static tl::unexpected<Error> no_such_control(const char* what)
  {
    return fail(ErrorCode::unsupported, fmt::format("file radio: a recording has no {} to set; leave it out", what));
  }
  [[nodiscard]] std::optional<Hertz> recorded_center() const
  {
    const auto& captures = source_->meta().captures;
    return captures.empty() ? std::nullopt : captures.front().frequency;
  }
  [[nodiscard]] bool is_running() const noexcept { return is_running_.load(std::memory_order_acquire); }
  Result<void> make_recording(SampleTime first);
  bool is_due(SampleTime end) noexcept;
  bool send(ConstIqSpan in, SampleTime at) noexcept;
  bool send_silence(SampleTime until) noexcept;

  FileConfig config_;
  std::optional<RecordingSource> source_;
  SampleRate rate_;
  std::optional<Hertz> rx_center_;  ///< told by `tune`, where the recording does not say
  std::optional<Hertz> tx_center_;
  std::atomic<bool> is_running_{false};
  SampleTime first_;
  std::chrono::steady_clock::time_point started_at_;

  SampleTime rx_time_;  ///< of the next received sample

  std::unique_ptr<SigmfWriter> writer_;
  std::atomic_flag tx_flag_ = ATOMIC_FLAG_INIT;
  SampleTime tx_time_;  ///< of the next sample of the transmitted recording
  IqBuffer zeros_;

  std::atomic<std::uint64_t> rx_samples_{0}, tx_samples_{0}, lates_{0}, lost_{0}, not_finite_{0};
};

RadioDescription FileRadio::describe() const
{
  RadioDescription description{.driver = "file", .name = source_ ? source_->paths().data : config_.tx, .receive = {}, .transmit = {}};
  if (source_) {
    description.sample_rate = source_->rate();
    const std::optional<Hertz> center = recorded_center();
    const Range<Hertz> frequency = center ? Range<Hertz>{*center, *center} : Range<Hertz>{Hertz(0), kAnyFrequency};
    description.receive.assign(source_->meta().num_channels, {.frequency = frequency, .gain = {}, .bandwidth = {}, .antennas = {}});
  }
  if (!config_.tx.empty()) {
    const Range<Hertz> any{Hertz(0), kAnyFrequency};
    description.transmit.assign(config_.num_tx_channels, {.frequency = any, .gain = {}, .bandwidth = {}, .antennas = {}});
  }
  return description;
}

Result<SampleRate> FileRadio::set_sample_rate(SampleRate rate)
{
  if (is_running()) return fail(ErrorCode::busy, "file radio: the rate is set before it is started");
  if (!source_ && rate.hz() <= 0) return fail(ErrorCode::bad_input, "file radio: a sample rate must be above 0");
  if (!source_) rate_ = rate;
  return rate_;
}

Result<Tune> FileRadio::tune(Direction direction, std::size_t channel, const Tune& tune)
{
  const RadioDescription description = describe();
  if (channel >= (direction == Direction::receive ? description.receive : description.transmit).size()) {
    return fail(ErrorCode::bad_input, fmt::format("file radio: it has no channel {} in that direction", channel));
  }
  if (tune.at) return fail(ErrorCode::unsupported, "file radio: a recording cannot be tuned at a later time");
  if (direction == Direction::receive) {
    const std::optional<Hertz> recorded = recorded_center();
    if (!recorded) rx_center_ = tune.center;
    return Tune{.center = recorded.value_or(tune.center), .lo_offset = {}, .at = {}};
  }
  if (writer_) return fail(ErrorCode::busy, "file radio: the frequency of a recording is set before it is started");
  tx_center_ = tune.center;
  return Tune{.center = tune.center, .lo_offset = {}, .at = {}};
}

Result<Reference> FileRadio::set_reference(const Reference& reference)
{
  if (reference.clock != "internal" || reference.time != "internal") {
    return fail(ErrorCode::unsupported, "file radio: a recording has no clock but its own; use internal");
  }
  return reference;
}

Result<void> FileRadio::start(SampleTime first)
{
  if (is_running()) return fail(ErrorCode::busy, "file radio: it is started already");
  if (rate_.hz() <= 0) return fail(ErrorCode::bad_input, "file radio: set a sample rate first, or give rate= in the radio string");
  if (auto made = make_recording(first); !made) return made;
  if (source_) source_->rewind();
  first_ = rx_time_ = tx_time_ = first;
  started_at_ = std::chrono::steady_clock::now();
  is_running_.store(true, std::memory_order_release);
  return {};
}

Result<void> FileRadio::make_recording(SampleTime first)
{
  if (config_.tx.empty()) return {};
  if (writer_) return fail(ErrorCode::busy, fmt::format("file radio: {} is made already; open the radio anew with another tx=", config_.tx));
  recording::SigmfMeta meta;
  meta.format = config_.tx_format;
  meta.sample_rate = rate_;
  meta.num_channels = config_.num_tx_channels;
  meta.recorder = "ravi";
  meta.captures.push_back({.sample_start = {}, .frequency = tx_center_, .datetime = {}, .global_index = first});
  auto writer = SigmfWriter::create(config_.tx, meta, {.when_full = recording::WhenFull::wait, .buffer_bytes = std::size_t{32} << 20U});
  if (!writer) return tl::unexpected<Error>(writer.error());
  writer_ = *std::move(writer);
  zeros_ = IqBuffer(config_.num_tx_channels, kZeros);
  return {};
}

/// With pace=realtime: waits, 100 ms at most, until the sample before `end` would have come from the air.
bool FileRadio::is_due(SampleTime end) noexcept
{
  if (config_.pace == Pace::free) return true;
  const auto due = started_at_ + to_duration(end - first_, rate_);
  const auto now = std::chrono::steady_clock::now();
  std::this_thread::sleep_until(std::min(due, now + kLongestWait));
  return due <= now + kLongestWait;
}

RxResult FileRadio::receive(IqSpan out) noexcept
{
  if (!source_ || !is_running()) return {.status = RxStatus::ended, .time = rx_time_};
  if (out.num_channels() != source_->meta().num_channels) return {.status = RxStatus::failed, .time = rx_time_};
  if (!is_due(rx_time_ + SampleCount(static_cast<std::int64_t>(out.num_samples())))) return {.status = RxStatus::timeout, .time = rx_time_};
  const auto block = source_->read(out);
  if (!block) {
    log_error(fmt::format("file radio: {}", block.error().message));
    return {.status = RxStatus::failed, .time = rx_time_};
  }
  if (block->num_samples == 0 && !out.empty()) return {.status = RxStatus::ended, .time = rx_time_};

  const RxResult result{.status = RxStatus::ok, .time = rx_time_ + block->lost, .num_samples = block->num_samples, .lost = block->lost};
  rx_time_ = result.time + SampleCount(static_cast<std::int64_t>(block->num_samples));
  rx_samples_.fetch_add(block->num_samples, std::memory_order_relaxed);
  lost_.fetch_add(static_cast<std::uint64_t>(block->lost.value()), std::memory_order_relaxed);
  not_finite_.store(source_->num_not_finite(), std::memory_order_relaxed);
  if (writer_) {
    const BlockLock lock(tx_flag_);
    if (!send_silence(rx_time_)) return {.status = RxStatus::failed, .time = rx_time_};
  }
  return result;
}

TxResult FileRadio::transmit(ConstIqSpan in, SampleTime at, Burst) noexcept
{
  if (!writer_ || !is_running() || in.num_channels() != config_.num_tx_channels) return {.status = TxStatus::failed};
  const SampleTime end = at + SampleCount(static_cast<std::int64_t>(in.num_samples()));
  if (!source_ && !is_due(end)) return {.status = TxStatus::timeout};
  const BlockLock lock(tx_flag_);
  if (at < tx_time_) {
    lates_.fetch_add(1, std::memory_order_relaxed);
    return {.status = TxStatus::late};
  }
  if (!send_silence(at) || !send(in, at)) return {.status = TxStatus::failed};
  tx_samples_.fetch_add(in.num_samples(), std::memory_order_relaxed);
  return {.status = TxStatus::ok};
}

/// Appends all of `in`, waiting for the disk as long as it takes anything.
bool FileRadio::send(ConstIqSpan in, SampleTime at) noexcept
{
  std::size_t done = 0;
  while (done < in.num_samples()) {
    done += writer_->append(in.subspan(done, in.num_samples() - done), at + SampleCount(static_cast<std::int64_t>(done)));
    if (writer_->counters().has_failed) return false;
  }
  tx_time_ = at + SampleCount(static_cast<std::int64_t>(done));
  return true;
}

/// Zeros up to `until`. A silence that would fill the disk becomes a gap of the recording instead.
bool FileRadio::send_silence(SampleTime until) noexcept
{
  if ((until - tx_time_).value() > kLongestSilence) tx_time_ = until;
  while (tx_time_ < until) {
    const auto count = std::min<std::int64_t>((until - tx_time_).value(), kZeros);
    if (!send(zeros_.span().first(static_cast<std::size_t>(count)), tx_time_)) return false;
  }
  return true;
}

RadioCounters FileRadio::counters() const noexcept
{
  RadioCounters totals;
  totals.rx_samples = rx_samples_.load(std::memory_order_relaxed);
  totals.tx_samples = tx_samples_.load(std::memory_order_relaxed);
  totals.lates = lates_.load(std::memory_order_relaxed);
  totals.lost_samples = lost_.load(std::memory_order_relaxed);
  totals.not_finite = not_finite_.load(std::memory_order_relaxed);
  if (writer_) totals.saturated = writer_->counters().clipped;
  return totals;
}

}  // namespace

Result<std::unique_ptr<Radio>> open_file(const DeviceString& device)
{
  auto config = parse_file_config(device);
  if (!config) return tl::unexpected<Error>(config.error());
  std::optional<RecordingSource> source;
  if (config->source) {
    auto opened = RecordingSource::open(*config->source);
    if (!opened) return tl::unexpected<Error>(opened.error());
    source = *std::move(opened);
    if (!device.get("channels")) config->num_tx_channels = source->meta().num_channels;
  }
  return std::make_unique<FileRadio>(*std::move(config), std::move(source));
}

}  // namespace ravi
