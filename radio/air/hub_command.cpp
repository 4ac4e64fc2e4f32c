#include "radio/air/hub_command.h"

#include "radio/device_string.h"
#include "radio/quantity_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace ravi::air {
namespace {

constexpr std::size_t kLongestCommand = 1000;

constexpr std::string_view kHelp =
    "status                                     who is there, levels, counters\n"
    "links                                      every link with its present values\n"
    "set link FROM[:PORT] TO[:PORT] gain X dB   path gain, e.g. set link gnb ue gain -20 dB\n"
    "set link FROM[:PORT] TO[:PORT] snr X dB\n"
    "set link FROM[:PORT] TO[:PORT] cfo X Hz\n"
    "set link FROM[:PORT] TO[:PORT] delay X us\n"
    "                     ... at T s            at that time of the air instead of now\n"
    "set noise NODE X dBFS                      noise of the node's receivers; 'off': none\n"
    "fault NODE[:PORT] drop|repeat|late|corrupt [N]   hits its next N blocks (late: one, N blocks later)\n"
    "help                                       this list";

std::vector<std::string_view> words_of(std::string_view text)
{
  std::vector<std::string_view> words;
  constexpr std::string_view kSpace = " \t\r\n";
  for (std::size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpace, end);
  }
  return words;
}

tl::unexpected<Error> unknown(std::string_view what, std::string_view word, const std::vector<std::string_view>& known)
{
  const auto nearest = nearest_word(word, known);
  return fail(ErrorCode::bad_input, fmt::format("unknown {} '{}'{}; known: {}", what, word,
                                                nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "",
                                                fmt::join(known, ", ")));
}

struct PortName {
  std::string node;
  std::size_t port = 0;
};

Result<PortName> parse_port(std::string_view text)
{
  const std::size_t colon = text.find(':');
  PortName name{.node = std::string(text.substr(0, colon))};
  if (colon == std::string_view::npos) return name;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 7) {
    return fail(ErrorCode::bad_input, fmt::format("'{}': a port is 0 to 7, as in gnb:1", text));
  }
  name.port = static_cast<std::size_t>(*port);
  return name;
}

template <class T, class U>
Result<void> set(std::optional<T>& member, const Result<U>& value)
{
  if (!value) return tl::unexpected(value.error());
  member = *value;
  return {};
}

/// `words`: FROM TO KEY VALUE... [at TIME...]
Result<std::string> set_link(Hub& hub, std::span<const std::string_view> words)
{
  if (words.size() < 4) return fail(ErrorCode::bad_input, "write: set link FROM TO gain|snr|cfo|delay VALUE");
  const auto from = parse_port(words[0]);
  const auto to = parse_port(words[1]);
  if (!from) return tl::unexpected(from.error());
  if (!to) return tl::unexpected(to.error());
  StepConfig step;
  step.from = from->node;
  step.from_port = from->port;
  step.to = to->node;
  step.to_port = to->port;
  const auto at_word = std::find(words.begin() + 3, words.end(), "at");
  const std::string value = fmt::format("{}", fmt::join(words.begin() + 3, at_word, " "));
  if (at_word != words.end()) {
    const auto time = parse_duration(fmt::format("{}", fmt::join(at_word + 1, words.end(), " ")));
    if (!time) return tl::unexpected(time.error());
    step.at = *time;
  }
  Result<void> parsed;
  if (words[2] == "gain") {
    parsed = set(step.gain, parse_decibel(value));
  } else if (words[2] == "snr") {
    parsed = set(step.snr, parse_decibel(value));
  } else if (words[2] == "cfo") {
    parsed = set(step.cfo, parse_frequency(value));
  } else if (words[2] == "delay") {
    parsed = set(step.delay, parse_duration(value));
  } else {
    return unknown("value of a link", words[2], {"gain", "snr", "cfo", "delay"});
  }
  if (!parsed) return tl::unexpected(parsed.error());
  if (auto changed = hub.change_link(step); !changed) return tl::unexpected(changed.error());
  return fmt::format("{} -> {}: {} is {}", words[0], words[1], words[2], value);
}

/// `words`: NODE LEVEL...
Result<std::string> set_noise(Hub& hub, std::span<const std::string_view> words)
{
  if (words.size() < 2) return fail(ErrorCode::bad_input, "write: set noise NODE LEVEL, e.g. -60 dBFS, or off");
  const std::string value = fmt::format("{}", fmt::join(words.begin() + 1, words.end(), " "));
  std::optional<DbFs> level;
  if (value != "off") {
    const auto parsed = parse_dbfs(value);
    if (!parsed) return tl::unexpected(parsed.error());
    level = *parsed;
  }
  if (auto changed = hub.set_noise_floor(words[0], level); !changed) return tl::unexpected(changed.error());
  return fmt::format("{}: noise floor is {}", words[0], value);
}

