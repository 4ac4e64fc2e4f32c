#pragma once
// N3 over UDP: GTP-U datagrams at port 2152. TS 29.281 §4.4.2.

#include "drivers/ip/ip_endpoint.h"
#include "radio/result.h"
#include "stack/ngap/n3_link.h"

#include <cstdint>
#include <memory>

namespace ravi {

inline constexpr std::uint16_t kGtpuPort = 2152;

/// Bound to `own`, and sends to that port of its peers; their answers come from any port. System calls, but none that waits.
[[nodiscard]] Result<std::unique_ptr<ngap::N3Link>> open_n3(const Ipv4& own, std::uint16_t port = kGtpuPort);

}  // namespace ravi
