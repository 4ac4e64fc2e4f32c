#include "apps/node_options.h"

#include "apps/command.h"
#include "config/network_config_yaml.h"
#include "stack/core/subscribers.h"

#include <fmt/format.h>

#include <cstdio>

namespace ravi::apps {

void add_node_options(CLI::App& app, NodeOptions& options, HasRadio has_radio)
{
  app.add_option("-c,--config", options.config_file, "YAML file, e.g. config/lab-zmq.yaml; keys: ravi config keys --network");
  app.add_option("--set", options.settings, "KEY=VALUE in place of the file's, e.g. cell.bandwidth=5MHz; may be given again");
  add_quantity(app, "--duration", options.duration, parse_duration, "end after this time on the clock, e.g. 10s");
  app.add_flag("--json", options.is_json, "one JSON document on standard output at the end");
  if (has_radio == HasRadio::yes) {
    app.add_flag("--i-am-licensed-to-transmit", options.is_licensed_to_transmit,
                 "arm the transmitter of a hardware radio: you hold a licence for what you send");
  }
}

Result<config::NetworkConfig> load(const NodeOptions& options)
{
  if (options.config_file.empty()) return config::parse_network_config("", "no file", options.settings);
  return config::load_network_config(options.config_file, options.settings);
}

SampleRate rate_for(const config::RadioSection& radio, Hertz bandwidth)
{
  if (radio.rate) return *radio.rate;
  for (const std::int64_t rate : {5'760'000, 7'680'000, 11'520'000, 15'360'000, 23'040'000, 30'720'000, 46'080'000, 61'440'000}) {
    if (static_cast<double>(rate) >= bandwidth.value()) return SampleRate(rate);
  }
  return SampleRate(122'880'000);
}

Result<std::unique_ptr<Radio>> open_duplex(const config::RadioSection& section, SampleRate rate, const DuplexTune& tune, const NodeOptions& options)
{
  RadioOptions common{.device = section.device};
  common.is_licensed_to_transmit = options.is_licensed_to_transmit;
  auto radio = open_radio(common);
  while (!radio && radio.error().code == ErrorCode::not_found && section.device.starts_with("air:") && !stop_requested().load()) {
    radio = open_radio(common);  // the air may come later; each attempt waits for it
  }
  if (!radio || !(*radio)->describe().is_hardware) return radio;
  common.rate = rate;
  common.clock = section.clock;
  common.time = section.time;
  RadioOptions transmit = common;
  transmit.frequency = tune.transmit;
  transmit.gain = section.tx_gain;
  auto adjusted = adjust(std::move(*radio), transmit, Direction::transmit);
  if (!adjusted) return tl::unexpected(adjusted.error());
  RadioOptions receive = common;
  receive.frequency = tune.receive;
  receive.gain = section.rx_gain;
  receive.antenna = section.antenna;
  adjusted = adjust(std::move(adjusted->radio), receive, Direction::receive);
  if (!adjusted) return tl::unexpected(adjusted.error());
  if (adjusted->rate != rate) {
    return fail(ErrorCode::unsupported, fmt::format("the radio gives {} and not the {} of the cell: choose a rate that it has (radio: {{rate: ...}})",
                                                    to_text(adjusted->rate), to_text(rate)));
  }
  return std::move(adjusted->radio);
}

Result<security::Subscriber> keys_of(const config::UsimSection& usim)
{
  const auto k = core::parse_key(usim.key);
  const auto opc = core::parse_key(usim.opc);
  if (!k || !opc) return fail(ErrorCode::bad_input, fmt::format("imsi-{} has no keys: the file's 'usim' needs 'key' and 'opc'", usim.imsi));
  return security::Subscriber{.k = *k, .opc = *opc};
}

void Journal::say(const std::string& text)
{
  const std::lock_guard lock(mutex_);
  progress_.finish();
  fmt::print(is_json_ ? stderr : stdout, "{:9.3f} s  {}\n", seconds(), text);
  std::fflush(is_json_ ? stderr : stdout);
}

void Journal::show(const std::string& status)
{
  const std::lock_guard lock(mutex_);
  progress_.show(std::nullopt, status);
}

}  // namespace ravi::apps
