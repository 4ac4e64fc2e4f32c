// Any bytes as a network's YAML, with a setting behind a zero octet: a configuration, or a fault whose message holds no key.

#include "config/network_config_yaml.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// As long as a key, in what a key is made of.
bool holds_key(std::string_view text)
{
  constexpr std::size_t kKeyDigits = 32;
  std::size_t run = 0;
  for (const char c : text) {
    run = std::string_view("0123456789abcdefABCDEF").find(c) == std::string_view::npos ? 0 : run + 1;
    if (run >= kKeyDigits) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(all.find('\0'), all.size());
  std::vector<std::string> settings;
  if (end < all.size()) settings.emplace_back(all.substr(end + 1));
  const std::string text = "ue: {usim: {key: 00112233445566778899aabbccddeeff" + std::string(all.substr(0, end));
  for (const std::string_view yaml : {all.substr(0, end), std::string_view(text)}) {
    const auto config = ravi::config::parse_network_config(yaml, "fuzz", settings);
    if (config) continue;
    if (config.error().message.empty()) std::abort();
    if (holds_key(config.error().message) && !holds_key(all)) std::abort();
  }
  return 0;
}
