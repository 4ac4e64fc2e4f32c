#pragma once
// The published security vectors (spec/security_vectors.json of the reference data), and hexadecimal text.

#include "tests/stack/nr/reference.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::security::test {

inline std::vector<std::uint8_t> bytes_of(std::string_view hex)
{
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(std::string_view hex)
{
  const auto bytes = bytes_of(hex);
  REQUIRE(bytes.size() == N);
  std::array<std::uint8_t, N> out{};
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

inline std::string hex_of(std::span<const std::uint8_t> bytes)
{
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::uint8_t b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

/// Null, and a message, where there is no reference data.
inline nlohmann::json read_vectors()
{
  const auto path = nr::test::reference_folder() / "spec" / "security_vectors.json";
  std::ifstream file(path);
  if (!file) {
    MESSAGE("skipped: no reference data in ", path.string());
    return nullptr;
  }
  return nlohmann::json::parse(file);
}

}  // namespace ravi::security::test
