#pragma once
// NAS messages to octets and back. TS 24.501 §8, §9; how a receiver treats errors: TS 24.501 §7, TS 24.007 §11.2.4.

#include "stack/nas/mm_messages.h"
#include "stack/nas/sm_messages.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ravi::nas {

/// Extended protocol discriminator, first octet of every NAS message. TS 24.007 §11.2.3.1A.
inline constexpr std::uint8_t kEpdMm = 0x7E;
inline constexpr std::uint8_t kEpdSm = 0x2E;

/// Why a message was not understood, and what §7 asks for: silence, or a 5GMM or 5GSM Status with this cause (the cause numbers
/// 96, 97 and 99 are the same in both).
struct DecodeError {
  enum class Answer : std::uint8_t { ignore, status };
  Answer answer = Answer::ignore;
  MmCause cause = MmCause::protocol_error;
  std::uint8_t message_type = 0;
  SmHeader sm_header;  ///< of a 5GSM message
  [[nodiscard]] SmCause sm_cause() const { return static_cast<SmCause>(cause); }
};

/// A plain message, security header type 0. Optional IEs that are unknown, repeated or syntactically incorrect are passed over
/// (§7.6, §7.7), in whatever order they come; one that is cut off by the message's end ends it. Never throws, memory is bounded
/// by the input.
[[nodiscard]] tl::expected<MmMessage, DecodeError> decode_mm(std::span<const std::uint8_t> octets);
[[nodiscard]] tl::expected<SmMessage, DecodeError> decode_sm(std::span<const std::uint8_t> octets);

/// A plain message. Values outside their width are cut to it.
[[nodiscard]] Octets encode(const MmMessage& message);
[[nodiscard]] Octets encode(const SmMessage& message);

/// "Registration request" and so on, for logs and traces.
[[nodiscard]] std::string_view name_of(const MmMessage& message);
[[nodiscard]] std::string_view name_of(const SmMessage& message);
[[nodiscard]] SmHeader header_of(const SmMessage& message);

}  // namespace ravi::nas
