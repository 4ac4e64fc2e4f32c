#pragma once
// The few things we use of libzmq, owned and with errors as values. Its header stays in zmq_socket.cpp.

#include "radio/result.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ravi::zmq {

/// One frame of a message.
class Frame {
public:
  Frame() noexcept;
  ~Frame();
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;

  /// Makes it an uninitialized frame of `size` bytes; false when there is no memory for it.
  [[nodiscard]] bool resize(std::size_t size) noexcept;
  void clear() noexcept;
  /// Takes the contents of `other`, which is empty afterwards.
  void take(Frame& other) noexcept;

  [[nodiscard]] std::span<std::byte> bytes() noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool has_more() const noexcept;  ///< a further frame of the same message follows
  [[nodiscard]] int connection() const noexcept; ///< number of the connection it came over (see Event), or -1

private:
  friend class Socket;
  alignas(8) std::array<std::byte, 64> storage_;
};

/// Owns libzmq's threads. Outlives its sockets; its destructor waits for messages that linger.
class Context {
public:
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

private:
  friend class Socket;
  void* handle_;
};

enum class SocketKind { router, dealer, request, reply };
enum class SendStatus { ok, would_block, unreachable, failed };
enum class More { no, yes };

/// A socket. One thread at a time; moving it to another thread needs a synchronization, as any object does. None of its
/// functions waits for a peer: `wait_readable` is the only place to wait.
class Socket {
public:
  /// What happened to its connections, in order.
  struct Event {
    enum class Kind { accepted, connected, disconnected, connect_failed, handshake_failed } kind;
    int connection = -1;  ///< accepted, disconnected: number of the connection
  };

  struct Options {
    std::chrono::milliseconds linger{0};       ///< how long unsent messages survive the socket
    std::int64_t max_message_bytes = 1 << 20;  ///< a peer that announces more is disconnected
    int queue_messages = 16;                   ///< per connection and direction
    bool is_watched = false;                   ///< `next_event` is wanted
    /// Pause before a connection that was refused or broke is tried again by itself; none: whoever owns it does.
    std::optional<std::chrono::milliseconds> reconnect;
  };

  Socket() = default;
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Closes what was open before. A connecting socket connects once and not again by itself; what a peer sent before it
  /// left can still be received.
  [[nodiscard]] Result<void> open(Context& context, SocketKind kind, const Options& options);
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return handle_ != nullptr; }

  /// `busy` when somebody else listens there, naming the endpoint.
  [[nodiscard]] Result<void> bind(const std::string& endpoint);
  [[nodiscard]] Result<void> connect(const std::string& endpoint);
  [[nodiscard]] std::string last_endpoint() const;  ///< as bound, the chosen port filled in

  [[nodiscard]] SendStatus send(std::span<const std::byte> bytes, More more) noexcept;
  [[nodiscard]] SendStatus send(Frame& frame) noexcept;  ///< last frame; empty afterwards when sent
  [[nodiscard]] bool receive(Frame& frame) noexcept;  ///< false: nothing there
  [[nodiscard]] bool can_receive() const noexcept;

  [[nodiscard]] std::optional<Event> next_event() noexcept;

  [[nodiscard]] void* handle() const noexcept { return handle_; }
  [[nodiscard]] void* event_handle() const noexcept { return monitor_; }

private:
  void* handle_ = nullptr;
  void* monitor_ = nullptr;
};

/// Something to wait for: a socket handle, or a file descriptor where that is null.
struct Readable {
  void* socket = nullptr;
  int descriptor = -1;
};

/// Sleeps until one of `items` (at most 64) can be read or the time is over; none: without end.
void wait_readable(std::span<const Readable> items, std::optional<std::chrono::milliseconds> longest) noexcept;

/// `tcp://HOST:PORT` (HOST may be `*`, PORT `*` to bind any free one) or `ipc://PATH`; anything else is refused with an
/// example of what to write.
[[nodiscard]] Result<void> check_endpoint(const std::string& endpoint);

}  // namespace ravi::zmq
