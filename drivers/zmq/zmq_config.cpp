#include "drivers/zmq/zmq_radio.h"
#include "drivers/zmq/zmq_socket.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ravi {
namespace {

constexpr std::size_t kMostPorts = 8;
constexpr std::int64_t kSmallestRing = 1024;
constexpr std::int64_t kLargestRing = 1 << 26;
constexpr std::int64_t kLongestMessage = 614'400;

/// `tx=` or `tx0=`, `tx1=`, ...: the endpoints in order.
Result<std::vector<std::string>> parse_ports(const DeviceString& device, std::string_view key)
{
  std::vector<std::string> endpoints;
  for (std::size_t port = 0; port < kMostPorts; ++port) {
    const auto endpoint = device.get(fmt::format("{}{}", key, port));
    if (endpoint && endpoints.size() < port) {
      return fail(ErrorCode::bad_input,
                  fmt::format("zmq radio: {}{} is given, but not {}{}", key, port, key, endpoints.size()));
    }
    if (endpoint) endpoints.push_back(*endpoint);
  }
  const auto single = device.get(key);
  for (const auto& endpoint : single ? std::vector{*single} : endpoints) {
    if (endpoint.empty()) return fail(ErrorCode::bad_input, fmt::format("zmq radio: {}= has no endpoint", key));
  }
  if (!single) return endpoints;
  if (!endpoints.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("zmq radio: give either {}= or {}0=, {}1=, ...", key, key, key));
  }
  return std::vector<std::string>{*single};
}

Result<std::size_t> parse_samples(const DeviceString& device, std::string_view key, Range<std::int64_t> range,
                                  std::size_t otherwise)
{
  const auto text = device.get(key);
  if (!text) return otherwise;
  const auto number = parse_integer(*text);
  if (number && *number >= range.low && *number <= range.high) return static_cast<std::size_t>(*number);
  return fail(ErrorCode::bad_input,
              fmt::format("zmq radio: {}={}: must be a number of samples, {} to {}", key, *text, range.low, range.high));
}

}  // namespace

Result<ZmqFormat> parse_zmq_format(std::string_view text)
{
  if (text == "cf32") return ZmqFormat::cf32;
  if (text == "sc16") return ZmqFormat::sc16;
  return fail(ErrorCode::bad_input, fmt::format("zmq radio: format={}: must be cf32 or sc16", text));
}

Result<ZmqConfig> parse_zmq_config(const DeviceString& device)
{
  std::vector<std::string> names{"tx", "rx"};
  for (std::size_t port = 0; port < kMostPorts; ++port) {
    names.push_back(fmt::format("tx{}", port));
    names.push_back(fmt::format("rx{}", port));
  }
  std::vector<std::string_view> known(names.begin(), names.end());
  known.insert(known.end(), {"format", "rate", "ring", "message", "name"});
  if (auto allowed = device.allow_only(known); !allowed) return tl::unexpected(allowed.error());
  if (!device.target.empty()) {
    return fail(ErrorCode::bad_input, fmt::format("zmq radio: '{}' is not KEY=VALUE; write "
                                                  "zmq:tx=tcp://127.0.0.1:2000,rx=tcp://127.0.0.1:2001",
                                                  device.target));
  }
  ZmqConfig config;
  auto tx = parse_ports(device, "tx");
  if (!tx) return tl::unexpected(tx.error());
  auto rx = parse_ports(device, "rx");
  if (!rx) return tl::unexpected(rx.error());
  config.tx = std::move(*tx);
  config.rx = std::move(*rx);
  if (const auto text = device.get("format")) {
    const auto format = parse_zmq_format(*text);
    if (!format) return tl::unexpected(format.error());
    config.format = *format;
  }
  if (const auto rate = device.get("rate")) {
    const auto parsed = parse_sample_rate(*rate);
    if (!parsed) return tl::unexpected(parsed.error());
    config.sample_rate = *parsed;
  }
  const auto ring = parse_samples(device, "ring", {kSmallestRing, kLargestRing}, config.ring_samples);
  if (!ring) return tl::unexpected(ring.error());
  const auto message = parse_samples(device, "message", {1, kLongestMessage}, config.message_samples);
  if (!message) return tl::unexpected(message.error());
  config.ring_samples = *ring;
  config.message_samples = *message;
  config.name = device.get("name").value_or("");
  return config;
}

Result<std::unique_ptr<ZmqRadio>> open_zmq(const ZmqConfig& config) { return ZmqRadio::open(config); }

Result<std::unique_ptr<Radio>> open_zmq(const DeviceString& device)
{
  const auto config = parse_zmq_config(device);
  if (!config) return tl::unexpected(config.error());
  auto radio = ZmqRadio::open(*config);
  if (!radio) return tl::unexpected(radio.error());
  return std::unique_ptr<Radio>(std::move(*radio));
}

}  // namespace ravi
