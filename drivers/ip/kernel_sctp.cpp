// SCTP by the kernel, through its one-to-one sockets. RFC 6458 §4.

#include "drivers/ip/sctp_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ravi {
namespace {

sockaddr_in address_of(const Ipv4& address, std::uint16_t port)
{
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  std::memcpy(&result.sin_addr, address.data(), address.size());
  return result;
}

std::string text_of(const sockaddr_in& address)
{
  Ipv4 octets{};
  std::memcpy(octets.data(), &address.sin_addr, octets.size());
  return to_text(IpEndpoint{octets, ntohs(address.sin_port)});
}

template <class T>
void set_option(int fd, int name, const T& value)
{
  setsockopt(fd, IPPROTO_SCTP, name, &value, sizeof value);  // what a kernel refuses stays at its default
}

void configure(int fd)
{
  set_option(fd, SCTP_INITMSG, sctp_initmsg{.sinit_num_ostreams = kNumSctpStreams, .sinit_max_instreams = kNumSctpStreams, .sinit_max_attempts = 3, .sinit_max_init_timeo = 1000});
  set_option(fd, SCTP_NODELAY, 1);
  sctp_event_subscribe events{};
  events.sctp_data_io_event = 1;
  events.sctp_association_event = 1;
  set_option(fd, SCTP_EVENTS, events);
  sctp_rtoinfo rto{};
  rto.srto_initial = 300;
  rto.srto_max = 1000;
  rto.srto_min = 100;
  set_option(fd, SCTP_RTOINFO, rto);
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = 6;
  set_option(fd, SCTP_ASSOCINFO, association);
  sctp_paddrparams path{};
  path.spp_hbinterval = 2000;
  path.spp_pathmaxrxt = 6;
  path.spp_flags = SPP_HB_ENABLE;
  set_option(fd, SCTP_PEER_ADDR_PARAMS, path);
  const linger abort_on_close{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_on_close, sizeof abort_on_close);
}

class KernelSocket final : public SctpSocket {
public:
  KernelSocket(std::vector<int>& fds, int fd, State state, std::string peer)
    : fds_(fds), fd_(fd), state_(state), peer_(std::move(peer)), buffer_(1 << 16)
  {
    fds_.push_back(fd_);
  }
  ~KernelSocket() override
  {
    std::erase(fds_, fd_);
    close(fd_);
  }
  KernelSocket(const KernelSocket&) = delete;
  KernelSocket& operator=(const KernelSocket&) = delete;

  State state() override
  {
    if (state_ != State::connecting) return state_;
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (poll(&ready, 1, 0) <= 0) return state_;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    state_ = error == 0 && (ready.revents & POLLOUT) != 0 ? State::up : State::down;
    return state_;
  }

  bool send(std::uint16_t stream, std::span<const std::uint8_t> message) override
  {
    if (state_ != State::up) return false;
    if (send_on(stream, message) || (stream != 0 && errno == EINVAL && send_on(0, message))) return true;
    return errno != EAGAIN && errno != EWOULDBLOCK;
  }

  std::optional<ngap::N2Message> receive() override
  {
    while (state_ == State::up) {
      sctp_sndrcvinfo info{};
      int flags = 0;
      const int size = sctp_recvmsg(fd_, buffer_.data(), buffer_.size(), nullptr, nullptr, &info, &flags);
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return std::nullopt;
      if (size <= 0) {
        state_ = State::down;
      } else if ((flags & MSG_NOTIFICATION) != 0) {
        read_notification(static_cast<std::size_t>(size));
      } else {
        if (message_.size() + static_cast<std::size_t>(size) > kMaxSctpMessage) {
          state_ = State::down;
          break;
        }
        message_.insert(message_.end(), buffer_.begin(), buffer_.begin() + size);
        if ((flags & MSG_EOR) != 0) return ngap::N2Message{info.sinfo_stream, std::exchange(message_, {})};
      }
    }
    return std::nullopt;
  }

  const std::string& peer() const override { return peer_; }

private:
  bool send_on(std::uint16_t stream, std::span<const std::uint8_t> message)
  {
    return sctp_sendmsg(fd_, message.data(), message.size(), nullptr, 0, htonl(kNgapPpid), 0, stream, 0, 0) >= 0;
  }

  void read_notification(std::size_t size)
  {
    sctp_assoc_change change{};
    if (size < sizeof change) return;
    std::memcpy(&change, buffer_.data(), sizeof change);
    if (change.sac_type == SCTP_ASSOC_CHANGE && change.sac_state != SCTP_COMM_UP) state_ = State::down;
  }

  std::vector<int>& fds_;
  int fd_;
  State state_;
  std::string peer_;
  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> message_;   ///< as far as it has come
};

class KernelSctp final : public SctpStack {
public:
  explicit KernelSctp(const Ipv4& local) : local_(local) {}
  ~KernelSctp() override
  {
    if (listener_ >= 0) close(listener_);
  }
  KernelSctp(const KernelSctp&) = delete;
  KernelSctp& operator=(const KernelSctp&) = delete;

  std::string name() const override { return "SCTP of the kernel"; }

  Result<std::unique_ptr<SctpSocket>> connect(const IpEndpoint& to) override
  {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP);
    if (fd < 0) return fail(ErrorCode::io, fmt::format("no SCTP socket: {}", std::strerror(errno)));
    auto result = std::make_unique<KernelSocket>(fds_, fd, SctpSocket::State::connecting, to_text(to));
    configure(fd);
    const sockaddr_in own = address_of(local_, 0);
    const sockaddr_in peer = address_of(to.address, to.port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        (::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0 && errno != EINPROGRESS)) {
      return fail(ErrorCode::io, fmt::format("SCTP from {} to {}: {}", to_text(local_), to_text(to), std::strerror(errno)));
    }
    return result;
  }

  Result<void> listen(std::uint16_t port) override
  {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP);
    if (listener_ < 0) return fail(ErrorCode::io, fmt::format("no SCTP socket: {}", std::strerror(errno)));
    configure(listener_);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in own = address_of(local_, port);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 || ::listen(listener_, 8) != 0) {
      return fail(ErrorCode::busy, fmt::format("SCTP cannot listen at {}: {}", to_text(IpEndpoint{local_, port}), std::strerror(errno)));
    }
    return {};
  }

  std::unique_ptr<SctpSocket> accept() override
  {
    if (listener_ < 0) return nullptr;
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return nullptr;
    configure(fd);
    return std::make_unique<KernelSocket>(fds_, fd, SctpSocket::State::up, text_of(peer));
  }

  void wait(int wake_fd, std::chrono::milliseconds at_most) override
  {
    std::vector<pollfd> ready{{.fd = wake_fd, .events = POLLIN, .revents = 0}, {.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const int fd : fds_) ready.push_back({.fd = fd, .events = POLLIN, .revents = 0});
    poll(ready.data(), ready.size(), static_cast<int>(at_most.count()));
  }

private:
  Ipv4 local_;
  int listener_ = -1;
  std::vector<int> fds_;   ///< of the associations
};

}  // namespace

bool has_kernel_sctp()
{
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
  if (fd < 0) return false;
  close(fd);
  return true;
}

Result<std::unique_ptr<SctpStack>> open_kernel_sctp(const Ipv4& local)
{
  if (!has_kernel_sctp()) return fail(ErrorCode::unsupported, "this kernel has no SCTP (Linux: modprobe sctp); choose usrsctp or usrsctp-udp");
  return std::make_unique<KernelSctp>(local);
}

}  // namespace ravi
