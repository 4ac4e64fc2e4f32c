#include "drivers/uhd/uhd_radio.h"

#include "drivers/hardware/hardware_control.h"
#include "drivers/uhd/uhd_clock.h"
#include "drivers/uhd/uhd_config.h"
#include "drivers/uhd/uhd_log.h"
#include "drivers/uhd/uhd_stream.h"

#include <fmt/format.h>
#include <uhd/exception.hpp>
#include <uhd/types/tune_request.hpp>
#include <uhd/usrp/multi_usrp.hpp>
#include <uhd/usrp/subdev_spec.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace ravi {
namespace {

/// Runs a control and turns what UHD throws into an error: exceptions stop here.
template <class Control>
auto guarded(std::string_view what, Control control) -> decltype(control())
{
  try {
    return control();
  } catch (const uhd::lookup_error& error) {
    return fail(ErrorCode::not_found, fmt::format("uhd: {}: {}", what, error.what()));
  } catch (const uhd::value_error& error) {
    return fail(ErrorCode::bad_input, fmt::format("uhd: {}: {}", what, error.what()));
  } catch (const uhd::not_implemented_error& error) {
    return fail(ErrorCode::unsupported, fmt::format("uhd: {}: {}", what, error.what()));
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, fmt::format("uhd: {}: {}", what, error.what()));
  }
}

template <class T>
Range<T> range_of(const uhd::meta_range_t& range)
{
  if (range.empty()) return {};
  return {T(range.start()), T(range.stop())};
}

class UhdRadio final : public Radio {
public:
  UhdRadio(uhd::usrp::multi_usrp::sptr usrp, const UhdConfig& config, TransmitPermission permission)
      : usrp_(std::move(usrp)), config_(config), permission_(permission), stream_(usrp_, config, permission)
  {
  }

  /// Everything the radio string asks for, before the first control call.
  Result<void> set_up();

  RadioDescription describe() const override { return description_; }
  Result<SampleRate> set_sample_rate(SampleRate rate) override;
  Result<Tune> tune(Direction direction, std::size_t channel, const Tune& wish) override;
  Result<Decibel> set_gain(Direction direction, std::size_t channel, Decibel gain) override;
  Result<Hertz> set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth) override;
  Result<std::string> set_antenna(Direction direction, std::size_t channel, std::string_view antenna) override;
  Result<Reference> set_reference(const Reference& reference) override;
  Result<bool> reference_locked() override;
  Result<void> start(SampleTime first) override;
  RxResult receive(IqSpan out) noexcept override { return stream_.receive(out); }
  TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override
  {
    return stream_.transmit(in, at, burst);
  }
  void stop() noexcept override { stream_.stop(); }
  Peer peer() const noexcept override { return Peer::present; }
  RadioCounters counters() const noexcept override { return stream_.counters(); }

private:
  void describe_channels();
  Result<void> select_frontends();
  Result<std::size_t> device_channel(Direction direction, std::size_t channel) const
  {
    return ravi::device_channel(config_, description_, permission_, direction, channel);
  }
  Result<void> refuse_while_running(std::string_view what) const { return ravi::refuse_while_running("uhd", stream_.is_running(), what); }
  Result<void> await_lo_lock(Direction direction, std::size_t channel);
  Result<Tune> tune_now(Direction direction, std::size_t channel, const Tune& wish);

  const uhd::usrp::multi_usrp::sptr usrp_;
  const UhdConfig config_;
  const TransmitPermission permission_;
  RadioDescription description_;
  SampleRate rate_;
  UhdStream stream_;
};

Result<void> UhdRadio::set_up()
{
  if (auto selected = select_frontends(); !selected) return selected;
  describe_channels();
  if (config_.clock || config_.time) {
    const Reference now = get_reference(*usrp_);
    const Reference wish{.clock = config_.clock.value_or(now.clock), .time = config_.time.value_or(now.time)};
    if (auto set = set_reference(wish); !set) return tl::unexpected(set.error());
  }
  return set_antennas(*this, config_, permission_ == TransmitPermission::licensed);
}

