#pragma once
// One table per struct: each field's YAML name, member, range, unit and help. Reading, checking, printing and the
// reference page all come from it, so that a new parameter is one line here and one in its struct.

#include "config/value.h"
#include "config/yaml_tree.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ravi::config {

using Faults = std::vector<Fault>;

/// Inclusive, in the base unit of the field (Hz, dB, s).
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

enum class Presence { optional, required };

template <class S>
struct Field {
  std::string_view key;
  std::string what;           ///< kind of value, for people
  std::string default_value;  ///< as it would be written; empty: none
  std::string range;          ///< empty: any
  std::string_view help;
  Presence presence = Presence::optional;
  std::function<void(const YamlNode&, S&, Faults&)> read;
  /// The value as it would be written; none: it is at its default, or not a single value.
  std::function<std::optional<std::string>(const S&)> print;
};

template <class S>
using Table = std::vector<Field<S>>;

/// The nearest of `known`, as " (did you mean 'x'?)", or nothing.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string_view>& known);

[[nodiscard]] std::string_view kind_name(const YamlNode& node);

template <class S>
[[nodiscard]] std::string flow_text(const Table<S>& table, const S& value);

/// Reads a map into `out`. Unknown and repeated keys, wrong kinds and values out of range are faults; the rest is read on.
template <class S>
void read_map(const Table<S>& table, const YamlNode& node, S& out, Faults& faults)
{
  if (node.kind == YamlNode::Kind::null) return;
  if (node.kind != YamlNode::Kind::map) {
    faults.push_back({node.line, fmt::format("expected 'key: value' lines, not {}", kind_name(node))});
    return;
  }
  std::vector<std::string_view> known;
  for (const Field<S>& field : table) known.push_back(field.key);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i];
    const Field<S>* field = nullptr;
    for (const Field<S>& candidate : table) {
      if (candidate.key == key) field = &candidate;
    }
    if (field == nullptr) {
      faults.push_back({node.key_lines[i], fmt::format("unknown key '{}'{}; known here: {}", key, suggestion(key, known),
                                                       fmt::join(known, ", "))});
    } else if (node.find(key) != &node.children[i]) {
      faults.push_back({node.key_lines[i], fmt::format("'{}' is given twice", key)});
    } else {
      field->read(node.children[i], out, faults);
    }
  }
  for (const Field<S>& field : table) {
    if (field.presence == Presence::required && node.find(field.key) == nullptr) {
      faults.push_back({node.line, fmt::format("'{}' is missing: {}", field.key, field.help)});
    }
  }
}

template <class T>
[[nodiscard]] std::string range_text(const Bounds& bounds)
{
  const bool has_low = std::isfinite(bounds.low);
  const bool has_high = std::isfinite(bounds.high);
  if (has_low && has_high) {
    return fmt::format("{} to {}", Value<T>::text(Value<T>::of(bounds.low)), Value<T>::text(Value<T>::of(bounds.high)));
  }
  if (has_low) return fmt::format("at least {}", Value<T>::text(Value<T>::of(bounds.low)));
  return {};
}

/// Reads a scalar of type T; a fault names the key and, out of range, the nearest valid value.
template <class T>
[[nodiscard]] std::optional<T> read_scalar(std::string_view key, const YamlNode& node, const Bounds& bounds,
                                           Faults& faults)
{
  if (node.kind != YamlNode::Kind::scalar) {
    faults.push_back({node.line, fmt::format("'{}' must be one value ({}), not {}", key, Value<T>::what, kind_name(node))});
    return std::nullopt;
  }
  Result<T> value = Value<T>::read(node.text);
  if (!value) {
    faults.push_back({node.line, fmt::format("'{}': {}", key, value.error().message)});
    return std::nullopt;
  }
  if constexpr (requires { Value<T>::number(*value); }) {
    const double number = Value<T>::number(*value);
    if (number < bounds.low || number > bounds.high) {
      const double nearest = number < bounds.low ? bounds.low : bounds.high;
      faults.push_back({node.line, fmt::format("'{}': {} is outside {}; the nearest valid value is {}", key, node.text,
                                               range_text<T>(bounds), Value<T>::text(Value<T>::of(nearest)))});
      return std::nullopt;
    }
  }
  return std::move(*value);
}

