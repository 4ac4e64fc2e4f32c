#pragma once
// Reads a pcapng file back, block by block.

#include "doctest/doctest.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ravi::pcap::test {

struct Block {
  std::uint32_t type = 0;
  std::vector<std::uint8_t> body;

  [[nodiscard]] std::uint32_t word(std::size_t at) const
  {
    REQUIRE(at + 4 <= body.size());
    return static_cast<std::uint32_t>(body[at]) | static_cast<std::uint32_t>(body[at + 1]) << 8U |
           static_cast<std::uint32_t>(body[at + 2]) << 16U | static_cast<std::uint32_t>(body[at + 3]) << 24U;
  }
  [[nodiscard]] std::uint64_t packet_time() const { return static_cast<std::uint64_t>(word(4)) << 32U | word(8); }
  [[nodiscard]] std::string packet() const
  {
    REQUIRE(20 + word(12) <= body.size());
    return {body.begin() + 20, body.begin() + 20 + static_cast<std::ptrdiff_t>(word(12))};
  }
};

inline constexpr std::uint32_t kSection = 0x0A0D0D0A;
inline constexpr std::uint32_t kInterface = 1;
inline constexpr std::uint32_t kPacket = 6;

/// All blocks; fails the test where they do not fill `octets` exactly.
inline std::vector<Block> blocks_of(const std::vector<std::uint8_t>& octets)
{
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < octets.size();) {
    REQUIRE(at + 12 <= octets.size());
    const Block head{.type = 0, .body = {octets.begin() + static_cast<std::ptrdiff_t>(at), octets.begin() + static_cast<std::ptrdiff_t>(at) + 8}};
    const std::size_t length = head.word(4);
    REQUIRE(length % 4 == 0);
    REQUIRE(length >= 12);
    REQUIRE(at + length <= octets.size());
    const auto begin = octets.begin() + static_cast<std::ptrdiff_t>(at);
    const Block tail{.type = 0, .body = {begin + static_cast<std::ptrdiff_t>(length) - 4, begin + static_cast<std::ptrdiff_t>(length)}};
    CHECK(tail.word(0) == length);
    blocks.push_back({head.word(0), {begin + 8, begin + static_cast<std::ptrdiff_t>(length) - 4}});
    at += length;
  }
  return blocks;
}

inline std::vector<std::uint8_t> read_file(const std::filesystem::path& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace ravi::pcap::test
