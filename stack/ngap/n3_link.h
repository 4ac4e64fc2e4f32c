#pragma once
// The link between gNB and UPF: GTP-U datagrams. They may be lost. TS 29.281 §4.4.2.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace ravi::ngap {

using Ipv4 = std::array<std::uint8_t, 4>;

/// Largest datagram: an IP packet of 2000 octets with its GTP-U header.
inline constexpr std::size_t kMaxDatagram = 2036;

/// `octets` stays valid until the next `receive` at the same end; empty: nothing there now.
struct N3Datagram {
  Ipv4 from{};
  std::span<const std::uint8_t> octets;
};

struct N3Counters {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  ///< no room, too large, or no such peer
};

/// One end. Each end belongs to one thread; the two may differ. No call waits or allocates.
class N3Link {
public:
  virtual ~N3Link() = default;
  /// The address that the other end sends to.
  [[nodiscard]] virtual Ipv4 address() const noexcept = 0;
  /// False: dropped and counted.
  virtual bool send(const Ipv4& to, std::span<const std::uint8_t> datagram) noexcept = 0;
  [[nodiscard]] virtual N3Datagram receive() noexcept = 0;
  [[nodiscard]] virtual const N3Counters& counters() const noexcept = 0;
};

/// The two ends of a link within this process, first the one with the gNB's address. Each direction holds 1024 datagrams.
[[nodiscard]] std::pair<std::unique_ptr<N3Link>, std::unique_ptr<N3Link>> make_n3_pair(const Ipv4& gnb = {127, 0, 0, 2},
                                                                                       const Ipv4& upf = {127, 0, 0, 1});

}  // namespace ravi::ngap
