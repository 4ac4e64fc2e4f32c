// The SoapySDR side: a port of the emulated air as a SoapySDR::Device, and its registration as driver "ravi".

#include "drivers/soapy_module/air_port.h"
#include "drivers/soapy_module/open_port.h"
#include "radio/dsp/convert.h"
#include "radio/quantity_text.h"

#include <SoapySDR/Formats.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Logger.hpp>
#include <SoapySDR/Registry.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ravi {
namespace {

constexpr std::size_t kMostChannels = 16;
constexpr double kLargestGain = 60.0;  // dB, either way
const SoapySDR::RangeList kFrequencies{SoapySDR::Range(0.0, 100e9)};
const std::string kAntenna = "AIR";
const std::string kInternal = "internal";

/// A program's stream of one direction.
struct PortStream {
  int direction = SOAPY_SDR_RX;
  bool is_cs16 = false;
  std::vector<std::size_t> channels;  ///< of the port, in the program's order
  IqBuffer samples;                   ///< [port channel][block]
};

/// A setting of each channel of each direction.
template <class T>
using PerChannel = std::array<std::array<std::atomic<T>, kMostChannels>, 2>;

std::size_t index_of(int direction) { return direction == SOAPY_SDR_RX ? 1 : 0; }

class AirDevice final : public SoapySDR::Device {
public:
  explicit AirDevice(OpenedPort opened)
      : port_(std::move(opened.port)), config_(opened.config), name_(std::move(opened.name))
  {
    for (auto& direction : gain_) {
      for (auto& gain : direction) gain = 0.0;
    }
    for (auto& direction : frequency_) {
      for (auto& frequency : direction) frequency = 1e9;
    }
  }

  // -- identification -------------------------------------------------------------------------------------------------
  std::string getDriverKey() const override { return "ravi"; }
  std::string getHardwareKey() const override { return "emulated air"; }
  SoapySDR::Kwargs getHardwareInfo() const override
  {
    return {{"name", name_}, {"rate", to_text(config_.rate)}, {"serial", name_}};
  }
  std::size_t getNumChannels(int direction) const override
  {
    return direction == SOAPY_SDR_RX ? config_.num_rx_channels : config_.num_tx_channels;
  }
  bool getFullDuplex(int, std::size_t) const override { return true; }

  // -- streams: soapy_device's second half
  // ------------------------------------------------------------------------------
  std::vector<std::string> getStreamFormats(int, std::size_t) const override
  {
    return {SOAPY_SDR_CF32, SOAPY_SDR_CS16};
  }
  std::string getNativeStreamFormat(int, std::size_t, double& full_scale) const override
  {
    full_scale = 1.0;
    return SOAPY_SDR_CF32;
  }
  SoapySDR::Stream* setupStream(int direction, const std::string& format, const std::vector<std::size_t>& channels,
                                const SoapySDR::Kwargs& args) override;
  void closeStream(SoapySDR::Stream* stream) override;
  std::size_t getStreamMTU(SoapySDR::Stream*) const override { return port_->block_length(); }
  int activateStream(SoapySDR::Stream* stream, int flags, long long time_ns, std::size_t num_elements) override;
  int deactivateStream(SoapySDR::Stream* stream, int flags, long long time_ns) override;
  int readStream(SoapySDR::Stream* stream, void* const* buffers, std::size_t num_elements, int& flags,
                 long long& time_ns, long timeout_us) override;
  int writeStream(SoapySDR::Stream* stream, const void* const* buffers, std::size_t num_elements, int& flags,
                  long long time_ns, long timeout_us) override;
  int readStreamStatus(SoapySDR::Stream* stream, std::size_t& channel_mask, int& flags, long long& time_ns,
                       long timeout_us) override;

