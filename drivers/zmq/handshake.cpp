#include "drivers/zmq/handshake.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace ravi {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostPorts = 8;
constexpr std::size_t kMostNodes = 64;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestEndpoint = 256;
constexpr std::size_t kLongestText = 32 * 1024;

constexpr std::array<std::pair<ErrorCode, std::string_view>, 6> kErrorNames{{{ErrorCode::bad_input, "bad_input"},
                                                                             {ErrorCode::not_found, "not_found"},
                                                                             {ErrorCode::busy, "busy"},
                                                                             {ErrorCode::unsupported, "unsupported"},
                                                                             {ErrorCode::refused, "refused"},
                                                                             {ErrorCode::io, "io"}}};

const char* format_name(ZmqFormat format) { return format == ZmqFormat::sc16 ? "sc16" : "cf32"; }

tl::unexpected<Error> malformed(std::string_view what)
{
  return fail(ErrorCode::bad_input, fmt::format("handshake: {}", what));
}

std::string message(const char* kind, Json content)
{
  const Json document{{"ravi", kHandshakeVersion}, {kind, std::move(content)}};
  return document.dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// Reads fields out of one object; the first fault is kept, later reads give defaults.
class Fields {
public:
  explicit Fields(const Json& object) : object_(object)
  {
    if (!object.is_object()) fault_ = "not an object";
  }

  std::string text(const char* key, std::size_t longest)
  {
    const Json* value = find(key);
    if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().size() > longest) {
      note(key, "must be a text");
      return {};
    }
    return value->get<std::string>();
  }

  std::int64_t integer(const char* key, std::int64_t low, std::int64_t high)
  {
    const Json* value = find(key);
    // A 64-bit unsigned beyond the signed range must not wrap into it.
    const bool fits = value != nullptr && value->is_number_integer() &&
                      (!value->is_number_unsigned() ||
                       value->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    if (!fits || value->get<std::int64_t>() < low || value->get<std::int64_t>() > high) {
      note(key, "must be a whole number in its range");
      return low;
    }
    return value->get<std::int64_t>();
  }

  bool has(const char* key) const { return find(key) != nullptr; }

  bool truth(const char* key)
  {
    const Json* value = find(key);
    if (value == nullptr || !value->is_boolean()) note(key, "must be true or false");
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }

  std::optional<Hertz> frequency(const char* key)
  {
    const Json* value = find(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number() || !std::isfinite(value->get<double>())) {
      note(key, "must be a number of Hz");
      return std::nullopt;
    }
    return Hertz(value->get<double>());
  }

  /// `null` or not there at all: none.
  std::optional<ZmqFormat> format(const char* key)
  {
    const Json* value = find(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    for (const ZmqFormat format : {ZmqFormat::cf32, ZmqFormat::sc16}) {
      if (*value == Json(format_name(format))) return format;
    }
    note(key, "is neither cf32 nor sc16");
    return std::nullopt;
  }

  std::vector<std::string> texts(const char* key, std::size_t most, std::size_t longest)
  {
    std::vector<std::string> found;
    const Json* value = find(key);
    if (value == nullptr || !value->is_array() || value->size() > most) {
      note(key, "must be a short list of texts");
      return found;
    }
    for (const Json& item : *value) {
      if (!item.is_string() || item.get_ref<const std::string&>().size() > longest) {
        note(key, "must be a list of texts");
        return {};
      }
      found.push_back(item.get<std::string>());
    }
    return found;
  }

  const Json* list(const char* key, std::size_t most)
  {
    const Json* value = find(key);
    if (value != nullptr && value->is_array() && value->size() <= most) return value;
    note(key, "must be a list");
    return nullptr;
  }

  [[nodiscard]] const std::string& fault() const { return fault_; }

private:
  const Json* find(const char* key) const
  {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  void note(const char* key, const char* what)
  {
    if (fault_.empty()) fault_ = fmt::format("{} {}", key, what);
  }

  const Json& object_;
  std::string fault_;
};

/// The whole document, its version checked. Depth is bounded before the library recurses.
Result<Json> parse_document(std::string_view text)
{
  if (text.size() > kMaxHandshakeBytes) return malformed("message too long");
  constexpr int kDeepest = 8;
  const auto limit_depth = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) throw std::length_error("nested too deeply");
    return true;
  };
  Json document;
  try {
    document = Json::parse(text, limit_depth);
  } catch (const std::exception&) {
    return malformed("not JSON");
  }
  if (!document.is_object() || !document.contains("ravi")) return malformed("not a message of Ravi");
  if (document["ravi"] != Json(kHandshakeVersion)) {
    return malformed(fmt::format("the other end speaks version {}, this one {}; use the same Ravi at both ends",
                                 document["ravi"].dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 20),
                                 kHandshakeVersion));
  }
  return document;
}

/// The part of an answer under `kind`, or the error it carries instead.
Result<Json> parse_answer(std::string_view text, const char* kind)
{
  auto document = parse_document(text);
  if (!document) return document;
  if (document->contains("error")) {
    Fields fields((*document)["error"]);
    const std::string code = fields.text("code", kLongestName);
    const std::string what = fields.text("message", kLongestText);
    if (!fields.fault().empty()) return malformed(fields.fault());
    for (const auto& [known, name] : kErrorNames) {
      if (code == name) return fail(known, what);
    }
    return fail(ErrorCode::io, what);
  }
  if (!document->contains(kind)) return malformed(fmt::format("no '{}' in the answer", kind));
  return (*document)[kind];
}

