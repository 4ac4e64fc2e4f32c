#pragma once
// One antenna port's side of the protocol: answering a receiver's requests, and asking a transmitter for samples.
// Only the I/O thread touches these.

#include "drivers/zmq/zmq_socket.h"
#include "drivers/zmq/zmq_stream.h"
#include "radio/iq.h"
#include "radio/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ravi::zmq {

using Clock = std::chrono::steady_clock;

/// Samples on the wire.
enum class WireFormat { cf32, sc16 };

[[nodiscard]] constexpr std::size_t bytes_per_sample(WireFormat format)
{
  return format == WireFormat::cf32 ? sizeof(Cf32) : sizeof(Sc16);
}

/// The longest reply anybody may send us, and the longest we send: OCUDU's ring holds no more.
inline constexpr std::size_t kLongestReceived = 4'915'200;
inline constexpr std::size_t kLongestSent = 614'400;

/// A connection that was lost since the last look.
enum class Loss {
  none,
  unused,  ///< no sample of this link went over it: whoever comes next finds the stream at its beginning
  used,
};

/// Answers requests with the outgoing stream. A ROUTER socket: to a REQ peer no different from REP, but it knows who
/// asks, so that a peer that has died between request and reply leaves nothing behind.
class TxPort {
public:
  TxPort(Stream& stream, TxLane& lane, std::size_t longest_message);

  [[nodiscard]] Result<void> bind(Context& context, const std::string& endpoint);
  void close() noexcept;
  void set_format(WireFormat format);  ///< between links

  /// Takes one request. True when there was one.
  bool take_request();
  /// Answers one request from the stream of `link`. True when that could be done.
  bool serve(std::uint64_t link);

  /// Somebody asks for samples.
  [[nodiscard]] bool is_ready(Clock::time_point now) const;
  [[nodiscard]] bool is_asked() const { return num_pending_ > 0; }
  [[nodiscard]] bool is_used() const { return is_used_; }
  [[nodiscard]] Loss take_loss();

  void begin_link(std::uint64_t link, std::int64_t first);
  /// The peer has left: a receiver that was served and is still connected is not served before it has come anew, or is
  /// found to have noticed nothing (500 ms).
  void end_link(Clock::time_point now);

  [[nodiscard]] const Socket& socket() const { return socket_; }
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;

private:
  struct Client {
    std::string identity;
    int connection = -1;
    std::size_t num_pending = 0;
    friend bool operator==(const Client& a, const Client& b)
    {
      return a.identity == b.identity && a.connection == b.connection;
    }
  };

  void handle_events();
  [[nodiscard]] bool address_reply();
  bool tell_time();
  void add_request(Client&& client);
  void forget_client();
  void drop_stale_blocks(std::uint64_t link);
  [[nodiscard]] std::int64_t end_of_stream(std::uint64_t link);
  void fill(std::span<std::byte> bytes, std::size_t count);
  void fill(std::span<Cf32> out);
  void copy_block(const QueuedBlock& block, std::span<Cf32> out);

  Stream& stream_;
  TxLane& lane_;
  WireFormat format_ = WireFormat::cf32;
  std::size_t longest_message_;
  Socket socket_;
  std::string endpoint_;
  std::set<int> connections_;
  std::optional<Client> client_;
  std::optional<Client> next_client_;  ///< a second receiver: waits until the first has left
  std::size_t num_pending_ = 0;        ///< requests of `client_` not yet answered
  std::optional<Clock::time_point> ignored_until_;  ///< `client_` is one that the end of a link has left behind
  bool is_used_ = false;
  Loss loss_ = Loss::none;
  std::int64_t position_ = 0;          ///< time of the next sample to send
  bool has_told_time_ = false;         ///< to `client_`, for this link
  bool is_stuck_ = false;              ///< the peer asks but does not take its replies
  std::int64_t num_taken_ = 0;         ///< samples of the first queued block already sent
  std::vector<Cf32> scratch_;
};

/// Asks a transmitter for samples, one request at a time, and queues them. A DEALER socket: to a REP peer no different
/// from REQ, but it never stands in the wrong state for what comes next.
class RxPort {
public:
  /// `endpoint` empty: connects to nobody before `redirect`.
  RxPort(Stream& stream, RxLane& lane, WireFormat format, Context& context, std::string endpoint);

  void connect_if_due(Clock::time_point now);
  void send_request();  ///< if there is somebody, and no reply is due already
  void handle_events(Clock::time_point now);
  /// Takes one reply, or goes on with one that found no room. True when samples were queued or a reply was taken.
  bool take_reply();

  [[nodiscard]] bool is_ready() const { return is_connected_ && !needs_time(); }
  /// Connected, but not yet told what time the link begins with.
  [[nodiscard]] bool needs_time() const
  {
    return is_connected_ && stream_.link_time == LinkTime::learned && !told_time_;
  }
  [[nodiscard]] std::int64_t told_time() const { return told_time_.value_or(0); }
  [[nodiscard]] bool is_used() const { return is_used_; }
  [[nodiscard]] bool is_blocked() const { return partial_.size() > 0; }  ///< waits for room in the ring
  /// The peer has hung up, but what it sent before may still be here (`has_leftovers`).
  [[nodiscard]] bool is_leaving() const { return is_leaving_; }
  [[nodiscard]] bool has_leftovers() const { return is_blocked() || socket_.can_receive(); }
  [[nodiscard]] Loss loss() const;

  void begin_link() { is_used_ = false; }
  void restart();  ///< forgets the connection and what came over it, and connects anew
  void redirect(const std::string& endpoint);  ///< and to another place; empty: nowhere
  void set_format(WireFormat format) { format_ = format; }  ///< between links
  void close() noexcept { disconnect(Clock::time_point{}); }

  [[nodiscard]] const Socket& socket() const { return socket_; }
  [[nodiscard]] std::optional<Clock::time_point> next_deadline() const;

private:
  void disconnect(Clock::time_point next_attempt) noexcept;
  [[nodiscard]] bool receive_body(Frame& body);
  [[nodiscard]] bool take_time(Frame& frame);
  bool queue_partial();
  [[nodiscard]] std::size_t convert(std::span<const std::byte> bytes, std::span<Cf32> out);

  Stream& stream_;
  RxLane& lane_;
  WireFormat format_;
  Context& context_;
  std::string endpoint_;
  Socket socket_;
  std::optional<Clock::time_point> next_attempt_;
  bool is_connected_ = false;
  bool is_leaving_ = false;
  bool is_used_ = false;
  int num_failed_handshakes_ = 0;  ///< in a row
  bool is_reply_due_ = false;        ///< a request is on its way
  std::optional<std::int64_t> told_time_;  ///< by this connection
  Frame partial_;                    ///< a reply being queued; empty: none
  std::size_t num_partial_done_ = 0; ///< bytes of it already queued
  std::vector<Sc16> scratch_;
};

}  // namespace ravi::zmq