  // -- antennas, gain, frequency, rate --------------------------------------------------------------------------------
  std::vector<std::string> listAntennas(int, std::size_t) const override { return {kAntenna}; }
  std::string getAntenna(int, std::size_t) const override { return kAntenna; }
  void setAntenna(int, std::size_t, const std::string& name) override
  {
    if (name != kAntenna) throw std::invalid_argument("the emulated air has one antenna, AIR, not '" + name + "'");
  }

  std::vector<std::string> listGains(int, std::size_t) const override { return {"GAIN"}; }
  SoapySDR::Range getGainRange(int, std::size_t) const override { return {-kLargestGain, kLargestGain}; }
  SoapySDR::Range getGainRange(int, std::size_t, const std::string&) const override
  {
    return {-kLargestGain, kLargestGain};
  }
  void setGain(int direction, std::size_t channel, double value) override
  {
    const double kept = std::isfinite(value) ? std::clamp(value, -kLargestGain, kLargestGain) : 0.0;
    gain_[index_of(direction)].at(channel) = kept;
  }
  void setGain(int direction, std::size_t channel, const std::string&, double value) override
  {
    setGain(direction, channel, value);
  }
  double getGain(int direction, std::size_t channel) const override { return gain_[index_of(direction)].at(channel); }
  double getGain(int direction, std::size_t channel, const std::string&) const override
  {
    return getGain(direction, channel);
  }

  std::vector<std::string> listFrequencies(int, std::size_t) const override { return {"RF"}; }
  SoapySDR::RangeList getFrequencyRange(int, std::size_t, const std::string&) const override { return kFrequencies; }
  void setFrequency(int direction, std::size_t channel, const std::string&, double frequency,
                    const SoapySDR::Kwargs&) override
  {
    frequency_[index_of(direction)].at(channel) = frequency;
  }
  double getFrequency(int direction, std::size_t channel, const std::string&) const override
  {
    return frequency_[index_of(direction)].at(channel);
  }

  double rate_hz() const { return static_cast<double>(config_.rate.hz()); }
  void setSampleRate(int, std::size_t, double rate) override
  {
    if (std::abs(rate - rate_hz()) < 0.5) return;
    SoapySDR::logf(SOAPY_SDR_WARNING, "%s runs at %.0f samples a second; %.0f cannot be had", name_.c_str(), rate_hz(),
                   rate);
  }
  double getSampleRate(int, std::size_t) const override { return rate_hz(); }
  std::vector<double> listSampleRates(int, std::size_t) const override { return {rate_hz()}; }
  SoapySDR::RangeList getSampleRateRange(int, std::size_t) const override
  {
    return {SoapySDR::Range(rate_hz(), rate_hz())};
  }
  double getBandwidth(int, std::size_t) const override { return rate_hz(); }
  SoapySDR::RangeList getBandwidthRange(int, std::size_t) const override
  {
    return {SoapySDR::Range(rate_hz(), rate_hz())};
  }

  // -- clocks, time, sensors ------------------------------------------------------------------------------------------
  double getMasterClockRate() const override { return rate_hz(); }
  SoapySDR::RangeList getMasterClockRates() const override { return {SoapySDR::Range(rate_hz(), rate_hz())}; }
  std::vector<std::string> listClockSources() const override { return {kInternal}; }
  std::string getClockSource() const override { return kInternal; }
  void setClockSource(const std::string& source) override { check_source(source); }
  std::vector<std::string> listTimeSources() const override { return {kInternal}; }
  std::string getTimeSource() const override { return kInternal; }
  void setTimeSource(const std::string& source) override { check_source(source); }
  bool hasHardwareTime(const std::string& what) const override { return what.empty() || what == "PPS"; }
  long long getHardwareTime(const std::string& what) const override;
  void setHardwareTime(long long time_ns, const std::string& what) override;

