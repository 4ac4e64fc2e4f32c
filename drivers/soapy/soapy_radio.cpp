#include "drivers/soapy/soapy_radio.h"

#include "drivers/hardware/hardware_control.h"
#include "drivers/soapy/soapy_config.h"
#include "drivers/soapy/soapy_log.h"
#include "drivers/soapy/soapy_quirks.h"
#include "drivers/soapy/soapy_stream.h"
#include "radio/log.h"

#include <SoapySDR/Constants.h>
#include <fmt/format.h>
#include <SoapySDR/Device.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace ravi {
namespace {

/// Runs a control and turns what the device's module throws into an error: exceptions stop here.
template <class Control>
auto guarded(std::string_view what, Control control) -> decltype(control())
{
  try {
    return control();
  } catch (const std::invalid_argument& error) {
    return fail(ErrorCode::bad_input, fmt::format("soapy: {}: {}", what, error.what()));
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, fmt::format("soapy: {}: {}", what, error.what()));
  }
}

struct Unmake {
  void operator()(SoapySDR::Device* device) const
  {
    try {
      SoapySDR::Device::unmake(device);
    } catch (const std::exception& error) {
      log_warning(fmt::format("soapy: closing the device failed: {}", error.what()));
    }
  }
};
using DevicePointer = std::unique_ptr<SoapySDR::Device, Unmake>;

int direction_of(Direction direction) { return direction == Direction::receive ? SOAPY_SDR_RX : SOAPY_SDR_TX; }

template <class T>
Range<T> range_of(const SoapySDR::RangeList& ranges)
{
  if (ranges.empty()) return {};
  return {T(ranges.front().minimum()), T(ranges.back().maximum())};
}

bool has(const std::vector<std::string>& names, std::string_view name)
{
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The user's format, else the table's, else the device's native one where we can convert it, else CF32.
Result<SoapyStreamFormat> choose_format(const SoapySDR::Device& device, int direction, std::size_t channel,
                                        const SoapyConfig& config, const SoapyFormat& quirk)
{
  const std::vector<std::string> offered = device.getStreamFormats(direction, channel);
  double native_scale = 1.0;
  const std::string native = device.getNativeStreamFormat(direction, channel, native_scale);
  const auto full_scale = [&](std::string_view name) {
    if (name == quirk.name) return quirk.full_scale;
    if (name == native && native_scale > 0) return native_scale;
    return name == "CF32" ? 1.0 : name == "CS16" ? 32768.0 : 128.0;
  };
  const std::string known_native = native == "CF32" || native == "CS16" || native == "CS8" ? native : "";
  for (const std::string& name : {config.format, std::string(quirk.name), known_native, std::string("CF32"),
                                  std::string("CS16"), std::string("CS8")}) {
    if (name.empty()) continue;
    if (has(offered, name)) return SoapyStreamFormat{.name = name, .full_scale = full_scale(name)};
    if (name == config.format) break;
  }
  return fail(ErrorCode::unsupported,
              fmt::format("soapy: the device cannot stream {}; it offers {}",
                          config.format.empty() ? "CF32, CS16 or CS8" : config.format, fmt::join(offered, ", ")));
}

class SoapyRadio final : public Radio {
public:
  SoapyRadio(DevicePointer device, SoapyConfig config, TransmitPermission permission)
      : device_(std::move(device)), config_(std::move(config)), permission_(permission)
  {
  }
  ~SoapyRadio() override { SoapyRadio::stop(); }

  /// Everything the radio string asks for, before the first control call. `found`: what SoapySDR's search said.
  Result<void> set_up(const SoapySDR::Kwargs& found);

  RadioDescription describe() const override { return description_; }
  Result<SampleRate> set_sample_rate(SampleRate rate) override;
  Result<Tune> tune(Direction direction, std::size_t channel, const Tune& wish) override;
  Result<Decibel> set_gain(Direction direction, std::size_t channel, Decibel gain) override;
  Result<Hertz> set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth) override;
  Result<std::string> set_antenna(Direction direction, std::size_t channel, std::string_view antenna) override;
  Result<Reference> set_reference(const Reference& reference) override;
  Result<bool> reference_locked() override;
  Result<void> start(SampleTime first) override;
  RxResult receive(IqSpan out) noexcept override { return stream_->receive(out); }
  TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override
  {
    return stream_->transmit(in, at, burst);
  }
  void stop() noexcept override
  {
    if (stream_) stream_->stop();
  }
  Peer peer() const noexcept override { return Peer::present; }
  RadioCounters counters() const noexcept override { return stream_->counters(); }

private:
  Result<void> decide_transmission(const SoapyQuirks& quirks, TimestampSource source);
  Result<void> describe_channels(const SoapySDR::Kwargs& found);
  ChannelLimits limits_of(Direction direction, std::size_t channel) const;
  Result<void> apply_radio_string();
  Result<std::size_t> device_channel(Direction direction, std::size_t channel) const;
  Result<void> refuse_while_running(std::string_view what) const { return ravi::refuse_while_running("soapy", stream_->is_running(), what); }
  bool is_armed() const { return permission_ == TransmitPermission::licensed && why_no_transmit_.empty(); }

  const DevicePointer device_;
  const SoapyConfig config_;
  const TransmitPermission permission_;
  std::string why_no_transmit_;  ///< empty: the device can
  RadioDescription description_;
  SampleRate rate_;
  std::unique_ptr<SoapyStream> stream_;  ///< since `set_up`
};