Result<HubRequest> parse_hello(const Json& object)
{
  Fields fields(object);
  Hello hello;
  hello.node = fields.text("node", kLongestName);
  hello.sample_rate = SampleRate(fields.integer("sample_rate_hz", 0, 1'000'000'000'000));
  hello.center_frequency = fields.frequency("center_frequency_hz");
  hello.num_rx_ports = static_cast<std::size_t>(fields.integer("num_rx_ports", 0, kMostPorts));
  hello.tx_endpoints = fields.texts("tx_endpoints", kMostPorts, kLongestEndpoint);
  hello.format = fields.format("format");
  if (fields.has("earliest")) hello.earliest = SampleTime(fields.integer("earliest", 0, kLatestHello.value()));
  if (!fields.fault().empty()) return malformed(fields.fault());
  return hello;
}

}  // namespace

Result<HubRequest> parse_request(std::string_view text)
{
  const auto document = parse_document(text);
  if (!document) return tl::unexpected(document.error());
  if (document->contains("hello")) return parse_hello((*document)["hello"]);
  if (document->contains("list")) return ListRequest{};
  if (!document->contains("command")) return malformed("neither hello, list nor command");
  Fields fields(*document);
  CommandRequest command{fields.text("command", kLongestText)};
  if (!fields.fault().empty()) return malformed(fields.fault());
  return command;
}

Result<Welcome> parse_welcome(std::string_view text)
{
  const auto object = parse_answer(text, "welcome");
  if (!object) return tl::unexpected(object.error());
  Fields fields(*object);
  Welcome welcome;
  welcome.sample_rate = SampleRate(fields.integer("sample_rate_hz", 1, 1'000'000'000'000));
  const std::optional<ZmqFormat> format = fields.format("format");
  welcome.rx_endpoints = fields.texts("rx_endpoints", kMostPorts, kLongestEndpoint);
  if (!fields.fault().empty()) return malformed(fields.fault());
  if (!format) return malformed("format is missing");
  welcome.format = *format;
  return welcome;
}

Result<NodeList> parse_node_list(std::string_view text)
{
  const auto object = parse_answer(text, "nodes");
  if (!object) return tl::unexpected(object.error());
  Fields fields(*object);
  NodeList nodes;
  nodes.sample_rate = SampleRate(fields.integer("sample_rate_hz", 1, 1'000'000'000'000));
  const Json* list = fields.list("nodes", kMostNodes);
  if (!fields.fault().empty()) return malformed(fields.fault());
  for (const Json& item : *list) {
    Fields node_fields(item);
    ListedNode node;
    node.name = node_fields.text("name", kLongestName);
    node.num_tx_ports = static_cast<std::size_t>(node_fields.integer("num_tx_ports", 0, kMostPorts));
    node.num_rx_ports = static_cast<std::size_t>(node_fields.integer("num_rx_ports", 0, kMostPorts));
    node.is_taken = node_fields.truth("is_taken");
    node.is_foreign = node_fields.truth("is_foreign");
    node.center_frequency = node_fields.frequency("center_frequency_hz");
    if (!node_fields.fault().empty()) return malformed(node_fields.fault());
    nodes.nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<std::string> parse_reply(std::string_view text)
{
  const auto reply = parse_answer(text, "reply");
  if (!reply) return tl::unexpected(reply.error());
  if (!reply->is_string()) return malformed("reply must be a text");
  return reply->get<std::string>();
}

std::string to_message(const Hello& hello)
{
  Json object{{"node", hello.node},
              {"sample_rate_hz", hello.sample_rate.hz()},
              {"num_rx_ports", hello.num_rx_ports},
              {"tx_endpoints", hello.tx_endpoints}};
  if (hello.center_frequency) object["center_frequency_hz"] = hello.center_frequency->value();
  if (hello.earliest > SampleTime(0)) object["earliest"] = hello.earliest.value();
  if (hello.format) object["format"] = format_name(*hello.format);
  return message("hello", std::move(object));
}

std::string to_message(const Welcome& welcome)
{
  return message("welcome", {{"sample_rate_hz", welcome.sample_rate.hz()},
                             {"format", format_name(welcome.format)},
                             {"rx_endpoints", welcome.rx_endpoints}});
}

std::string to_message(const NodeList& nodes)
{
  Json list = Json::array();
  for (const ListedNode& node : nodes.nodes) {
    Json item{{"name", node.name},
              {"num_tx_ports", node.num_tx_ports},
              {"num_rx_ports", node.num_rx_ports},
              {"is_taken", node.is_taken},
              {"is_foreign", node.is_foreign}};
    if (node.center_frequency) item["center_frequency_hz"] = node.center_frequency->value();
    list.push_back(std::move(item));
  }
  return message("nodes", {{"sample_rate_hz", nodes.sample_rate.hz()}, {"nodes", std::move(list)}});
}

std::string to_message(const Error& error)
{
  std::string_view code = "io";
  for (const auto& [known, name] : kErrorNames) {
    if (error.code == known) code = name;
  }
  return message("error", {{"code", code}, {"message", error.message}});
}

}  // namespace ravi