/// A single value: any type with a `Value`.
template <class S, class T>
[[nodiscard]] Field<S> field(std::string_view key, T S::*member, const Bounds& bounds, std::string_view help,
                             Presence presence = Presence::optional)
{
  Field<S> result{.key = key, .what = std::string(Value<T>::what), .default_value = {}, .range = {}, .help = help,
                  .presence = presence, .read = {}, .print = {}};
  if (presence == Presence::optional) result.default_value = Value<T>::text(S{}.*member);
  if constexpr (requires(T value) { Value<T>::number(value); }) result.range = range_text<T>(bounds);
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    if (auto value = read_scalar<T>(key, node, bounds, faults)) out.*member = std::move(*value);
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if (presence == Presence::optional && value.*member == S{}.*member) return std::nullopt;
    return Value<T>::text(value.*member);
  };
  return result;
}

/// A single value that may be absent.
template <class S, class T>
[[nodiscard]] Field<S> field(std::string_view key, std::optional<T> S::*member, const Bounds& bounds,
                             std::string_view help)
{
  Field<S> result{.key = key, .what = std::string(Value<T>::what), .default_value = "none",
                  .range = range_text<T>(bounds), .help = help, .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    if (node.kind == YamlNode::Kind::scalar && node.text == "none") return;
    if (auto value = read_scalar<T>(key, node, bounds, faults)) out.*member = *value;
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if (!(value.*member)) return std::nullopt;
    return Value<T>::text(*(value.*member));
  };
  return result;
}

/// A number in parts per million.
template <class S>
[[nodiscard]] Field<S> ppm_field(std::string_view key, double S::*member, const Bounds& bounds, std::string_view help)
{
  Field<S> result = field(key, member, bounds, help);
  result.what = "ppm, e.g. 2.5 ppm";
  result.default_value += " ppm";
  result.range += " ppm";
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    const Result<double> value = parse_ppm(node.text);
    if (node.kind != YamlNode::Kind::scalar || !value) {
      faults.push_back({node.line, fmt::format("'{}' must be in ppm, e.g. 2.5 ppm", key)});
    } else if (*value < bounds.low || *value > bounds.high) {
      faults.push_back({node.line, fmt::format("'{}': {} is outside {} to {} ppm", key, node.text, bounds.low, bounds.high)});
    } else {
      out.*member = *value;
    }
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if (value.*member == S{}.*member) return std::nullopt;
    return number_text(value.*member) + " ppm";
  };
  return result;
}

/// One word of a fixed set.
template <class S, class E>
[[nodiscard]] Field<S> choice(std::string_view key, E S::*member,
                              const std::vector<std::pair<std::string_view, E>>& words, std::string_view help,
                              Presence presence = Presence::optional)
{
  std::vector<std::string_view> names;
  for (const auto& word : words) names.push_back(word.first);
  const auto name_of = [words](E value) {
    for (const auto& [name, meaning] : words) {
      if (meaning == value) return std::string(name);
    }
    return std::string();
  };
  Field<S> result{.key = key, .what = "one of the words", .default_value = {},
                  .range = fmt::format("{}", fmt::join(names, ", ")), .help = help, .presence = presence, .read = {},
                  .print = {}};
  if (presence == Presence::optional) result.default_value = name_of(S{}.*member);
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    for (const auto& [name, value] : words) {
      if (node.kind == YamlNode::Kind::scalar && node.text == name) {
        out.*member = value;
        return;
      }
    }
    faults.push_back({node.line, fmt::format("'{}': '{}' is none of {}{}", key, node.text, fmt::join(names, ", "),
                                             suggestion(node.text, names))});
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if (presence == Presence::optional && value.*member == S{}.*member) return std::nullopt;
    return name_of(value.*member);
  };
  return result;
}

/// A list of texts; one text alone is a list of one.
template <class S>
[[nodiscard]] Field<S> text_list(std::string_view key, std::vector<std::string> S::*member, std::string_view help)
{
  Field<S> result{.key = key, .what = "text, or a list of texts", .default_value = "none", .range = {}, .help = help,
                  .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    if (node.kind == YamlNode::Kind::scalar) out.*member = {node.text};
    if (node.kind == YamlNode::Kind::map) faults.push_back({node.line, fmt::format("'{}' must be a list of texts", key)});
    if (node.kind != YamlNode::Kind::sequence) return;
    for (const YamlNode& item : node.children) {
      if (auto text = read_scalar<std::string>(key, item, {}, faults)) (out.*member).push_back(*text);
    }
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if ((value.*member).empty()) return std::nullopt;
    return fmt::format("[{}]", fmt::join(value.*member, ", "));
  };
  return result;
}

