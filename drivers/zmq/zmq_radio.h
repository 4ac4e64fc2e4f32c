#pragma once
// A radio over ZeroMQ: plain samples between programs on one machine or network, as srsRAN 4G, OCUDU and GNU Radio do it.

#include "radio/device_string.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi {

namespace zmq {
struct LinkState;
}

/// Samples on the wire. Foreign programs speak cf32 only.
enum class ZmqFormat { cf32, sc16 };

/// Which end of a fronthaul a radio is.
enum class ZmqRole {
  /// A gNB, a UE, an instrument: keeps rule A (to receive up to t it first sends up to t, zeros if need be), and waits up
  /// to 100 ms for a peer that is absent.
  node,
  /// The other end of a node's cable, in a hub: receives [t, t+n) before it sends the same interval, so it pads nothing
  /// when it receives; `receive` and `transmit` return at once while the peer is absent.
  hub,
};

/// What time the first sample of a link has (see `ZmqRadio`).
enum class ZmqTime {
  own,     ///< each end counts for itself: all that foreign programs know
  of_hub,  ///< a node that receives takes over the hub's time; both ends of the link are Ravi's and must say so
};

/// Where samples come from, and what is on the wire both ways.
struct ZmqSource {
  std::vector<std::string> rx_endpoints;
  ZmqFormat format = ZmqFormat::cf32;
};

struct ZmqConfig {
  std::vector<std::string> tx;  ///< one endpoint a transmit port, bound here: "tcp://127.0.0.1:2000", "ipc:///run/x"
  std::vector<std::string> rx;  ///< one endpoint a receive port, connected to: the peer's transmit ports ("": not yet known)
  ZmqFormat format = ZmqFormat::cf32;
  ZmqRole role = ZmqRole::node;
  ZmqTime time = ZmqTime::own;
  SampleRate sample_rate{};             ///< 0: `set_sample_rate` says it; else that refuses any other
  std::size_t ring_samples = 1 << 19;   ///< per port; the longest block of one call; memory: 8 bytes a sample
  std::size_t message_samples = 61'440; ///< longest reply sent, <= 614,400 (what OCUDU can take)
  std::string name;                     ///< for people; empty: made from the endpoints
};

/// Time and peers. The wire carries no times, only samples: both ends count from the first sample on. A link begins when
/// all ports have found a peer and this end calls `receive` (without receive ports: `transmit`); T is then chosen, and
/// the first sample sent over the link and the first received over it both have time T.
///   - The first link: T is the time given to `start`.
///   - A later one (the peer came back): T is the first slot border (1 ms, where the rate is a multiple of 1 kHz) not
///     before anything received or sent so far. Time never goes back; `RxResult::lost` tells what was skipped.
///   - After `realign(t)`: T is t exactly, unless something later was received or sent already.
///   - Without receive ports: T is the time of the first block transmitted.
///   - `ZmqTime::of_hub`: T is what the hub says, which is its own time; what `start` was given does not matter. That is
///     no gap on the first link. (If a hub should be behind what was received or sent already, T is as if it said nothing.)
/// While no link is there, `receive` answers `timeout`, `transmit` drops the block and answers `timeout`, `peer` is
/// `absent`, and time stands still.
/// A block longer than the ring is refused by `transmit` (`failed`); `receive` then delivers one ring's length.
class ZmqRadio final : public Radio {
public:
  [[nodiscard]] static Result<std::unique_ptr<ZmqRadio>> open(const ZmqConfig& config);
  ~ZmqRadio() override;

  /// Where the transmit ports listen, with the number filled in where the configuration said port `*`.
  [[nodiscard]] const std::vector<std::string>& tx_endpoints() const { return tx_endpoints_; }

  /// Other peers to receive from, as many as before, and what is on the wire both ways (none: as before). While started,
  /// a link in progress ends. Any thread.
  [[nodiscard]] Result<void> set_rx_endpoints(const std::vector<std::string>& endpoints,
                                              std::optional<ZmqFormat> format = std::nullopt);

  /// When nobody has been at the other end for a second, and then once a second: says where to receive from instead. `earliest`:
  /// the slot border from which on a link may begin. May wait some 100 ms, but ends soon once `stop` is true; comes from the
  /// radio's own thread. Before `start`.
  using Seek = std::function<std::optional<ZmqSource>(SampleTime earliest, const std::atomic<bool>& stop)>;
  void set_seek(Seek seek);

