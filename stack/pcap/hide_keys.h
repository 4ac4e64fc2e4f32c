#pragma once
// Keys have no place in a trace: those that NGAP carries are overwritten by zeros.

#include <cstdint>
#include <span>

namespace ravi::pcap {

/// Overwrites Security Key (K_gNB) and Security Context (NH) in an NGAP message, TS 38.413 §9.3.1.87, §9.3.1.88; the message
/// stays decodable. False: it cannot be walked through, so nobody knows what is in it.
[[nodiscard]] bool hide_keys(std::span<std::uint8_t> ngap) noexcept;

}  // namespace ravi::pcap
