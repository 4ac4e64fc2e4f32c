#include "radio/recording/sigmf.h"

#include "radio/log.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

namespace ravi::recording {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // keeps the order that people expect

constexpr double kMaxRateHz = 1e12;
constexpr double kMaxFrequencyHz = 1e13;
constexpr double kMaxIndex = 1ULL << 60U;  // leaves room to add two without overflow

/// How a value is shown in an error: short, whatever it is.
std::string shown(const Json& value)
{
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

/// Reads the members of one object. The first fault is kept and everything after it is read as absent, so that a
/// function reads all its members in a row and looks once.
class Fields {
public:
  /// `place` is the object's place in the file, for errors: "FILE: captures[3]".
  Fields(const Json& object, std::string place) : object_(object), place_(std::move(place)) {}

  [[nodiscard]] const std::string& place() const { return place_; }

  std::string text(const char* key)
  {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    refuse(key, fmt::format("is {}; write it as a text in quotes", shown(*value)));
    return {};
  }

  std::optional<double> number(const char* key, double limit)
  {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    const double number = value->is_number() ? value->get<double>() : std::numeric_limits<double>::infinity();
    if (std::abs(number) <= limit) return number;
    refuse(key, fmt::format("is {}; write a number of at most {:g}", shown(*value), limit));
    return std::nullopt;
  }

  std::optional<Hertz> frequency(const char* key)
  {
    const std::optional<double> value = number(key, kMaxFrequencyHz);
    return value ? std::optional(Hertz(*value)) : std::nullopt;
  }

  std::optional<std::int64_t> index(const char* key)
  {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    const double number = value->is_number() ? value->get<double>() : -1.0;  // 1000.0 and 1e3 are whole numbers too
    if (number >= 0.0 && number <= kMaxIndex && number == std::floor(number)) return value->get<std::int64_t>();
    refuse(key, fmt::format("is {}; write a whole number from 0 to 2^60", shown(*value)));
    return std::nullopt;
  }

  [[nodiscard]] bool is_true(const char* key) const
  {
    const Json* value = find(key);
    return value != nullptr && *value == true;
  }
  [[nodiscard]] bool contains(const char* key) const { return object_.contains(key); }

  void refuse(std::string_view key, std::string_view what)
  {
    if (!error_) error_ = Error{ErrorCode::bad_input, fmt::format("{}.{} {}", place_, key, what)};
  }

  [[nodiscard]] bool is_good() const { return !error_; }
  [[nodiscard]] tl::unexpected<Error> error() const { return tl::unexpected<Error>(*error_); }

private:
  [[nodiscard]] const Json* find(const char* key) const
  {
    const auto found = error_ ? object_.end() : object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  const Json& object_;
  std::string place_;
  std::optional<Error> error_;
};

/// Data that is not plain samples, or lies elsewhere.
void refuse_what_is_not_read(Fields& global)
{
  if (global.is_true("core:metadata_only")) {
    global.refuse("core:metadata_only", "is true: it comes without samples; fetch the data file and remove the key");
  }
  for (const char* key : {"core:dataset", "core:trailing_bytes"}) {
    if (global.contains(key)) {
      global.refuse(key, "marks data that is not plain samples in a .sigmf-data file; convert it to that");
    }
  }
}

void read_rate(Fields& global, SigmfMeta& meta)
{
  const std::optional<double> rate = global.number("core:sample_rate", kMaxRateHz);
  if (!rate) return global.refuse("core:sample_rate", "is missing; add the rate in samples per second");
  if (*rate < 0.5) return global.refuse("core:sample_rate", fmt::format("is {:g}; it must be at least 1", *rate));
  meta.sample_rate = SampleRate(std::llround(*rate));
  if (*rate != std::round(*rate)) {
    log_warning(fmt::format("{}.core:sample_rate {} is rounded to {} Hz", global.place(), *rate, meta.sample_rate.hz()));
  }
}

void read_num_channels(Fields& global, SigmfMeta& meta)
{
  const std::int64_t count = global.index("core:num_channels").value_or(1);
  if (count < 1 || count > static_cast<std::int64_t>(kMaxChannels)) {
    return global.refuse("core:num_channels", fmt::format("is {}; 1 to {} are read", count, kMaxChannels));
  }
  meta.num_channels = static_cast<std::size_t>(count);
}

void read_version(Fields& global, SigmfMeta& meta)
{
  meta.version = global.text("core:version");
  if (meta.version.empty()) return global.refuse("core:version", "is missing; add \"1.0.0\"");
  if (!meta.version.starts_with("1.") && !meta.version.starts_with("0.0.")) {
    global.refuse("core:version", fmt::format("is {}; SigMF 1 is read", shown(meta.version)));
  }
}

void read_sha512(Fields& global, SigmfMeta& meta)
{
  meta.sha512 = global.text("core:sha512");
  const auto is_hex_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  const bool is_hash = meta.sha512.size() == 128 && std::all_of(meta.sha512.begin(), meta.sha512.end(), is_hex_digit);
  if (!meta.sha512.empty() && !is_hash) {
    global.refuse("core:sha512", "is not 128 hexadecimal digits; correct it or remove the key");
  }
}

Result<SigmfMeta> read_global(Fields& global)
{
  SigmfMeta meta;
  const std::string datatype = global.text("core:datatype");
  if (datatype.empty()) global.refuse("core:datatype", "is missing; add e.g. \"cf32_le\" or \"ci16_le\"");
  refuse_what_is_not_read(global);
  read_version(global, meta);
  read_rate(global, meta);
  read_num_channels(global, meta);
  read_sha512(global, meta);
  meta.description = global.text("core:description");
  meta.author = global.text("core:author");
  meta.recorder = global.text("core:recorder");
  meta.hw = global.text("core:hw");
  meta.is_unfinished = global.is_true("ravi:unfinished");
  if (!global.is_good()) return global.error();
  const auto format = parse_sample_format(datatype);
  if (!format) return fail(format.error().code, fmt::format("{}.core:datatype: {}", global.place(), format.error().message));
  meta.format = *format;
  return meta;
}

/// `core:sample_start` of a capture or annotation, counted from the data file's first sample.
SampleCount read_start(Fields& segment, std::int64_t offset)
{
  const std::optional<std::int64_t> start = segment.index("core:sample_start");
  if (!start) segment.refuse("core:sample_start", "is missing; add the index of its first sample");
  if (start.value_or(offset) < offset) {
    segment.refuse("core:sample_start", fmt::format("is {}, before the recording's core:offset {}", *start, offset));
  }
  return SampleCount(start.value_or(offset) - offset);
}

SigmfCapture read_capture(Fields& segment, std::int64_t offset)
{
  SigmfCapture capture;
  capture.sample_start = read_start(segment, offset);
  capture.frequency = segment.frequency("core:frequency");
  capture.datetime = segment.text("core:datetime");
  if (const auto index = segment.index("core:global_index")) capture.global_index = SampleTime(*index);
  if (segment.index("core:header_bytes").value_or(0) != 0) {
    segment.refuse("core:header_bytes", "marks data that is not plain samples; convert it to a plain .sigmf-data file");
  }
  return capture;
}

SigmfAnnotation read_annotation(Fields& segment, std::int64_t offset)
{
  SigmfAnnotation annotation;
  annotation.sample_start = read_start(segment, offset);
  annotation.sample_count = SampleCount(segment.index("core:sample_count").value_or(0));
  annotation.freq_lower_edge = segment.frequency("core:freq_lower_edge");
  annotation.freq_upper_edge = segment.frequency("core:freq_upper_edge");
  if (annotation.freq_lower_edge && annotation.freq_upper_edge && *annotation.freq_lower_edge > *annotation.freq_upper_edge) {
    segment.refuse("core:freq_lower_edge", "lies above core:freq_upper_edge; exchange them");
  }
  annotation.label = segment.text("core:label");
  annotation.comment = segment.text("core:comment");
  annotation.generator = segment.text("core:generator");
  return annotation;
}

/// The list `key` of `document`, each object read by `read`.
template <class Segment>
Result<std::vector<Segment>> read_list(const Json& document, const char* key, std::string_view name, std::int64_t offset,
                                       Segment (*read)(Fields&, std::int64_t))
{
  const auto list = document.find(key);
  if (list == document.end() || !list->is_array()) {
    return fail(ErrorCode::bad_input, fmt::format("{}: {} is missing or no list; add \"{}\": []", name, key, key));
  }
  std::vector<Segment> segments;
  for (const Json& object : *list) {
    const std::string place = fmt::format("{}: {}[{}]", name, key, segments.size());
    if (!object.is_object()) return fail(ErrorCode::bad_input, place + " is no object; write it in braces");
    Fields fields(object, place);
    segments.push_back(read(fields, offset));
    if (!fields.is_good()) return fields.error();
  }
  return segments;
}

void put_text(OrderedJson& object, const char* key, const std::string& text)
{
  if (!text.empty()) object[key] = text;
}

void put_frequency(OrderedJson& object, const char* key, const std::optional<Hertz>& frequency)
{
  if (frequency) object[key] = frequency->value();
}

OrderedJson global_json(const SigmfMeta& meta)
{
  OrderedJson global = {{"core:datatype", to_text(meta.format)},
                 {"core:sample_rate", meta.sample_rate.hz()},
                 {"core:version", meta.version},
                 {"core:num_channels", meta.num_channels}};
  put_text(global, "core:sha512", meta.sha512);
  put_text(global, "core:description", meta.description);
  put_text(global, "core:author", meta.author);
  put_text(global, "core:recorder", meta.recorder);
  put_text(global, "core:hw", meta.hw);
  if (meta.is_unfinished) {
    global["core:extensions"] = OrderedJson::array({{{"name", "ravi"}, {"version", "1.0.0"}, {"optional", true}}});
    global["ravi:unfinished"] = true;
  }
  return global;
}

}  // namespace

Result<SigmfMeta> parse_sigmf_meta(std::string_view json, std::string_view name)
{
  if (json.size() > kMaxMetaBytes) {
    return fail(ErrorCode::bad_input, fmt::format("{}: {} bytes of metadata are more than the {} that are read; is this the "
                                                  "data file, or are there too many annotations?",
                                                  name, json.size(), kMaxMetaBytes));
  }
  Json document;
  try {
    document = Json::parse(json.begin(), json.end());
  } catch (const Json::exception& e) {
    return fail(ErrorCode::bad_input, fmt::format("{}: not valid JSON, perhaps cut short: {}", name, e.what()));
  }
  if (!document.is_object() || !document.contains("global") || !document["global"].is_object()) {
    return fail(ErrorCode::bad_input, fmt::format("{}: has no \"global\" object; is this SigMF metadata?", name));
  }
  Fields global(document["global"], fmt::format("{}: global", name));
  Result<SigmfMeta> meta = read_global(global);
  if (!meta) return meta;
  const std::int64_t offset = global.index("core:offset").value_or(0);
  if (!global.is_good()) return global.error();

  auto captures = read_list(document, "captures", name, offset, read_capture);
  if (!captures) return tl::unexpected<Error>(captures.error());
  const auto is_earlier = [](const auto& a, const auto& b) { return a.sample_start < b.sample_start; };
  const auto misplaced = std::is_sorted_until(captures->begin(), captures->end(), is_earlier);
  if (misplaced != captures->end()) {
    return fail(ErrorCode::bad_input, fmt::format("{}: captures[{}].core:sample_start lies before the capture above it; sort "
                                                  "the captures",
                                                  name, misplaced - captures->begin()));
  }
  auto annotations = read_list(document, "annotations", name, offset, read_annotation);
  if (!annotations) return tl::unexpected<Error>(annotations.error());
  std::stable_sort(annotations->begin(), annotations->end(), is_earlier);
  meta->captures = *std::move(captures);
  meta->annotations = *std::move(annotations);
  return meta;
}

std::string to_json(const SigmfMeta& meta)
{
  OrderedJson captures = OrderedJson::array();
  for (const SigmfCapture& capture : meta.captures) {
    OrderedJson segment = {{"core:sample_start", capture.sample_start.value()}};
    put_frequency(segment, "core:frequency", capture.frequency);
    put_text(segment, "core:datetime", capture.datetime);
    if (capture.global_index) segment["core:global_index"] = capture.global_index->value();
    captures.push_back(std::move(segment));
  }
  OrderedJson annotations = OrderedJson::array();
  for (const SigmfAnnotation& annotation : meta.annotations) {
    OrderedJson segment = {{"core:sample_start", annotation.sample_start.value()},
                    {"core:sample_count", annotation.sample_count.value()}};
    put_frequency(segment, "core:freq_lower_edge", annotation.freq_lower_edge);
    put_frequency(segment, "core:freq_upper_edge", annotation.freq_upper_edge);
    put_text(segment, "core:label", annotation.label);
    put_text(segment, "core:comment", annotation.comment);
    put_text(segment, "core:generator", annotation.generator);
    annotations.push_back(std::move(segment));
  }
  const OrderedJson document = {{"global", global_json(meta)}, {"captures", std::move(captures)}, {"annotations", std::move(annotations)}};
  return document.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

Result<SigmfPaths> sigmf_paths(std::string_view name)
{
  std::string_view base = name;
  for (const std::string_view suffix : {".sigmf-meta", ".sigmf-data", ".sigmf"}) {
    if (base.ends_with(suffix)) {
      base.remove_suffix(suffix.size());
      break;
    }
  }
  if (base.empty() || base.back() == '/' || base.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::bad_input, fmt::format("\"{}\" names no recording; give NAME, NAME.sigmf-meta or NAME.sigmf-data", name));
  }
  return SigmfPaths{.meta = std::string(base) + ".sigmf-meta", .data = std::string(base) + ".sigmf-data"};
}

}  // namespace ravi::recording