  /// A link that begins from now on begins at `time`. From the thread of `receive`. A hub calls it with its own time
  /// before each `receive`, so that a node that has just come joins in step.
  void realign(SampleTime time) noexcept { realigned_ = time.value(); }

  /// Samples that `receive` would deliver without waiting, on every port. From the thread of `receive`.
  [[nodiscard]] std::size_t available() const noexcept;

  [[nodiscard]] RadioDescription describe() const override;
  [[nodiscard]] Result<SampleRate> set_sample_rate(SampleRate rate) override;
  [[nodiscard]] Result<Tune> tune(Direction direction, std::size_t channel, const Tune& tune) override;
  [[nodiscard]] Result<Decibel> set_gain(Direction direction, std::size_t channel, Decibel gain) override;
  [[nodiscard]] Result<Hertz> set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth) override;
  [[nodiscard]] Result<std::string> set_antenna(Direction direction, std::size_t channel,
                                                std::string_view antenna) override;
  [[nodiscard]] Result<Reference> set_reference(const Reference& reference) override;
  [[nodiscard]] Result<bool> reference_locked() override;
  [[nodiscard]] Result<void> start(SampleTime first) override;
  [[nodiscard]] RxResult receive(IqSpan out) noexcept override;
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override;
  void stop() noexcept override;
  [[nodiscard]] Peer peer() const noexcept override;
  [[nodiscard]] RadioCounters counters() const noexcept override;

private:
  struct Parts;  ///< rings and I/O thread
  struct Counts {
    std::atomic<std::uint64_t> rx_samples{0};
    std::atomic<std::uint64_t> tx_samples{0};
    std::atomic<std::uint64_t> lates{0};
    std::atomic<std::uint64_t> lost_samples{0};
    std::atomic<std::uint64_t> reconnects{0};
  };

  ZmqRadio(const ZmqConfig& config, std::unique_ptr<Parts> parts);
  [[nodiscard]] Result<void> check_channel(Direction direction, std::size_t channel) const;
  void begin_link(zmq::LinkState arrived, std::int64_t earliest) noexcept;
  [[nodiscard]] std::int64_t next_link_start() const noexcept;
  [[nodiscard]] bool has_samples(std::size_t count) const noexcept;
  [[nodiscard]] bool has_room(std::size_t count) const noexcept;
  RxResult deliver(IqSpan out) noexcept;
  TxResult send(ConstIqSpan in, std::int64_t at, std::uint64_t link) noexcept;

  ZmqConfig config_;
  bool is_rate_given_;  ///< when it was opened
  std::vector<std::string> tx_endpoints_;
  std::vector<std::string> rx_endpoints_;  ///< as last set; guarded by the mutex
  ZmqFormat format_;                       ///< as last set; guarded by the mutex
  std::unique_ptr<Parts> parts_;
  std::mutex control_mutex_;  ///< start, stop, set_rx_endpoints
  std::atomic<bool> is_started_{false};
  bool is_bound_ = true;      ///< the endpoints are held from `open` on, until `stop`
  std::int64_t slot_length_ = 1;
  Counts counts_;

  // The receiving thread's (without receive ports: the transmitting thread's).
  bool is_first_link_ = true;
  std::int64_t rx_position_ = 0;  ///< time of the next sample to deliver
  std::int64_t lost_ = 0;         ///< samples skipped before it, not yet told
  std::int64_t realigned_;        ///< see `realign`
};

/// `zmq:tx=ENDPOINT,rx=ENDPOINT`, or `tx0=`, `tx1=`, `rx0=`, ... for several ports; a direction left out is switched off.
/// Further keys: format=cf32|sc16, rate=, ring= and message= (samples), name=.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_zmq(const DeviceString& device);
[[nodiscard]] Result<std::unique_ptr<ZmqRadio>> open_zmq(const ZmqConfig& config);
[[nodiscard]] Result<ZmqConfig> parse_zmq_config(const DeviceString& device);
/// "cf32" or "sc16".
[[nodiscard]] Result<ZmqFormat> parse_zmq_format(std::string_view text);

}  // namespace ravi