Result<void> SoapyRadio::set_up(const SoapySDR::Kwargs& found)
{
  const auto value = [&found](const std::string& key) {
    const auto at = found.find(key);
    return at == found.end() ? std::string() : at->second;
  };
  const SoapyQuirks& quirks = soapy_quirks(value("driver"), value("remote:driver"));
  TimestampSource source = quirks.timestamps;
  if (config_.has_timestamps) source = *config_.has_timestamps ? TimestampSource::hardware : TimestampSource::host;
  if (source == TimestampSource::unknown) {
    source = device_->hasHardwareTime() ? TimestampSource::hardware : TimestampSource::host;
  }
  if (auto described = describe_channels(found); !described) return described;
  if (auto decided = decide_transmission(quirks, source); !decided) return decided;

  SoapyStreamPlan plan{.receive = {},
                       .transmit = {},
                       .channels = config_.channels,
                       .stream_args = config_.stream_args,
                       .timestamps = source,
                       .is_armed = is_armed()};
  if (quirks.stream_arg) plan.stream_args.emplace(quirks.stream_arg->first, quirks.stream_arg->second);
  const std::size_t channel = config_.channels.front();
  auto receive = choose_format(*device_, SOAPY_SDR_RX, channel, config_, quirks.receive);
  if (!receive) return tl::unexpected(receive.error());
  plan.receive = *receive;
  if (plan.is_armed) {
    auto transmit = choose_format(*device_, SOAPY_SDR_TX, channel, config_, quirks.transmit);
    if (!transmit) return tl::unexpected(transmit.error());
    plan.transmit = *transmit;
  }
  stream_ = std::make_unique<SoapyStream>(*device_, std::move(plan));
  return apply_radio_string();
}

Result<void> SoapyRadio::describe_channels(const SoapySDR::Kwargs& found)
{
  const std::size_t count = device_->getNumChannels(SOAPY_SDR_RX);
  const std::size_t highest = *std::max_element(config_.channels.begin(), config_.channels.end());
  if (highest >= count) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("soapy radio: channel {} does not exist; the device has {} receive channels", highest, count));
  }
  description_.driver = "soapy";
  const auto label = found.find("label");
  description_.name = label != found.end() ? label->second : device_->getHardwareKey();
  description_.is_hardware = true;
  for (const std::size_t channel : config_.channels) {
    description_.receive.push_back(limits_of(Direction::receive, channel));
  }
  return {};
}

ChannelLimits SoapyRadio::limits_of(Direction direction, std::size_t channel) const
{
  const int way = direction_of(direction);
  const SoapySDR::Range gain = device_->getGainRange(way, channel);
  return {.frequency = range_of<Hertz>(device_->getFrequencyRange(way, channel)),
          .gain = {Decibel(gain.minimum()), Decibel(gain.maximum())},
          .bandwidth = range_of<Hertz>(device_->getBandwidthRange(way, channel)),
          .antennas = device_->listAntennas(way, channel)};
}

/// Whether the device could transmit at stated times, and the reason where it could not.
Result<void> SoapyRadio::decide_transmission(const SoapyQuirks& quirks, TimestampSource source)
{
  const std::size_t count = device_->getNumChannels(SOAPY_SDR_TX);
  const std::size_t highest = *std::max_element(config_.channels.begin(), config_.channels.end());
  description_.has_timestamps = source == TimestampSource::hardware;
  if (!config_.can_transmit) {
    why_no_transmit_ = "tx=no was given";
  } else if (count == 0) {
    why_no_transmit_ = "it has no transmitter";
  } else if (source != TimestampSource::hardware) {
    why_no_transmit_ = quirks.why_no_transmit.empty()
                           ? "it gives no time stamps of its own, so nothing can be sent at a stated time"
                           : std::string(quirks.why_no_transmit);
  } else if (highest >= count) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("soapy radio: transmit channel {} does not exist; the device has {} (receive only with tx=no)",
                    highest, count));
  }
  if (why_no_transmit_.empty()) {
    for (const std::size_t channel : config_.channels) {
      description_.transmit.push_back(limits_of(Direction::transmit, channel));
    }
  } else if (permission_ == TransmitPermission::licensed && config_.can_transmit) {
    log_warning(fmt::format("soapy: {} only receives: {}", description_.name, why_no_transmit_));
  }
  return {};
}

