#pragma once
// YAML text as a small tree that remembers lines. Bounded: text from anywhere can be given to it.

#include "radio/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::config {

struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  Kind kind = Kind::null;
  std::size_t line = 0;             ///< counted from 1
  std::string text;                 ///< scalar: as written, quotes removed
  std::vector<std::string> keys;    ///< map: one a child
  std::vector<std::size_t> key_lines;
  std::vector<YamlNode> children;   ///< sequence, map

  /// Child of a map by key; null if there is none.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

/// One thing wrong with a text.
struct Fault {
  std::size_t line = 0;
  std::string message;
};

struct YamlLimits {
  std::size_t bytes = 1 << 20;
  std::size_t nodes = 20'000;
  std::size_t depth = 16;
};

/// One document. Refuses anchors and aliases (a few bytes of them can stand for gigabytes), tags other than those of
/// plain values, a second document, keys that are not scalars, and what exceeds `limits`.
[[nodiscard]] tl::expected<YamlNode, Fault> parse_yaml(std::string_view text, const YamlLimits& limits = {});

}  // namespace ravi::config
