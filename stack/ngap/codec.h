#pragma once
// NGAP messages to octets and back, and what is to be answered to those that cannot be read. TS 38.413 §9.4, §10.

#include "stack/ngap/messages.h"

#include <tl/expected.hpp>

#include <optional>
#include <span>
#include <string_view>

namespace ravi::ngap {

/// Why a message was not taken. `answer`: the Error Indication that §10 asks for; empty: none.
struct DecodeError {
  Cause cause = cause::kTransferSyntaxError;
  std::optional<ErrorIndication> answer;
};

/// Never throws; memory is bounded by the input. A message of a procedure that this project does not have is an error too, answered
/// as its criticality says (§10.3.4.1A).
[[nodiscard]] tl::expected<Message, DecodeError> decode(std::span<const std::uint8_t> octets);

/// Empty: a value is outside its range (a name too long, a list empty that must not be).
[[nodiscard]] Octets encode(const Message& message);

/// "NGSetupRequest" and so on, for logs and traces.
[[nodiscard]] std::string_view name_of(const Message& message);
/// The stream that it travels on. TS 38.412 §7.
[[nodiscard]] std::uint16_t stream_of(const Message& message);

}  // namespace ravi::ngap
