#pragma once
// The link between gNB and AMF: whole NGAP messages, in order, on numbered streams. TS 38.412 §7.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace ravi::ngap {

/// Stream of signalling that belongs to no UE; the others carry UEs. TS 38.412 §7.
inline constexpr std::uint16_t kCommonStream = 0;
inline constexpr std::uint16_t kUeStream = 1;

struct N2Message {
  std::uint16_t stream = kCommonStream;
  std::vector<std::uint8_t> bytes;
};

struct N2Counters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  ///< no room, or the link is down
};

/// One end. Each end belongs to one thread; the two may differ. Nothing here waits: whoever owns an end polls it.
class N2Link {
public:
  virtual ~N2Link() = default;
  /// False: dropped and counted.
  virtual bool send(std::uint16_t stream, std::span<const std::uint8_t> bytes) = 0;
  /// The oldest message not yet taken; empty: none now.
  [[nodiscard]] virtual std::optional<N2Message> receive() = 0;
  [[nodiscard]] virtual bool is_up() const = 0;
  [[nodiscard]] virtual const N2Counters& counters() const = 0;
};

/// The two ends of a link within this process: first the gNB's, then the AMF's (they are alike). Each direction holds 256
/// messages; it is down once the other end is gone.
[[nodiscard]] std::pair<std::unique_ptr<N2Link>, std::unique_ptr<N2Link>> make_n2_pair();

}  // namespace ravi::ngap
