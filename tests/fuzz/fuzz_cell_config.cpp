// Any bytes as a cell's YAML, and the cell derived from what was accepted: a cell that can broadcast itself, or a fault with a message.

#include "config/cell_config_yaml.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/derive_cell.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto intent = ravi::config::parse_cell_config(text, "fuzz");
  if (!intent) {
    if (intent.error().message.empty()) std::abort();
    return 0;
  }
  const auto derived = ravi::rrc::derive_cell(*intent);
  if (!derived) {
    if (derived.error().message.empty()) std::abort();
    return 0;
  }
  if (!ravi::rrc::sib1_of(derived->cell)) std::abort();
  return 0;
}
