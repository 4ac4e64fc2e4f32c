// SigMF metadata from anywhere: parsed or refused, never more; and what is parsed is written so that it parses again.

#include "radio/recording/sigmf.h"

#include <spdlog/spdlog.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  spdlog::set_level(spdlog::level::off);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto meta = ravi::recording::parse_sigmf_meta(text, "fuzz")) {
    const auto again = ravi::recording::parse_sigmf_meta(ravi::recording::to_json(*meta), "again");
    if (!again || again->captures.size() != meta->captures.size()) std::abort();
  }
  static_cast<void>(ravi::recording::sigmf_paths(text.substr(0, 200)));
  return 0;
}