Result<void> UhdRadio::select_frontends()
{
  if (!config_.subdev_rx.empty()) usrp_->set_rx_subdev_spec(uhd::usrp::subdev_spec_t(config_.subdev_rx));
  if (!config_.subdev_tx.empty()) usrp_->set_tx_subdev_spec(uhd::usrp::subdev_spec_t(config_.subdev_tx));
  const std::size_t highest = *std::max_element(config_.channels.begin(), config_.channels.end());
  if (highest >= usrp_->get_rx_num_channels()) {
    return fail(ErrorCode::bad_input,
                fmt::format("uhd radio: channel {} does not exist; the device has {} receive channels "
                            "(subdev_rx= may select more)",
                            highest, usrp_->get_rx_num_channels()));
  }
  if (config_.can_transmit && highest >= usrp_->get_tx_num_channels()) {
    return fail(
        ErrorCode::bad_input,
        fmt::format("uhd radio: transmit channel {} does not exist; the device has {} (receive only with tx=no)",
                    highest, usrp_->get_tx_num_channels()));
  }
  return {};
}

void UhdRadio::describe_channels()
{
  const auto details = usrp_->get_usrp_rx_info(config_.channels.front());
  const std::string serial = details.get("mboard_serial", "");
  description_.driver = "uhd";
  description_.name = usrp_->get_mboard_name() + (serial.empty() ? "" : fmt::format(" serial {}", serial));
  description_.is_hardware = true;
  for (const std::size_t channel : config_.channels) {
    description_.receive.push_back({.frequency = range_of<Hertz>(usrp_->get_rx_freq_range(channel)),
                                    .gain = range_of<Decibel>(usrp_->get_rx_gain_range(channel)),
                                    .bandwidth = range_of<Hertz>(usrp_->get_rx_bandwidth_range(channel)),
                                    .antennas = usrp_->get_rx_antennas(channel)});
    if (!config_.can_transmit) continue;
    description_.transmit.push_back({.frequency = range_of<Hertz>(usrp_->get_tx_freq_range(channel)),
                                     .gain = range_of<Decibel>(usrp_->get_tx_gain_range(channel)),
                                     .bandwidth = range_of<Hertz>(usrp_->get_tx_bandwidth_range(channel)),
                                     .antennas = usrp_->get_tx_antennas(channel)});
  }
}

Result<SampleRate> UhdRadio::set_sample_rate(SampleRate rate)
{
  return guarded("sample rate", [&]() -> Result<SampleRate> {
    if (auto idle = refuse_while_running("the sample rate"); !idle) return tl::unexpected(idle.error());
    if (rate.hz() <= 0) return fail(ErrorCode::bad_input, "uhd: the sample rate must be above 0");
    const double wish = static_cast<double>(rate.hz());
    const bool sets_transmit = config_.can_transmit && permission_ == TransmitPermission::licensed;
    for (const std::size_t channel : config_.channels) {
      usrp_->set_rx_rate(wish, channel);
      if (sets_transmit) usrp_->set_tx_rate(wish, channel);
    }
    const double actual = usrp_->get_rx_rate(config_.channels.front());
    if (std::abs(actual - std::round(actual)) > 1e-4) {
      return fail(
          ErrorCode::bad_input,
          fmt::format(
              "uhd: the device would run at {:.6f} samples a second, which is not a whole number and would make "
              "times drift; choose another rate or master_clock_rate=",
              actual));
    }
    if (sets_transmit && usrp_->get_tx_rate(config_.channels.front()) != actual) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("uhd: the device receives at {} but transmits at {} samples a second; choose a rate that suits "
                      "both, or tx=no",
                      actual, usrp_->get_tx_rate(config_.channels.front())));
    }
    rate_ = SampleRate(std::llround(actual));
    return rate_;
  });
}

Result<Tune> UhdRadio::tune(Direction direction, std::size_t channel, const Tune& wish)
{
  return guarded("tuning", [&]() -> Result<Tune> {
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    if (!wish.at) {
      auto tuned = tune_now(direction, *index, wish);
      if (!tuned) return tuned;
      if (auto locked = await_lo_lock(direction, *index); !locked) return tl::unexpected(locked.error());
      return tuned;
    }
    if (!stream_.is_running()) {
      return fail(ErrorCode::bad_input, "uhd: a timed tune needs a running stream: times count from its start");
    }
    usrp_->set_command_time(stream_.to_device_time(*wish.at));
    auto tuned = guarded("timed tuning", [&] { return tune_now(direction, *index, wish); });
    usrp_->clear_command_time();
    return tuned;
  });
}