  std::vector<std::string> listSensors() const override { return {"ref_locked"}; }
  SoapySDR::ArgInfo getSensorInfo(const std::string& key) const override { return sensor_info(key); }
  std::string readSensor(const std::string&) const override { return "true"; }
  std::vector<std::string> listSensors(int, std::size_t) const override { return {"lo_locked"}; }
  SoapySDR::ArgInfo getSensorInfo(int, std::size_t, const std::string& key) const override { return sensor_info(key); }
  std::string readSensor(int, std::size_t, const std::string&) const override { return "true"; }

private:
  static void check_source(const std::string& source)
  {
    if (source != kInternal)
      throw std::invalid_argument("the emulated air has no clock or time source '" + source + "'");
  }
  static SoapySDR::ArgInfo sensor_info(const std::string& key)
  {
    SoapySDR::ArgInfo info;
    info.key = info.name = key;
    info.type = SoapySDR::ArgInfo::BOOL;
    info.value = "true";
    return info;
  }

  SampleCount time_offset() const;
  long long to_device_ns(SampleTime time) const;
  SampleTime to_sample_time(long long time_ns) const;
  float amplitude(int direction, std::size_t channel) const
  {
    return static_cast<float>(to_amplitude(Decibel(gain_[index_of(direction)].at(channel))));
  }

  const std::unique_ptr<AirPort> port_;
  const AirPortConfig config_;
  const std::string name_;
  PerChannel<double> gain_;
  PerChannel<double> frequency_;
  std::array<std::unique_ptr<PortStream>, 2> streams_;  ///< [transmit, receive]

