#pragma once
// N2 over SCTP: the gNB's end, which connects and goes on trying, and the AMF's, which gNBs come to. TS 38.412 §7.

#include "drivers/ip/sctp_stack.h"
#include "stack/ngap/n2_link.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace ravi {

/// One line for a person, at events of a link: which transport, up, lost and why. Called on the link's own thread.
using LinkLog = std::function<void(const std::string&)>;

struct N2ClientConfig {
  SctpKind sctp = SctpKind::automatic;   ///< automatic: the kernel's, else usrsctp raw and in UDP in turns
  IpEndpoint amf{{127, 0, 0, 1}, kNgapPort};
  Ipv4 bind{127, 0, 0, 1};
  std::uint16_t udp_port = kSctpUdpPort; ///< the AMF's, RFC 6951
  std::chrono::milliseconds patience{3000};  ///< for an answer to a connection attempt
  std::chrono::milliseconds first_retry{100};
  std::chrono::milliseconds last_retry{3000};
  LinkLog log;
};

/// Connects at once and again after every loss, waiting twice as long each time. After a loss `is_up` is false at least once
/// before messages of the next association come. Its own thread does the SCTP; each direction holds 256 messages.
[[nodiscard]] Result<std::unique_ptr<ngap::N2Link>> connect_n2(const N2ClientConfig& config);

struct N2ListenerConfig {
  SctpKind sctp = SctpKind::automatic;   ///< automatic: the kernel's, else usrsctp in UDP, and raw too where allowed
  IpEndpoint listen{{127, 0, 0, 1}, kNgapPort};
  std::uint16_t udp_port = kSctpUdpPort;
  std::size_t max_gnbs = 64;             ///< further ones are turned away
  LinkLog log;
};

/// Its own thread does the SCTP of all gNBs.
class N2Listener {
public:
  [[nodiscard]] static Result<std::unique_ptr<N2Listener>> open(const N2ListenerConfig& config);
  ~N2Listener();
  N2Listener(const N2Listener&) = delete;
  N2Listener& operator=(const N2Listener&) = delete;

  /// The link to a gNB that came; null: none now. Once not `is_up`, it is to be given up; given up earlier, it is cut.
  /// It may outlive the listener.
  [[nodiscard]] std::unique_ptr<ngap::N2Link> accept();
  [[nodiscard]] const std::string& transport() const;

private:
  struct Thread;
  explicit N2Listener(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace ravi