/// `words`: NODE KIND [N]
Result<std::string> strike(Hub& hub, std::span<const std::string_view> words)
{
  if (words.size() < 2 || words.size() > 3) {
    return fail(ErrorCode::bad_input, "write: fault NODE drop|repeat|late|corrupt [N]");
  }
  const auto from = parse_port(words[0]);
  if (!from) return tl::unexpected(from.error());
  FaultConfig fault;
  fault.from = from->node;
  fault.from_port = from->port;
  if (words[1] == "drop") {
    fault.kind = FaultKind::drop;
  } else if (words[1] == "repeat") {
    fault.kind = FaultKind::repeat;
  } else if (words[1] == "late") {
    fault.kind = FaultKind::late;
  } else if (words[1] == "corrupt") {
    fault.kind = FaultKind::corrupt;
  } else {
    return unknown("fault", words[1], {"drop", "repeat", "late", "corrupt"});
  }
  if (words.size() == 3) {
    const auto length = parse_integer(words[2]);
    if (!length || *length < 1) return fail(ErrorCode::bad_input, fmt::format("'{}' is no number of blocks", words[2]));
    fault.length = static_cast<std::size_t>(*length);
  }
  if (auto struck = hub.strike(fault); !struck) return tl::unexpected(struck.error());
  return fmt::format("{}: {} of {} block(s) from now on", words[0], words[1], fault.length);
}

std::string links_text(const Hub& hub)
{
  std::string text;
  for (const LinkConfig& link : hub.links()) {
    text += fmt::format("{}{}:{} -> {}:{}  gain {:.6g} dB  delay {:.6g} us  cfo {}", text.empty() ? "" : "\n", link.from,
                        link.from_port, link.to, link.to_port, link.gain.value(), link.delay.count() * 1e6,
                        to_text(link.cfo));
    if (link.snr) text += fmt::format("  snr {:.6g} dB", link.snr->value());
  }
  return text.empty() ? "no links" : text;
}

}  // namespace

std::string_view hub_command_help() { return kHelp; }

std::string describe(const HubStatus& status)
{
  std::string text = fmt::format("time {:.3f} s of the air at {}, steps of {} samples",
                                 to_seconds(status.now - SampleTime(0), status.sample_rate), to_text(status.sample_rate),
                                 status.step);
  if (!status.waits_for.empty()) text += fmt::format(", waiting for {}", status.waits_for);
  for (const HubNodeStatus& node : status.nodes) {
    text += fmt::format("\n{}: {}", node.name, node.is_present ? "present" : "absent");
    if (node.level) text += fmt::format(", {:.1f} dBFS", node.level->value());
    text += fmt::format(", {} samples from it, {} to it", node.from_node, node.to_node);
    if (node.reconnects > 0) text += fmt::format(", came back {} times", node.reconnects);
    if (node.late_blocks > 0) text += fmt::format(", {} late blocks", node.late_blocks);
    if (node.malformed > 0) text += fmt::format(", {} malformed messages", node.malformed);
    if (node.not_finite > 0) text += fmt::format(", {} samples not finite", node.not_finite);
  }
  return text;
}

Result<std::string> execute(Hub& hub, std::string_view command)
{
  if (command.size() > kLongestCommand) {
    return fail(ErrorCode::bad_input, fmt::format("a command has at most {} characters", kLongestCommand));
  }
  const std::vector<std::string_view> words = words_of(command);
  if (words.empty()) return fail(ErrorCode::bad_input, "an empty command; 'help' lists them");
  const std::span<const std::string_view> rest(words.begin() + 1, words.end());
  if (words[0] == "help" || words[0] == "status" || words[0] == "links") {
    if (!rest.empty()) return fail(ErrorCode::bad_input, fmt::format("'{}' stands alone", words[0]));
    if (words[0] == "help") return std::string(kHelp);
    return words[0] == "links" ? links_text(hub) : describe(hub.status());
  }
  if (words[0] == "fault") return strike(hub, rest);
  if (words[0] != "set") return unknown("command", words[0], {"status", "links", "set", "fault", "help"});
  if (rest.empty()) return fail(ErrorCode::bad_input, "set what? 'set link ...' or 'set noise ...'");
  if (rest[0] == "link") return set_link(hub, rest.subspan(1));
  if (rest[0] == "noise") return set_noise(hub, rest.subspan(1));
  return unknown("thing to set", rest[0], {"link", "noise"});
}

}  // namespace ravi::air
