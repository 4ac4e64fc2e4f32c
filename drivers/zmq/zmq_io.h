#pragma once
// The I/O thread of a ZMQ radio: all its sockets, and the comings and goings of its peer. It sleeps in one poll.

#include "drivers/zmq/zmq_ports.h"
#include "drivers/zmq/zmq_socket.h"
#include "drivers/zmq/zmq_stream.h"
#include "radio/result.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ravi::zmq {

/// Where the receive ports connect to, and what is on the wire both ways.
struct Source {
  std::vector<std::string> rx_endpoints;
  WireFormat format = WireFormat::cf32;
};

/// Asks where to receive from, because nobody has been there for a while; none: no answer. `earliest`: a link may begin
/// from here on. May wait some 100 ms. From the I/O thread.
using Seek = std::function<std::optional<Source>(std::int64_t earliest)>;

class Io {
public:
  /// `leftovers`: what becomes of samples that a peer sent before it left.
  enum class Leftovers { delivered, dropped };

  Io(Stream& stream, std::size_t longest_message, Leftovers leftovers, std::string name);
  ~Io() { stop(); }

  /// Binds the transmit ports; retries for `patience` while an endpoint is still being let go.
  [[nodiscard]] Result<void> bind(const std::vector<std::string>& endpoints, std::chrono::milliseconds patience);
  [[nodiscard]] std::vector<std::string> tx_endpoints() const;

  /// Before `start`. With it, a lost connection is not sought where it was.
  void set_seek(Seek seek) { seek_ = std::move(seek); }

  /// Starts the thread, which connects the receive ports.
  void start(const Source& source);
  /// Receives from elsewhere, as many ports as before; a link in progress ends. Any thread, while the thread runs.
  void redirect(const Source& source);
  /// Sends what is queued, for 200 ms at most while the peer asks for it, ends the thread and closes all sockets.
  void stop() noexcept;

private:
  void run();
  void drain();
  /// Does what can be done now. True when something was.
  bool step();
  void follow_redirect();
  void connect_to(const Source& source);
  void seek_peer(Clock::time_point now);
  [[nodiscard]] std::int64_t earliest_link() const;
  void let_go(RxPort& port);
  void update_link(Clock::time_point now);
  void begin_link(LinkState link);
  void end_link_if_over(LinkState link, Clock::time_point now);
  void end_link(LinkState link, Loss loss);
  void wake_receiver();
  [[nodiscard]] bool is_ready(Clock::time_point now) const;
  [[nodiscard]] bool is_used() const;
  [[nodiscard]] unsigned needs() const;
  void sleep(std::chrono::milliseconds longest);

  Stream& stream_;
  Leftovers leftovers_;
  std::string name_;
  Context context_;
  std::vector<std::unique_ptr<TxPort>> tx_;
  std::vector<std::unique_ptr<RxPort>> rx_;
  std::uint64_t streaming_link_ = 0;  ///< the link being served; 0: none
  Loss tx_loss_ = Loss::none;         ///< of the link's transmit ports
  Seek seek_;
  std::optional<Clock::time_point> next_seek_;
  std::optional<Clock::time_point> ending_since_;  ///< the peer has left; what it sent before is still being queued
  std::thread thread_;

  std::mutex redirect_mutex_;
  Source redirected_;                        ///< guarded by the mutex
  std::atomic<bool> is_redirected_{false};
};

}  // namespace ravi::zmq
