#pragma once
// What the foreign gNB of the recorded attach logged of each transmission: iq/foreign-attach.truth.jsonl.

#include "tests/stack/nr/reference.h"

#include "doctest/doctest.h"
#include "nlohmann/json.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ravi::phy {

struct TruthLine {
  std::string channel;
  unsigned sfn = 0;
  unsigned slot = 0;             ///< within the frame
  std::size_t sample_start = 0;  ///< of the slot in the recording
  std::string what;

  [[nodiscard]] bool has(const std::string& key) const { return what.find(key + "=") != std::string::npos; }
  /// The text after `key=`, up to the next blank.
  [[nodiscard]] std::string text(const std::string& key) const
  {
    const std::size_t at = what.find(key + "=");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + key.size() + 1;
    return what.substr(begin, what.find(' ', begin) - begin);
  }
  [[nodiscard]] unsigned number(const std::string& key) const
  {
    return static_cast<unsigned>(std::strtoul(text(key).c_str(), nullptr, 0));
  }
  /// [begin, end) of `key=[begin, end)`.
  [[nodiscard]] std::pair<unsigned, unsigned> range(const std::string& key) const
  {
    const char* from = what.c_str() + what.find(key + "=[") + key.size() + 2;
    char* comma = nullptr;
    const unsigned long begin = std::strtoul(from, &comma, 10);
    return {static_cast<unsigned>(begin), static_cast<unsigned>(std::strtoul(comma + 1, nullptr, 10))};
  }
};

/// The lines of one channel that lie in the recording; nothing, and a message, where the file is absent. The log goes on
/// after the recording ends: where its positions begin again at 0, a later turn of the SFN begins.
inline std::optional<std::vector<TruthLine>> load_truth(const std::string& channel)
{
  std::ifstream file(nr::test::reference_folder() / "iq" / "foreign-attach.truth.jsonl");
  if (!file) {
    MESSAGE("skipped: no iq/foreign-attach.truth.jsonl");
    return std::nullopt;
  }
  constexpr std::size_t kFarBack = 1'000'000;  // samples
  std::vector<TruthLine> lines;
  std::size_t latest = 0;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    const std::size_t at = json["sample_start"];
    if (at + kFarBack < latest) break;
    latest = std::max(latest, at);
    if (json["channel"] != channel) continue;
    lines.push_back({.channel = channel,
                     .sfn = json["sfn"],
                     .slot = json["slot"],
                     .sample_start = at,
                     .what = json["what"]});
  }
  return lines;
}

}  // namespace ravi::phy
