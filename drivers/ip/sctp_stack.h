#pragma once
// SCTP as N2 needs it: one-to-one associations that never wait, by the kernel or by usrsctp. TS 38.412 §7, RFC 9260, RFC 6951.

#include "drivers/ip/ip_endpoint.h"
#include "radio/result.h"
#include "stack/ngap/n2_link.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ravi {

inline constexpr std::uint16_t kNgapPort = 38412;   ///< TS 38.412 §7
inline constexpr std::uint32_t kNgapPpid = 60;      ///< payload protocol identifier, TS 38.412 §7
inline constexpr std::uint16_t kSctpUdpPort = 9899; ///< RFC 6951 §6
inline constexpr std::uint16_t kNumSctpStreams = 8; ///< asked for in each direction
inline constexpr std::size_t kMaxSctpMessage = 1 << 18;

/// Who does the SCTP.
enum class SctpKind : std::uint8_t {
  automatic,    ///< the first that works here
  kernel,
  usrsctp,      ///< in this process, packets over a raw socket: needs root
  usrsctp_udp,  ///< in this process, packets in UDP
};

/// One association. Called by the thread of its stack, before which it goes; going, it aborts the association.
class SctpSocket {
public:
  enum class State : std::uint8_t { connecting, up, down };

  virtual ~SctpSocket() = default;
  /// `down` is for ever.
  [[nodiscard]] virtual State state() = 0;
  /// False: no room now, try again; or down. A message that cannot be sent at all is dropped (true).
  virtual bool send(std::uint16_t stream, std::span<const std::uint8_t> message) = 0;
  /// The next whole message; empty: none now. Longer ones than kMaxSctpMessage end the association.
  [[nodiscard]] virtual std::optional<ngap::N2Message> receive() = 0;
  [[nodiscard]] virtual const std::string& peer() const = 0;  ///< "127.0.0.1:38412"
};

/// One thread.
class SctpStack {
public:
  virtual ~SctpStack() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// The association is `connecting`.
  [[nodiscard]] virtual Result<std::unique_ptr<SctpSocket>> connect(const IpEndpoint& to) = 0;
  [[nodiscard]] virtual Result<void> listen(std::uint16_t port) = 0;
  /// An association that came; null: none now.
  [[nodiscard]] virtual std::unique_ptr<SctpSocket> accept() = 0;
  /// Until something happened, `wake_fd` is readable, or `at_most` passed; does the stack's own work.
  virtual void wait(int wake_fd, std::chrono::milliseconds at_most) = 0;
};

[[nodiscard]] bool has_kernel_sctp();
/// Whether a raw socket is allowed here.
[[nodiscard]] bool has_raw_sctp();

[[nodiscard]] Result<std::unique_ptr<SctpStack>> open_kernel_sctp(const Ipv4& local);

/// usrsctp with one or two ways for its packets. Several may live in one process.
struct UserSctpConfig {
  Ipv4 local{127, 0, 0, 1};
  bool is_raw = false;
  bool is_udp = true;
  std::uint16_t udp_port = 0;         ///< own; 0: any free one
  std::uint16_t peer_udp_port = kSctpUdpPort;  ///< where `connect` sends to
};
[[nodiscard]] Result<std::unique_ptr<SctpStack>> open_user_sctp(const UserSctpConfig& config);

}  // namespace ravi