  // The program may set the device's time: device time in samples = the air's time + offset.
  mutable std::mutex time_mutex_;
  mutable SampleCount offset_;
  mutable std::optional<std::pair<SampleTime, SampleCount>> next_offset_;  ///< to come at a PPS edge of the air
};

// -- time -------------------------------------------------------------------------------------------------------------

SampleCount AirDevice::time_offset() const
{
  const std::lock_guard lock(time_mutex_);
  if (next_offset_ && port_->now() >= next_offset_->first) {
    offset_ = next_offset_->second;
    next_offset_.reset();
  }
  return offset_;
}

long long AirDevice::to_device_ns(SampleTime time) const
{
  return to_duration(time + time_offset() - SampleTime(0), config_.rate).count();
}

SampleTime AirDevice::to_sample_time(long long time_ns) const
{
  return SampleTime(0) + to_samples(std::chrono::nanoseconds(time_ns), config_.rate) - time_offset();
}

long long AirDevice::getHardwareTime(const std::string& what) const
{
  const SampleTime now = port_->now();
  if (what != "PPS") return to_device_ns(now);
  return to_device_ns(SampleTime(now.value() - now.value() % config_.rate.hz()));
}

void AirDevice::setHardwareTime(long long time_ns, const std::string& what)
{
  if (what == "CMD") return;  // frequencies and antennas of the emulated air are labels: nothing happens at any time
  const SampleCount wish = to_samples(std::chrono::nanoseconds(time_ns), config_.rate);
  const SampleTime now = port_->now();
  const std::lock_guard lock(time_mutex_);
  if (what == "PPS") {
    const SampleTime edge = next_border(now + SampleCount(1), SampleCount(config_.rate.hz()));
    next_offset_ = {edge, wish - (edge - SampleTime(0))};
  } else {
    offset_ = wish - (now - SampleTime(0));
    next_offset_.reset();
  }
}

// -- streams ----------------------------------------------------------------------------------------------------------

PortStream& stream_of(SoapySDR::Stream* stream) { return *reinterpret_cast<PortStream*>(stream); }

SoapySDR::Stream* AirDevice::setupStream(int direction, const std::string& format,
                                         const std::vector<std::size_t>& channels, const SoapySDR::Kwargs&)
{
  std::unique_ptr<PortStream>& slot = streams_[index_of(direction)];
  if (slot) throw std::runtime_error("the emulated air has one stream a direction, and this one is open");
  if (format != SOAPY_SDR_CF32 && format != SOAPY_SDR_CS16) {
    throw std::invalid_argument("the emulated air streams CF32 and CS16, not " + format);
  }
  const std::size_t count = getNumChannels(direction);
  auto stream = std::make_unique<PortStream>();
  stream->direction = direction;
  stream->is_cs16 = format == SOAPY_SDR_CS16;
  stream->channels = channels.empty() ? std::vector<std::size_t>{0} : channels;
  for (std::size_t i = 0; i < stream->channels.size(); ++i) {
    const auto begin = stream->channels.begin();
    const bool is_twice = std::find(begin, begin + static_cast<std::ptrdiff_t>(i), stream->channels[i]) !=
                          begin + static_cast<std::ptrdiff_t>(i);
    if (stream->channels[i] >= count || is_twice) throw std::invalid_argument("no such channel, or it is given twice");
  }
  stream->samples = IqBuffer(count, port_->block_length());
  slot = std::move(stream);
  return reinterpret_cast<SoapySDR::Stream*>(slot.get());
}

void AirDevice::closeStream(SoapySDR::Stream* stream)
{
  const int direction = stream_of(stream).direction;
  if (direction == SOAPY_SDR_RX) {
    port_->end_receiving();
  } else {
    port_->end_burst();
    port_->drain(std::chrono::seconds(1));
  }
  streams_[index_of(direction)].reset();
}

int AirDevice::activateStream(SoapySDR::Stream* stream, int flags, long long time_ns, std::size_t num_elements)
{
  if (stream_of(stream).direction != SOAPY_SDR_RX) return 0;
  std::optional<SampleTime> start;
  if ((flags & SOAPY_SDR_HAS_TIME) != 0) start = to_sample_time(time_ns);
  port_->begin_receiving(start, num_elements);
  return 0;
}

int AirDevice::deactivateStream(SoapySDR::Stream* stream, int, long long)
{
  if (stream_of(stream).direction == SOAPY_SDR_RX) {
    port_->end_receiving();
  } else {
    port_->end_burst();
  }
  return 0;
}

int AirDevice::readStream(SoapySDR::Stream* handle, void* const* buffers, std::size_t num_elements, int& flags,
                          long long& time_ns, long timeout_us)
{
  PortStream& stream = stream_of(handle);
  flags = 0;
  const std::size_t most = std::min(num_elements, stream.samples.num_samples());
  const AirPort::ReadResult result =
      port_->read(stream.samples.span().first(most), std::chrono::microseconds(timeout_us));
  switch (result.status) {
    case AirPort::ReadStatus::timeout:
      return SOAPY_SDR_TIMEOUT;
    case AirPort::ReadStatus::late:
      return SOAPY_SDR_TIME_ERROR;
    case AirPort::ReadStatus::failed:
      return SOAPY_SDR_STREAM_ERROR;
    case AirPort::ReadStatus::overflow:
    case AirPort::ReadStatus::samples:
      break;
  }
  flags = SOAPY_SDR_HAS_TIME | (result.ends_burst ? SOAPY_SDR_END_BURST : 0);
  time_ns = to_device_ns(result.time);
  if (result.status == AirPort::ReadStatus::overflow) return SOAPY_SDR_OVERFLOW;
  for (std::size_t c = 0; c < stream.channels.size(); ++c) {
    const std::span<Cf32> samples = stream.samples.channel(stream.channels[c]).first(result.num_samples);
    if (const float gain = amplitude(SOAPY_SDR_RX, stream.channels[c]); gain != 1.0F) {
      for (Cf32& sample : samples) sample *= gain;
    }
    if (stream.is_cs16) {
      dsp::to_sc16(samples, {static_cast<Sc16*>(buffers[c]), samples.size()});
    } else {
      std::copy(samples.begin(), samples.end(), static_cast<Cf32*>(buffers[c]));
    }
  }
  return static_cast<int>(result.num_samples);
}

int AirDevice::writeStream(SoapySDR::Stream* handle, const void* const* buffers, std::size_t num_elements, int& flags,
                           long long time_ns, long timeout_us)
{
  PortStream& stream = stream_of(handle);
  const std::size_t count = std::min(num_elements, stream.samples.num_samples());
  fill_zero(stream.samples.span());
  for (std::size_t c = 0; c < stream.channels.size(); ++c) {
    const std::span<Cf32> samples = stream.samples.channel(stream.channels[c]).first(count);
    if (stream.is_cs16) {
      dsp::to_cf32({static_cast<const Sc16*>(buffers[c]), count}, samples);
    } else {
      std::copy_n(static_cast<const Cf32*>(buffers[c]), count, samples.begin());
    }
    if (const float gain = amplitude(SOAPY_SDR_TX, stream.channels[c]); gain != 1.0F) {
      for (Cf32& sample : samples) sample *= gain;
    }
  }
  std::optional<SampleTime> at;
  if ((flags & SOAPY_SDR_HAS_TIME) != 0) at = to_sample_time(time_ns);
  const bool ends = (flags & SOAPY_SDR_END_BURST) != 0 && count == num_elements;
  const std::size_t taken = port_->write(stream.samples.span().first(count), at, ends ? Burst::ends : Burst::goes_on,
                                         std::chrono::microseconds(timeout_us));
  if (taken == 0 && count > 0) return port_->has_failed() ? SOAPY_SDR_STREAM_ERROR : SOAPY_SDR_TIMEOUT;
  return static_cast<int>(taken);
}

int AirDevice::readStreamStatus(SoapySDR::Stream* handle, std::size_t& channel_mask, int& flags, long long& time_ns,
                                long timeout_us)
{
  const PortStream& stream = stream_of(handle);
  if (stream.direction == SOAPY_SDR_RX) return SOAPY_SDR_NOT_SUPPORTED;
  const auto event = port_->next_event(std::chrono::microseconds(timeout_us));
  if (!event) return SOAPY_SDR_TIMEOUT;
  channel_mask = (std::size_t{1} << stream.channels.size()) - 1;
  flags = SOAPY_SDR_HAS_TIME;
  time_ns = to_device_ns(event->time);
  switch (event->kind) {
    case AirPort::EventKind::underflow:
      return SOAPY_SDR_UNDERFLOW;
    case AirPort::EventKind::late:
      return SOAPY_SDR_TIME_ERROR;
    case AirPort::EventKind::burst_sent:
      break;
  }
  flags |= SOAPY_SDR_END_BURST;
  return 0;
}

// -- registration -----------------------------------------------------------------------------------------------------

/// Standard output belongs to the program that loaded us: as long as nobody chose another place for the log, it goes to
/// standard error.
void keep_standard_output_clean()
{
  static std::once_flag once;
  std::call_once(once, [] {
    const auto& sinks = spdlog::default_logger()->sinks();
    const bool is_untouched =
        sinks.size() == 1 && std::dynamic_pointer_cast<spdlog::sinks::stdout_color_sink_mt>(sinks[0]);
    if (is_untouched) {
      auto to_error = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
      to_error->set_level(spdlog::level::warn);
      spdlog::set_default_logger(std::move(to_error));
    }
  });
}

SoapySDR::KwargsList find_air_devices(const SoapySDR::Kwargs& args)
{
  keep_standard_output_clean();
  const auto ports = find_ports(args);
  return {ports.begin(), ports.end()};
}

SoapySDR::Device* make_air_device(const SoapySDR::Kwargs& args)
{
  keep_standard_output_clean();
  auto opened = open_port(args);
  if (!opened) throw std::runtime_error(opened.error().message);
  return new AirDevice(std::move(*opened));
}

const SoapySDR::Registry kRegistration("ravi", &find_air_devices, &make_air_device, SOAPY_SDR_ABI_VERSION);

}  // namespace
}  // namespace ravi
