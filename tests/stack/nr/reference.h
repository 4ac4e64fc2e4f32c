#pragma once
// The reference data outside this repository: tables of the specifications as CSV, recordings with their truth.

#include "doctest/doctest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace ravi::nr::test {

inline std::filesystem::path reference_folder()
{
  const char* given = std::getenv("RAVI_REFERENCE_DATA");
  return given != nullptr ? given : RAVI_SOURCE_DIR "/../shared";
}

using Row = std::vector<std::string>;

/// The items of a text between separators; an empty text has one empty item.
inline Row split(const std::string& text, char separator)
{
  Row items(1);
  for (const char c : text) {
    if (c == separator) {
      items.emplace_back();
    } else if (c != '\r') {
      items.back().push_back(c);
    }
  }
  return items;
}

/// Rows of spec/<name>.csv below its header; nothing, and a message, where there is no reference data.
inline std::optional<std::vector<Row>> read_table(const std::string& name)
{
  const std::filesystem::path path = reference_folder() / "spec" / (name + ".csv");
  std::ifstream file(path);
  if (!file) {
    MESSAGE("skipped: no reference data in ", path.string());
    return std::nullopt;
  }
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) rows.push_back(split(line, ','));
  REQUIRE_FALSE(rows.empty());
  return rows;
}

inline unsigned number(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }

inline std::vector<unsigned> numbers(const std::string& text)
{
  std::vector<unsigned> values;
  if (text.empty()) return values;
  for (const std::string& item : split(text, '|')) values.push_back(number(item));
  return values;
}

}  // namespace ravi::nr::test