Result<void> SoapyRadio::apply_radio_string()
{
  const SoapySDR::ArgInfoList known = device_->getSettingInfo();
  for (const auto& [name, value] : config_.settings) {
    const auto is_it = [&key = name](const SoapySDR::ArgInfo& info) { return info.key == key; };
    const bool is_known = std::any_of(known.begin(), known.end(), is_it);
    if (!is_known && !known.empty()) {
      std::vector<std::string> names;
      for (const auto& info : known) names.push_back(info.key);
      return fail(ErrorCode::bad_input,
                  fmt::format("soapy radio: the device has no setting '{}'; it has {}", name, fmt::join(names, ", ")));
    }
    device_->writeSetting(name, value);
  }
  if (config_.clock || config_.time) {
    const Reference wish{.clock = config_.clock.value_or(device_->getClockSource()),
                         .time = config_.time.value_or(device_->getTimeSource())};
    if (auto set = set_reference(wish); !set) return tl::unexpected(set.error());
  }
  return set_antennas(*this, config_, is_armed());
}

/// Our channel number to the device's; refuses what does not exist or must not be touched.
Result<std::size_t> SoapyRadio::device_channel(Direction direction, std::size_t channel) const
{
  if (direction == Direction::transmit && !why_no_transmit_.empty()) {
    return fail(ErrorCode::unsupported, fmt::format("{} only receives: {}", description_.name, why_no_transmit_));
  }
  return ravi::device_channel(config_, description_, permission_, direction, channel);
}

Result<SampleRate> SoapyRadio::set_sample_rate(SampleRate rate)
{
  return guarded("sample rate", [&]() -> Result<SampleRate> {
    if (auto idle = refuse_while_running("the sample rate"); !idle) return tl::unexpected(idle.error());
    if (rate.hz() <= 0) return fail(ErrorCode::bad_input, "soapy: the sample rate must be above 0");
    const double wish = static_cast<double>(rate.hz());
    const double actual_before = device_->getSampleRate(SOAPY_SDR_RX, config_.channels.front());
    for (const std::size_t channel : config_.channels) {
      if (actual_before != wish) device_->setSampleRate(SOAPY_SDR_RX, channel, wish);
      if (is_armed()) device_->setSampleRate(SOAPY_SDR_TX, channel, wish);
    }
    const double actual = device_->getSampleRate(SOAPY_SDR_RX, config_.channels.front());
    // Devices answer with the result of their own arithmetic, a few parts in 10^9 beside a rate they do meet.
    const double rounded = std::round(actual);
    if (rounded <= 0 || std::abs(actual - rounded) > 1e-6 * rounded) {
      return fail(
          ErrorCode::bad_input,
          fmt::format("soapy: the device would run at {:.6f} samples a second, which is not a whole number and would "
                      "make times drift; choose another rate",
                      actual));
    }
    if (is_armed() && std::round(device_->getSampleRate(SOAPY_SDR_TX, config_.channels.front())) != rounded) {
      return fail(ErrorCode::unsupported,
                  "soapy: the device receives and transmits at different rates; choose another rate, "
                  "or tx=no");
    }
    rate_ = SampleRate(std::llround(actual));
    return rate_;
  });
}

Result<Tune> SoapyRadio::tune(Direction direction, std::size_t channel, const Tune& wish)
{
  return guarded("tuning", [&]() -> Result<Tune> {
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    if (wish.at) {
      return fail(ErrorCode::unsupported,
                  "soapy: no timed tuning: SoapySDR does not say whether a device obeys a command time");
    }
    const int way = direction_of(direction);
    const Hertz offset = wish.lo_offset == Hertz(0) ? config_.lo_offset : wish.lo_offset;
    SoapySDR::Kwargs args;
    if (offset != Hertz(0)) args["OFFSET"] = fmt::format("{:.17g}", offset.value());
    device_->setFrequency(way, *index, wish.center.value(), args);
    const Hertz center(device_->getFrequency(way, *index));
    const std::vector<std::string> parts = device_->listFrequencies(way, *index);
    const bool has_mixer = parts.size() > 1;  // the first part is the oscillator, the second the digital mixer
    const Hertz oscillator = has_mixer ? Hertz(device_->getFrequency(way, *index, parts.front())) : center;
    return Tune{.center = center, .lo_offset = oscillator - center, .at = {}};
  });
}

