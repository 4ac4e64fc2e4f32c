#include "config/table.h"

#include "radio/device_string.h"

namespace ravi::config {

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known)
{
  const auto nearest = nearest_word(word, known);
  return nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : std::string();
}

std::string_view kind_name(const YamlNode& node)
{
  switch (node.kind) {
    case YamlNode::Kind::null: return "nothing";
    case YamlNode::Kind::scalar: return "a single value";
    case YamlNode::Kind::sequence: return "a list";
    case YamlNode::Kind::map: return "a map";
  }
  return "something else";
}

}  // namespace ravi::config
