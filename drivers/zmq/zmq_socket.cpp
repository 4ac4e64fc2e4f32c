#include "drivers/zmq/zmq_socket.h"

#include <fmt/format.h>
#include <zmq.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>

namespace ravi::zmq {
namespace {

static_assert(sizeof(zmq_msg_t) == 64 && alignof(zmq_msg_t) <= 8);

constexpr int kHandshakeMs = 5000;
/// Long enough that we are the ones who connect again. To switch it off would make libzmq throw away what a peer sent just
/// before it left.
constexpr int kNeverMs = 3'600'000;

template <class Storage>
zmq_msg_t* message(Storage& storage)
{
  return reinterpret_cast<zmq_msg_t*>(storage.data());
}

// libzmq's queries of a message take it by pointer to non-const without changing it.
zmq_msg_t* message(const std::array<std::byte, 64>& storage)
{
  return reinterpret_cast<zmq_msg_t*>(const_cast<std::byte*>(storage.data()));
}

int kind_number(SocketKind kind)
{
  switch (kind) {
    case SocketKind::router: return ZMQ_ROUTER;
    case SocketKind::dealer: return ZMQ_DEALER;
    case SocketKind::request: return ZMQ_REQ;
    case SocketKind::reply: return ZMQ_REP;
  }
  return ZMQ_PAIR;
}

bool set_option(void* socket, int option, int value)
{
  return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

SendStatus status_of_errno()
{
  switch (zmq_errno()) {
    case EAGAIN: return SendStatus::would_block;
    case EHOSTUNREACH: return SendStatus::unreachable;
    default: return SendStatus::failed;
  }
}

/// libzmq takes a Unix socket's path over from a program that still listens there, so look before binding.
bool somebody_listens(const std::string& ipc_path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (ipc_path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(static_cast<void*>(address.sun_path), ipc_path.data(), ipc_path.size());
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  // A program that listens but accepts nothing (it is stopped, or very busy) leaves no room: taken as well.
  const bool is_taken = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 || errno == EAGAIN;
  ::close(probe);
  return is_taken;
}

}  // namespace

Frame::Frame() noexcept { zmq_msg_init(message(storage_)); }
Frame::~Frame() { zmq_msg_close(message(storage_)); }

bool Frame::resize(std::size_t size) noexcept
{
  zmq_msg_close(message(storage_));
  if (zmq_msg_init_size(message(storage_), size) == 0) return true;
  zmq_msg_init(message(storage_));
  return false;
}

void Frame::clear() noexcept
{
  zmq_msg_close(message(storage_));
  zmq_msg_init(message(storage_));
}

void Frame::take(Frame& other) noexcept { zmq_msg_move(message(storage_), message(other.storage_)); }

std::span<std::byte> Frame::bytes() noexcept
{
  return {static_cast<std::byte*>(zmq_msg_data(message(storage_))), zmq_msg_size(message(storage_))};
}

std::size_t Frame::size() const noexcept { return zmq_msg_size(message(storage_)); }
bool Frame::has_more() const noexcept { return zmq_msg_more(message(storage_)) != 0; }
int Frame::connection() const noexcept { return zmq_msg_get(message(storage_), ZMQ_SRCFD); }

Context::Context() : handle_(zmq_ctx_new()) {}
Context::~Context()
{
  while (zmq_ctx_term(handle_) != 0 && zmq_errno() == EINTR) {
  }
}

Result<void> Socket::open(Context& context, SocketKind kind, const Options& options)
{
  close();
  const auto refused = [this] {
    const int error = zmq_errno();
    close();
    return fail(ErrorCode::io, fmt::format("zmq: cannot make a socket: {}", zmq_strerror(error)));
  };
  handle_ = zmq_socket(context.handle_, kind_number(kind));
  if (handle_ == nullptr) return refused();
  const int reconnect_ms = options.reconnect ? static_cast<int>(options.reconnect->count()) : kNeverMs;
  bool is_set = set_option(handle_, ZMQ_LINGER, static_cast<int>(options.linger.count())) &&
                set_option(handle_, ZMQ_SNDTIMEO, 0) && set_option(handle_, ZMQ_RCVTIMEO, 0) &&
                set_option(handle_, ZMQ_SNDHWM, options.queue_messages) &&
                set_option(handle_, ZMQ_RCVHWM, options.queue_messages) &&
                set_option(handle_, ZMQ_HANDSHAKE_IVL, kHandshakeMs) && set_option(handle_, ZMQ_RECONNECT_IVL, reconnect_ms) &&
                zmq_setsockopt(handle_, ZMQ_MAXMSGSIZE, &options.max_message_bytes, sizeof(std::int64_t)) == 0;
  // Sending to a peer that has left is an error to see, not something to drop in silence.
  if (kind == SocketKind::router) is_set = is_set && set_option(handle_, ZMQ_ROUTER_MANDATORY, 1);
  if (!is_set) return refused();
  if (!options.is_watched) return {};

  static std::atomic<std::uint64_t> count{0};
  const std::string name = fmt::format("inproc://events-{}", count.fetch_add(1));
  constexpr int kEvents = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                          ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
  if (zmq_socket_monitor(handle_, name.c_str(), kEvents) != 0) return refused();
  monitor_ = zmq_socket(context.handle_, ZMQ_PAIR);
  if (monitor_ == nullptr || !set_option(monitor_, ZMQ_LINGER, 0) || !set_option(monitor_, ZMQ_RCVHWM, 0) ||
      zmq_connect(monitor_, name.c_str()) != 0) {
    return refused();
  }
  return {};
}

void Socket::close() noexcept
{
  if (handle_ != nullptr && monitor_ != nullptr) zmq_socket_monitor(handle_, nullptr, 0);
  if (monitor_ != nullptr) zmq_close(monitor_);
  if (handle_ != nullptr) zmq_close(handle_);
  monitor_ = nullptr;
  handle_ = nullptr;
}

Result<void> Socket::bind(const std::string& endpoint)
{
  const auto taken = [&endpoint] {
    return fail(ErrorCode::busy, fmt::format("zmq: {} is taken by another program (or another node of this one); "
                                             "stop that, or choose another port",
                                             endpoint));
  };
  constexpr std::string_view kIpc = "ipc://";
  if (endpoint.starts_with(kIpc) && somebody_listens(endpoint.substr(kIpc.size()))) return taken();
  if (zmq_bind(handle_, endpoint.c_str()) == 0) return {};
  const int error = zmq_errno();
  if (error == EADDRINUSE) return taken();
  const ErrorCode code = error == EACCES ? ErrorCode::refused : ErrorCode::bad_input;
  return fail(code, fmt::format("zmq: cannot listen at {}: {}", endpoint, zmq_strerror(error)));
}

Result<void> Socket::connect(const std::string& endpoint)
{
  if (zmq_connect(handle_, endpoint.c_str()) == 0) return {};
  return fail(ErrorCode::bad_input, fmt::format("zmq: cannot connect to {}: {}", endpoint, zmq_strerror(zmq_errno())));
}

std::string Socket::last_endpoint() const
{
  std::array<char, 512> text{};
  std::size_t size = text.size();
  if (zmq_getsockopt(handle_, ZMQ_LAST_ENDPOINT, text.data(), &size) != 0) return {};
  return text.data();
}

SendStatus Socket::send(std::span<const std::byte> bytes, More more) noexcept
{
  const int sent = zmq_send(handle_, bytes.data(), bytes.size(), more == More::yes ? ZMQ_SNDMORE : 0);
  return sent >= 0 ? SendStatus::ok : status_of_errno();
}

SendStatus Socket::send(Frame& frame) noexcept
{
  return zmq_msg_send(message(frame.storage_), handle_, 0) >= 0 ? SendStatus::ok : status_of_errno();
}

bool Socket::receive(Frame& frame) noexcept { return zmq_msg_recv(message(frame.storage_), handle_, 0) >= 0; }

bool Socket::can_receive() const noexcept
{
  int events = 0;
  std::size_t size = sizeof(events);
  return handle_ != nullptr && zmq_getsockopt(handle_, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

std::optional<Socket::Event> Socket::next_event() noexcept
{
  // A monitor message: frame 1 event number (16 bits) and value (32 bits), frame 2 address.
  while (monitor_ != nullptr) {
    Frame head;
    if (zmq_msg_recv(message(head.storage_), monitor_, ZMQ_DONTWAIT) < 0) return std::nullopt;
    Frame address;
    if (head.has_more()) zmq_msg_recv(message(address.storage_), monitor_, ZMQ_DONTWAIT);  // a message is there whole, or not
    std::uint16_t number = 0;
    std::int32_t value = -1;
    if (head.size() < sizeof(number) + sizeof(value)) continue;
    std::memcpy(&number, head.bytes().data(), sizeof(number));
    std::memcpy(&value, head.bytes().data() + sizeof(number), sizeof(value));
    switch (number) {
      case ZMQ_EVENT_ACCEPTED: return Event{Event::Kind::accepted, value};
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return Event{Event::Kind::connected, -1};
      case ZMQ_EVENT_DISCONNECTED: return Event{Event::Kind::disconnected, value};
      case ZMQ_EVENT_CLOSED: return Event{Event::Kind::connect_failed, -1};
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return Event{Event::Kind::handshake_failed, -1};
      default: break;
    }
  }
  return std::nullopt;
}

void wait_readable(std::span<const Readable> items, std::optional<std::chrono::milliseconds> longest) noexcept
{
  std::array<zmq_pollitem_t, 64> polled{};
  const std::size_t count = std::min(items.size(), polled.size());
  for (std::size_t i = 0; i < count; ++i) polled[i] = {items[i].socket, items[i].descriptor, ZMQ_POLLIN, 0};
  zmq_poll(polled.data(), static_cast<int>(count), longest ? static_cast<long>(longest->count()) : -1L);
}

Result<void> check_endpoint(const std::string& endpoint)
{
  constexpr std::string_view kIpc = "ipc://";
  constexpr std::string_view kTcp = "tcp://";
  if (endpoint.starts_with(kIpc) && endpoint.size() > kIpc.size()) {
    if (endpoint.size() - kIpc.size() < sizeof(sockaddr_un::sun_path)) return {};
    return fail(ErrorCode::bad_input, fmt::format("zmq: '{}': the path is too long for a Unix socket", endpoint));
  }
  const std::size_t colon = endpoint.rfind(':');
  if (endpoint.starts_with(kTcp) && colon > kTcp.size() && colon + 1 < endpoint.size()) {
    const std::string port = endpoint.substr(colon + 1);
    const bool is_number = port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (port == "*" || (is_number && std::stoi(port) <= std::numeric_limits<std::uint16_t>::max())) return {};
  }
  return fail(ErrorCode::bad_input,
              fmt::format("zmq: '{}' is no endpoint; write tcp://HOST:PORT, such as tcp://127.0.0.1:2000, or ipc://PATH",
                          endpoint));
}

}  // namespace ravi::zmq