Result<Decibel> SoapyRadio::set_gain(Direction direction, std::size_t channel, Decibel gain)
{
  return guarded("gain", [&]() -> Result<Decibel> {
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    const int way = direction_of(direction);
    if (device_->hasGainMode(way, *index)) device_->setGainMode(way, *index, false);
    device_->setGain(way, *index, gain.value());
    return Decibel(device_->getGain(way, *index));
  });
}

Result<Hertz> SoapyRadio::set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth)
{
  return guarded("bandwidth", [&]() -> Result<Hertz> {
    if (auto idle = refuse_while_running("the bandwidth"); !idle) return tl::unexpected(idle.error());
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    const int way = direction_of(direction);
    if (device_->getBandwidthRange(way, *index).empty()) {
      return fail(ErrorCode::unsupported, fmt::format("{} has no adjustable bandwidth", description_.name));
    }
    device_->setBandwidth(way, *index, bandwidth.value());
    return Hertz(device_->getBandwidth(way, *index));
  });
}

Result<std::string> SoapyRadio::set_antenna(Direction direction, std::size_t channel, std::string_view antenna)
{
  return guarded("antenna", [&]() -> Result<std::string> {
    if (auto idle = refuse_while_running("the antenna"); !idle) return tl::unexpected(idle.error());
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    const int way = direction_of(direction);
    if (auto known = check_antenna(description_, direction, channel, antenna); !known) return tl::unexpected(known.error());
    device_->setAntenna(way, *index, std::string(antenna));
    return device_->getAntenna(way, *index);
  });
}

Result<Reference> SoapyRadio::set_reference(const Reference& reference)
{
  return guarded("reference", [&]() -> Result<Reference> {
    if (auto idle = refuse_while_running("the reference"); !idle) return tl::unexpected(idle.error());
    const auto clocks = device_->listClockSources();
    const auto times = device_->listTimeSources();
    // A device without a list has its internal source and no other.
    const auto is_offered = [](const std::vector<std::string>& known, const std::string& wish) {
      return known.empty() ? wish == "internal" || wish.empty() : has(known, wish);
    };
    if (!is_offered(clocks, reference.clock) || !is_offered(times, reference.time)) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("{} has no clock '{}' with time '{}'; clocks: {}; times: {}", description_.name, reference.clock,
                      reference.time, clocks.empty() ? "internal" : fmt::to_string(fmt::join(clocks, ", ")),
                      times.empty() ? "internal" : fmt::to_string(fmt::join(times, ", "))));
    }
    if (!clocks.empty()) device_->setClockSource(reference.clock);
    if (!times.empty()) device_->setTimeSource(reference.time);
    return Reference{.clock = clocks.empty() ? "internal" : device_->getClockSource(),
                     .time = times.empty() ? "internal" : device_->getTimeSource()};
  });
}

Result<bool> SoapyRadio::reference_locked()
{
  return guarded("reference", [&]() -> Result<bool> {
    for (const std::string sensor : {"ref_locked", "clock_locked"}) {
      if (has(device_->listSensors(), sensor) && device_->readSensor(sensor) != "true") return false;
    }
    return true;
  });
}

Result<void> SoapyRadio::start(SampleTime first)
{
  return guarded("starting", [&]() -> Result<void> {
    if (auto idle = refuse_while_running("the stream"); !idle) return idle;
    if (rate_.hz() == 0) return fail(ErrorCode::bad_input, "soapy: set a sample rate before starting");
    return stream_->start(first, rate_);
  });
}

}  // namespace

Result<std::unique_ptr<Radio>> open_soapy(const DeviceString& device, TransmitPermission permission)
{
  const auto config = parse_soapy(device);
  if (!config) return tl::unexpected(config.error());
  return guarded("opening", [&]() -> Result<std::unique_ptr<Radio>> {
    send_soapy_log_to_ours();
    const SoapySDR::Kwargs args(config->device_args.begin(), config->device_args.end());
    const SoapySDR::KwargsList found = SoapySDR::Device::enumerate(args);
    if (found.empty()) {
      return fail(
          ErrorCode::not_found,
          fmt::format(
              "soapy: no device matches '{}'; is it plugged in, and its module (soapysdr-module-...) installed? "
              "ravi devices lists what is there",
              SoapySDR::KwargsToString(args)));
    }
    if (found.size() > 1) {
      log_warning(fmt::format("soapy: {} devices match '{}'; taking the first, {}", found.size(), SoapySDR::KwargsToString(args),
                   SoapySDR::KwargsToString(found.front())));
    }
    SoapySDR::Kwargs chosen = found.front();
    chosen.insert(args.begin(), args.end());
    auto radio = std::make_unique<SoapyRadio>(DevicePointer(SoapySDR::Device::make(chosen)), *config, permission);
    if (auto ready = radio->set_up(chosen); !ready) return tl::unexpected(ready.error());
    return radio;
  });
}

}  // namespace ravi