/// A list of numbers; one alone is a list of one.
template <class S>
[[nodiscard]] Field<S> number_list(std::string_view key, std::vector<unsigned> S::*member, const Bounds& bounds, std::string_view help)
{
  Field<S> result{.key = key, .what = "number, or a list of numbers", .default_value = fmt::format("[{}]", fmt::join(S{}.*member, ", ")),
                  .range = range_text<unsigned>(bounds), .help = help, .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=](const YamlNode& node, S& out, Faults& faults) {
    (out.*member).clear();
    const bool is_list = node.kind == YamlNode::Kind::sequence;
    for (const YamlNode& item : is_list ? std::span<const YamlNode>(node.children) : std::span<const YamlNode>(&node, 1)) {
      if (auto number = read_scalar<unsigned>(key, item, bounds, faults)) (out.*member).push_back(*number);
    }
  };
  result.print = [=](const S& value) -> std::optional<std::string> {
    if (value.*member == S{}.*member) return std::nullopt;
    return fmt::format("[{}]", fmt::join(value.*member, ", "));
  };
  return result;
}

/// A map of its own.
template <class S, class T>
[[nodiscard]] Field<S> map_of(std::string_view key, T S::*member, const Table<T>& table, std::string_view help)
{
  Field<S> result{.key = key, .what = "map, below", .default_value = {}, .range = {}, .help = help,
                  .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=, &table](const YamlNode& node, S& out, Faults& faults) {
    read_map(table, node, out.*member, faults);
  };
  result.print = [=, &table](const S& value) -> std::optional<std::string> {
    const std::string inside = flow_text(table, value.*member);
    return inside == "{}" ? std::nullopt : std::optional(inside);
  };
  return result;
}

/// A list of maps.
template <class S, class T>
[[nodiscard]] Field<S> list_of(std::string_view key, std::vector<T> S::*member, const Table<T>& table,
                               std::string_view help)
{
  Field<S> result{.key = key, .what = "list, below", .default_value = {}, .range = {}, .help = help,
                  .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=, &table](const YamlNode& node, S& out, Faults& faults) {
    if (node.kind != YamlNode::Kind::sequence && node.kind != YamlNode::Kind::null) {
      faults.push_back({node.line, fmt::format("'{}' must be a list (lines that begin with '- '), not {}", key,
                                               kind_name(node))});
      return;
    }
    for (const YamlNode& item : node.children) {
      T& element = (out.*member).emplace_back();
      if (item.kind == YamlNode::Kind::null) {
        faults.push_back({item.line, fmt::format("an entry of '{}' is empty", key)});
      } else {
        read_map(table, item, element, faults);
      }
    }
  };
  result.print = [=, &table](const S& value) -> std::optional<std::string> {
    if ((value.*member).empty()) return std::nullopt;
    std::string text;
    for (const T& element : value.*member) text += fmt::format("\n  - {}", flow_text(table, element));
    return text;
  };
  return result;
}

/// "{name: a, gain: -20 dB}": what is not at its default.
template <class S>
[[nodiscard]] std::string flow_text(const Table<S>& table, const S& value)
{
  std::string text;
  for (const Field<S>& entry : table) {
    const auto printed = entry.print(value);
    if (printed) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key, *printed);
  }
  return "{" + text + "}";
}

/// Lines of the reference page.
template <class S>
[[nodiscard]] std::string reference_text(std::string_view title, const Table<S>& table)
{
  std::string text = fmt::format("{}\n", title);
  for (const Field<S>& entry : table) {
    text += fmt::format("  {:<18} {}\n", entry.key, entry.help);
    text += fmt::format("  {:<18} {}", "", entry.what);
    if (!entry.range.empty()) text += fmt::format("; {}", entry.range);
    if (entry.presence == Presence::required) text += "; required";
    if (!entry.default_value.empty()) text += fmt::format("; default {}", entry.default_value);
    text += "\n";
  }
  return text;
}

}  // namespace ravi::config
