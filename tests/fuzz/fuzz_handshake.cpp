// Any bytes as a message of the handshake: each parser gives a value or an error, and a hello it accepts can be written
// and read again.

#include "drivers/zmq/handshake.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = ravi::parse_request(text)) {
    if (const auto* hello = std::get_if<ravi::Hello>(&*request)) {
      const auto again = ravi::parse_request(ravi::to_message(*hello));
      if (!again || std::get<ravi::Hello>(*again).sample_rate != hello->sample_rate) std::abort();
    }
  }
  if (const auto welcome = ravi::parse_welcome(text)) {
    if (!ravi::parse_welcome(ravi::to_message(*welcome))) std::abort();
  }
  if (const auto nodes = ravi::parse_node_list(text)) {
    if (!ravi::parse_node_list(ravi::to_message(*nodes))) std::abort();
  }
  static_cast<void>(ravi::parse_reply(text));
  return 0;
}
