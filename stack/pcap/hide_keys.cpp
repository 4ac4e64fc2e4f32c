#include "stack/pcap/hide_keys.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace ravi::pcap {
namespace {

constexpr unsigned kSecurityContext = 93;  // ProtocolIE-ID, TS 38.413 §9.4.7
constexpr unsigned kSecurityKey = 94;

/// Takes an open type off the front of `rest`: aligned PER, length below 16384. ITU-T X.691 §11.2, §11.9.3.
std::optional<std::span<std::uint8_t>> take_open_type(std::span<std::uint8_t>& rest) noexcept
{
  if (rest.empty()) return std::nullopt;
  std::size_t length = rest[0];
  std::size_t begin = 1;
  if (length >= 0x80) {
    if (length >= 0xC0 || rest.size() < 2) return std::nullopt;
    length = (length & 0x3FU) << 8U | rest[1];
    begin = 2;
  }
  if (rest.size() < begin + length) return std::nullopt;
  const std::span<std::uint8_t> value = rest.subspan(begin, length);
  rest = rest.subspan(begin + length);
  return value;
}

}  // namespace

bool hide_keys(std::span<std::uint8_t> ngap) noexcept
{
  constexpr std::size_t kPduHead = 3;  // choice, procedure code, criticality
  if (ngap.size() < kPduHead) return false;
  std::span<std::uint8_t> rest = ngap.subspan(kPduHead);
  const auto message = take_open_type(rest);
  if (!message || message->size() < 3) return false;
  std::size_t num_ies = static_cast<std::size_t>((*message)[1] << 8U | (*message)[2]);
  rest = message->subspan(3);
  for (; num_ies > 0; --num_ies) {
    if (rest.size() < 3) return false;
    const unsigned id = static_cast<unsigned>(rest[0] << 8U | rest[1]);
    rest = rest.subspan(3);
    const auto value = take_open_type(rest);
    if (!value) return false;
    if (id == kSecurityContext || id == kSecurityKey) std::fill(value->begin(), value->end(), std::uint8_t{0});
  }
  return true;
}

}  // namespace ravi::pcap