Result<Tune> UhdRadio::tune_now(Direction direction, std::size_t channel, const Tune& wish)
{
  const Hertz offset = wish.lo_offset == Hertz(0) ? config_.lo_offset : wish.lo_offset;
  const uhd::tune_request_t request = offset == Hertz(0) ? uhd::tune_request_t(wish.center.value())
                                                         : uhd::tune_request_t(wish.center.value(), offset.value());
  const bool is_receive = direction == Direction::receive;
  const uhd::tune_result_t result =
      is_receive ? usrp_->set_rx_freq(request, channel) : usrp_->set_tx_freq(request, channel);
  const Hertz center(is_receive ? usrp_->get_rx_freq(channel) : usrp_->get_tx_freq(channel));
  return Tune{.center = center, .lo_offset = Hertz(result.actual_rf_freq) - center, .at = wish.at};
}

Result<void> UhdRadio::await_lo_lock(Direction direction, std::size_t channel)
{
  const bool is_receive = direction == Direction::receive;
  const auto names = is_receive ? usrp_->get_rx_sensor_names(channel) : usrp_->get_tx_sensor_names(channel);
  if (std::find(names.begin(), names.end(), "lo_locked") == names.end()) return {};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (true) {
    const uhd::sensor_value_t locked =
        is_receive ? usrp_->get_rx_sensor("lo_locked", channel) : usrp_->get_tx_sensor("lo_locked", channel);
    if (locked.to_bool()) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorCode::io, "uhd: the local oscillator does not lock at this frequency");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<Decibel> UhdRadio::set_gain(Direction direction, std::size_t channel, Decibel gain)
{
  return guarded("gain", [&]() -> Result<Decibel> {
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    if (direction == Direction::receive) {
      usrp_->set_rx_gain(gain.value(), *index);
      return Decibel(usrp_->get_rx_gain(*index));
    }
    usrp_->set_tx_gain(gain.value(), *index);
    return Decibel(usrp_->get_tx_gain(*index));
  });
}

Result<Hertz> UhdRadio::set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth)
{
  return guarded("bandwidth", [&]() -> Result<Hertz> {
    if (auto idle = refuse_while_running("the bandwidth"); !idle) return tl::unexpected(idle.error());
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    if (direction == Direction::receive) {
      usrp_->set_rx_bandwidth(bandwidth.value(), *index);
      return Hertz(usrp_->get_rx_bandwidth(*index));
    }
    usrp_->set_tx_bandwidth(bandwidth.value(), *index);
    return Hertz(usrp_->get_tx_bandwidth(*index));
  });
}

Result<std::string> UhdRadio::set_antenna(Direction direction, std::size_t channel, std::string_view antenna)
{
  return guarded("antenna", [&]() -> Result<std::string> {
    if (auto idle = refuse_while_running("the antenna"); !idle) return tl::unexpected(idle.error());
    const auto index = device_channel(direction, channel);
    if (!index) return tl::unexpected(index.error());
    if (auto known = check_antenna(description_, direction, channel, antenna); !known) return tl::unexpected(known.error());
    if (direction == Direction::receive) {
      usrp_->set_rx_antenna(std::string(antenna), *index);
      return usrp_->get_rx_antenna(*index);
    }
    usrp_->set_tx_antenna(std::string(antenna), *index);
    return usrp_->get_tx_antenna(*index);
  });
}

Result<Reference> UhdRadio::set_reference(const Reference& reference)
{
  return guarded("reference", [&]() -> Result<Reference> {
    if (auto idle = refuse_while_running("the reference"); !idle) return tl::unexpected(idle.error());
    return select_reference(*usrp_, reference, config_.lock_timeout);
  });
}

Result<bool> UhdRadio::reference_locked()
{
  return guarded("reference", [&]() -> Result<bool> { return is_reference_locked(*usrp_); });
}

Result<void> UhdRadio::start(SampleTime first)
{
  return guarded("starting", [&]() -> Result<void> {
    if (auto idle = refuse_while_running("the stream"); !idle) return idle;
    if (rate_.hz() == 0) return fail(ErrorCode::bad_input, "uhd: set a sample rate before starting");
    return stream_.start(first, rate_);
  });
}

}  // namespace

Result<std::unique_ptr<Radio>> open_uhd(const DeviceString& device, TransmitPermission permission)
{
  const auto config = parse_uhd(device);
  if (!config) return tl::unexpected(config.error());
  return guarded("opening", [&]() -> Result<std::unique_ptr<Radio>> {
    send_uhd_log_to_ours();
    auto radio = std::make_unique<UhdRadio>(uhd::usrp::multi_usrp::make(config->device_args), *config, permission);
    if (auto ready = radio->set_up(); !ready) return tl::unexpected(ready.error());
    return radio;
  });
}

}  // namespace ravi
