#pragma once
// Where the reference data is, and its PDUs.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ravi::asn1 {

inline std::filesystem::path reference_data()
{
  const char* set = std::getenv("RAVI_REFERENCE_DATA");
  return set != nullptr ? std::filesystem::path(set) : std::filesystem::path(RAVI_SOURCE) / "../shared";
}

inline std::vector<std::uint8_t> from_hex(const std::string& hex)
{
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(const std::vector<std::uint8_t>& bytes)
{
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

struct ReferencePdu {
  std::string protocol, type, name;
  std::vector<std::uint8_t> bytes;
};

/// The PDUs other stacks put on the wire; empty where the reference data is absent.
inline std::vector<ReferencePdu> reference_pdus()
{
  std::vector<ReferencePdu> pdus;
  std::ifstream file(reference_data() / "vectors/asn1_pdus.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto pdu = nlohmann::json::parse(line);
    pdus.push_back({pdu["proto"], pdu["type"], pdu["name"], from_hex(pdu["hex"].get<std::string>())});
  }
  return pdus;
}

}  // namespace ravi::asn1
