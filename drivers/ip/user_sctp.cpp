// SCTP in this process, by usrsctp. It sees addresses of its own kind only (AF_CONN: a number a peer); the packets go through
// sockets of ours: UDP (RFC 6951), or raw IP. So it listens exactly where it is told, and its timers run on our thread.

#include "drivers/ip/sctp_stack.h"

#include <fmt/format.h>

#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ravi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSctpProtocol = 132;
constexpr std::size_t kSctpHeader = 12;
constexpr std::size_t kMaxPeers = 256;
constexpr std::size_t kPacketsAtOnce = 256;
constexpr std::chrono::milliseconds kTimerInterval{10};
constexpr std::chrono::seconds kPeerMemory{10};   ///< of one without an association

/// Where the packets of one association go.
struct Peer {
  int fd = -1;
  sockaddr_in address{};
  std::uint16_t port = 0;   ///< of its SCTP
  Clock::time_point heard{};
  bool is_in_use = false;   ///< a socket of ours belongs to it
};

/// usrsctp is one a process: everything of it is done under `mutex`.
struct Process {
  std::mutex mutex;
  std::map<std::uintptr_t, Peer> peers;
  std::uintptr_t next_peer = 1;
  std::uint16_t next_port = 0;
  Clock::time_point timers_ran{};
};

void* key_of(std::uintptr_t peer) { return reinterpret_cast<void*>(peer); }

int send_packet(void* peer, void* packet, std::size_t size, std::uint8_t, std::uint8_t);

Process& process()
{
  static Process* const one = [] {
    auto* const made = new Process;  // stays until the process ends, as usrsctp does
    usrsctp_init_nothreads(0, send_packet, nullptr);
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_auto_asconf(0);
    made->timers_ran = Clock::now();
    made->next_port = static_cast<std::uint16_t>(49152 + getpid() % 8192 * 2);
    return made;
  }();
  return *one;
}

/// Called by usrsctp, so under the mutex. A packet that cannot go now is lost: SCTP sends it again.
int send_packet(void* peer, void* packet, std::size_t size, std::uint8_t, std::uint8_t)
{
  const auto& peers = process().peers;
  const auto found = peers.find(reinterpret_cast<std::uintptr_t>(peer));
  if (found == peers.end()) return 0;
  const Peer& to = found->second;
  sendto(to.fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to.address), sizeof to.address);
  return 0;
}

std::uintptr_t add_peer(Process& all, int fd, const sockaddr_in& address, std::uint16_t port)
{
  const std::uintptr_t peer = all.next_peer++;
  all.peers[peer] = {.fd = fd, .address = address, .port = port, .heard = Clock::now(), .is_in_use = false};
  usrsctp_register_address(key_of(peer));
  return peer;
}

sockaddr_in address_of(const Ipv4& address, std::uint16_t port)
{
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  std::memcpy(&result.sin_addr, address.data(), address.size());
  return result;
}

sockaddr_conn conn_of(void* peer, std::uint16_t port)
{
  sockaddr_conn result{};
  result.sconn_family = AF_CONN;
  result.sconn_port = htons(port);
  result.sconn_addr = peer;
  return result;
}

template <class T>
void set_option(struct socket* socket, int name, const T& value, int level = IPPROTO_SCTP)
{
  usrsctp_setsockopt(socket, level, name, &value, sizeof value);
}

void configure(struct socket* socket)
{
  usrsctp_set_non_blocking(socket, 1);
  set_option(socket, SCTP_INITMSG, sctp_initmsg{.sinit_num_ostreams = kNumSctpStreams, .sinit_max_instreams = kNumSctpStreams, .sinit_max_attempts = 3, .sinit_max_init_timeo = 1000});
  set_option(socket, SCTP_NODELAY, 1);
  set_option(socket, SCTP_RECVRCVINFO, 1);
  sctp_event event{};
  event.se_assoc_id = SCTP_FUTURE_ASSOC;
  event.se_type = SCTP_ASSOC_CHANGE;
  event.se_on = 1;
  set_option(socket, SCTP_EVENT, event);
  sctp_rtoinfo rto{};
  rto.srto_initial = 300;
  rto.srto_max = 1000;
  rto.srto_min = 100;
  set_option(socket, SCTP_RTOINFO, rto);
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = 6;
  set_option(socket, SCTP_ASSOCINFO, association);
  sctp_paddrparams path{};
  path.spp_hbinterval = 2000;
  path.spp_pathmaxrxt = 6;
  path.spp_flags = SPP_HB_ENABLE;
  set_option(socket, SCTP_PEER_ADDR_PARAMS, path);
  set_option(socket, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0}, SOL_SOCKET);  // going, it aborts
}

class UserSocket final : public SctpSocket {
public:
  /// Under the mutex. `peer` is taken.
  UserSocket(struct socket* socket, std::uintptr_t peer, State state, std::string text)
    : socket_(socket), peer_(peer), state_(state), text_(std::move(text)), buffer_(1 << 16)
  {
    process().peers[peer_].is_in_use = true;
  }
  ~UserSocket() override
  {
    Process& all = process();
    const std::lock_guard lock(all.mutex);
    usrsctp_close(socket_);
    usrsctp_deregister_address(key_of(peer_));
    all.peers.erase(peer_);
  }
  UserSocket(const UserSocket&) = delete;
  UserSocket& operator=(const UserSocket&) = delete;

  State state() override
  {
    if (state_ == State::connecting) {  // the news comes as a notification before the first message
      const std::lock_guard lock(process().mutex);
      receive_one();
    }
    return state_;
  }

  bool send(std::uint16_t stream, std::span<const std::uint8_t> message) override
  {
    if (state_ != State::up) return false;
    const std::lock_guard lock(process().mutex);
    if (send_on(stream, message) || (stream != 0 && errno == EINVAL && send_on(0, message))) return true;
    return errno != EAGAIN && errno != EWOULDBLOCK;
  }

  std::optional<ngap::N2Message> receive() override
  {
    const std::lock_guard lock(process().mutex);
    if (whole_) return std::exchange(whole_, std::nullopt);
    while (state_ != State::down && receive_one()) {
      if (whole_) return std::exchange(whole_, std::nullopt);
    }
    return std::nullopt;
  }

  const std::string& peer() const override { return text_; }

private:
  bool send_on(std::uint16_t stream, std::span<const std::uint8_t> message)
  {
    sctp_sndinfo info{};
    info.snd_sid = stream;
    info.snd_ppid = htonl(kNgapPpid);
    return usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &info, sizeof info, SCTP_SENDV_SNDINFO, 0) >= 0;
  }

  /// False: nothing there.
  bool receive_one()
  {
    sockaddr_conn from{};
    socklen_t from_size = sizeof from;
    sctp_rcvinfo info{};
    socklen_t info_size = sizeof info;
    unsigned int info_type = 0;
    int flags = 0;
    const ssize_t size = usrsctp_recvv(socket_, buffer_.data(), buffer_.size(), reinterpret_cast<sockaddr*>(&from), &from_size, &info,
                                       &info_size, &info_type, &flags);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || (errno == ENOTCONN && state_ == State::connecting))) return false;
    if (size <= 0) {
      state_ = State::down;
    } else if ((flags & MSG_NOTIFICATION) != 0) {
      read_notification(static_cast<std::size_t>(size));
    } else if (message_.size() + static_cast<std::size_t>(size) > kMaxSctpMessage) {
      state_ = State::down;
    } else {
      message_.insert(message_.end(), buffer_.begin(), buffer_.begin() + size);
      if ((flags & MSG_EOR) != 0) whole_ = ngap::N2Message{info.rcv_sid, std::exchange(message_, {})};
    }
    return true;
  }

  void read_notification(std::size_t size)
  {
    sctp_assoc_change change{};
    if (size < sizeof change) return;
    std::memcpy(&change, buffer_.data(), sizeof change);
    if (change.sac_type == SCTP_ASSOC_CHANGE) state_ = change.sac_state == SCTP_COMM_UP ? State::up : State::down;
  }

  struct socket* socket_;
  std::uintptr_t peer_;
  State state_;
  std::string text_;
  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> message_;          ///< as far as it has come
  std::optional<ngap::N2Message> whole_;
};

class UserSctp final : public SctpStack {
public:
  explicit UserSctp(const UserSctpConfig& config) : config_(config) {}
  ~UserSctp() override
  {
    Process& all = process();
    const std::lock_guard lock(all.mutex);
    if (listener_ != nullptr) usrsctp_close(listener_);
    for (auto peer = all.peers.begin(); peer != all.peers.end();) {
      const bool is_mine = peer->second.fd == udp_ || peer->second.fd == raw_;
      if (is_mine) usrsctp_deregister_address(key_of(peer->first));
      peer = is_mine ? all.peers.erase(peer) : std::next(peer);
    }
    if (udp_ >= 0) close(udp_);
    if (raw_ >= 0) close(raw_);
  }
  UserSctp(const UserSctp&) = delete;
  UserSctp& operator=(const UserSctp&) = delete;

  Result<void> open()
  {
    static_cast<void>(process());
    if (config_.is_raw) {
      raw_ = ::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, kSctpProtocol);
      if (raw_ < 0) return fail(ErrorCode::refused, fmt::format("no raw socket for SCTP ({}): it needs root or CAP_NET_RAW; choose usrsctp-udp", std::strerror(errno)));
      if (auto bound = bind_to(raw_, 0); !bound) return bound;
    }
    if (config_.is_udp) {
      udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (udp_ < 0) return fail(ErrorCode::io, fmt::format("no UDP socket: {}", std::strerror(errno)));
      if (auto bound = bind_to(udp_, config_.udp_port); !bound) return bound;
    }
    return {};
  }

  std::string name() const override
  {
    if (raw_ >= 0 && udp_ >= 0) return fmt::format("usrsctp, raw and in UDP port {}", config_.udp_port);
    return raw_ >= 0 ? "usrsctp, raw" : fmt::format("usrsctp in UDP port {}", config_.udp_port != 0 ? config_.udp_port : config_.peer_udp_port);
  }

  Result<std::unique_ptr<SctpSocket>> connect(const IpEndpoint& to) override
  {
    Process& all = process();
    const std::lock_guard lock(all.mutex);
    struct socket* const socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
    if (socket == nullptr) return fail(ErrorCode::io, fmt::format("usrsctp gives no socket: {}", std::strerror(errno)));
    const bool is_raw = raw_ >= 0;
    const std::uintptr_t peer = add_peer(all, is_raw ? raw_ : udp_, address_of(to.address, is_raw ? 0 : config_.peer_udp_port), to.port);
    auto result = std::make_unique<UserSocket>(socket, peer, SctpSocket::State::connecting, to_text(to));
    configure(socket);
    own_port_ = all.next_port;
    all.next_port = static_cast<std::uint16_t>(all.next_port >= 65534 ? 49152 : all.next_port + 1);
    sockaddr_conn own = conn_of(key_of(peer), own_port_);
    sockaddr_conn remote = conn_of(key_of(peer), to.port);
    const bool is_bound = usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0;
    if (is_bound && (usrsctp_connect(socket, reinterpret_cast<sockaddr*>(&remote), sizeof remote) == 0 || errno == EINPROGRESS)) return result;
    const std::string why = std::strerror(errno);
    dead_.push_back(std::move(result));  // its end takes the mutex
    return fail(ErrorCode::io, fmt::format("usrsctp to {}: {}", to_text(to), why));
  }

  Result<void> listen(std::uint16_t port) override
  {
    const std::lock_guard lock(process().mutex);
    listener_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
    if (listener_ == nullptr) return fail(ErrorCode::io, fmt::format("usrsctp gives no socket: {}", std::strerror(errno)));
    configure(listener_);
    sockaddr_conn own = conn_of(nullptr, port);  // of every peer
    if (usrsctp_bind(listener_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0 || usrsctp_listen(listener_, 8) != 0) {
      return fail(ErrorCode::busy, fmt::format("usrsctp cannot listen at port {}: {}", port, std::strerror(errno)));
    }
    listen_port_ = port;
    return {};
  }

  std::unique_ptr<SctpSocket> accept() override
  {
    if (listener_ == nullptr) return nullptr;
    Process& all = process();
    const std::lock_guard lock(all.mutex);
    sockaddr_conn from{};
    socklen_t size = sizeof from;
    struct socket* const socket = usrsctp_accept(listener_, reinterpret_cast<sockaddr*>(&from), &size);
    if (socket == nullptr) return nullptr;
    const auto peer = reinterpret_cast<std::uintptr_t>(from.sconn_addr);
    const auto found = all.peers.find(peer);
    if (found == all.peers.end() || found->second.is_in_use) {
      usrsctp_close(socket);
      return nullptr;
    }
    configure(socket);
    Ipv4 address{};
    std::memcpy(address.data(), &found->second.address.sin_addr, address.size());
    return std::make_unique<UserSocket>(socket, peer, SctpSocket::State::up, to_text(IpEndpoint{address, ntohs(from.sconn_port)}));
  }

  void wait(int wake_fd, std::chrono::milliseconds at_most) override
  {
    dead_.clear();
    std::array<pollfd, 3> ready{{{.fd = wake_fd, .events = POLLIN, .revents = 0},
                                 {.fd = udp_, .events = POLLIN, .revents = 0},
                                 {.fd = raw_, .events = POLLIN, .revents = 0}}};
    poll(ready.data(), ready.size(), static_cast<int>(std::min(at_most, kTimerInterval).count()));
    Process& all = process();
    const std::lock_guard lock(all.mutex);
    if (udp_ >= 0) receive_packets(udp_, 0);
    if (raw_ >= 0) receive_packets(raw_, 20);
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - all.timers_ran);
    if (elapsed.count() > 0) {
      all.timers_ran += elapsed;
      usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
    }
    forget_peers(all);
  }

private:
  Result<void> bind_to(int fd, std::uint16_t port) const
  {
    const sockaddr_in own = address_of(config_.local, port);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0) return {};
    return fail(ErrorCode::busy, fmt::format("cannot take {} for SCTP{}: {}", to_text(config_.local), port != 0 ? fmt::format(" in UDP port {}", port) : "",
                                             std::strerror(errno)));
  }

  /// `ip_header`: least octets of one before the packet.
  void receive_packets(int fd, std::size_t ip_header)
  {
    for (std::size_t i = 0; i < kPacketsAtOnce; ++i) {
      sockaddr_in from{};
      socklen_t from_size = sizeof from;
      const ssize_t size = recvfrom(fd, packet_.data(), packet_.size(), 0, reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size < 0 && errno == ECONNREFUSED) continue;  // of an earlier packet: nobody is there
      if (size < 0) return;
      std::span packet = std::span(packet_).first(static_cast<std::size_t>(size));
      if (ip_header > 0) {
        const std::size_t header = packet.empty() ? 0 : std::size_t{packet[0] & 0x0FU} * 4;
        if (header < ip_header || packet.size() < header) continue;
        packet = packet.subspan(header);
        from.sin_port = 0;
      }
      if (packet.size() >= kSctpHeader + 4) take_packet(fd, from, packet);
    }
  }

  /// For one of our ports, from a peer that is known or asks our listener.
  void take_packet(int fd, const sockaddr_in& from, std::span<const std::uint8_t> packet)
  {
    const auto peer_port = static_cast<std::uint16_t>(packet[0] << 8 | packet[1]);
    const auto port = static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
    const bool is_for_listener = listener_ != nullptr && port == listen_port_;
    if (!is_for_listener && port != own_port_) return;
    Process& all = process();
    auto found = std::ranges::find_if(all.peers, [&](const auto& entry) {
      const Peer& peer = entry.second;
      return peer.fd == fd && peer.port == peer_port && peer.address.sin_addr.s_addr == from.sin_addr.s_addr && peer.address.sin_port == from.sin_port;
    });
    if (found == all.peers.end()) {
      if (!is_for_listener || all.peers.size() >= kMaxPeers) return;
      found = all.peers.find(add_peer(all, fd, from, peer_port));
    }
    found->second.heard = Clock::now();
    usrsctp_conninput(key_of(found->first), packet.data(), packet.size(), 0);
  }

  void forget_peers(Process& all) const
  {
    const auto now = Clock::now();
    for (auto peer = all.peers.begin(); peer != all.peers.end();) {
      const bool is_old = !peer->second.is_in_use && (peer->second.fd == udp_ || peer->second.fd == raw_) && now - peer->second.heard > kPeerMemory;
      if (is_old) usrsctp_deregister_address(key_of(peer->first));
      peer = is_old ? all.peers.erase(peer) : std::next(peer);
    }
  }

  UserSctpConfig config_;
  int udp_ = -1;
  int raw_ = -1;
  struct socket* listener_ = nullptr;
  std::uint16_t listen_port_ = 0;
  std::uint16_t own_port_ = 0;      ///< of the last connection
  std::vector<std::unique_ptr<SctpSocket>> dead_;
  std::array<std::uint8_t, 1 << 16> packet_{};
};

}  // namespace

bool has_raw_sctp()
{
  const int fd = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, kSctpProtocol);
  if (fd < 0) return false;
  close(fd);
  return true;
}

Result<std::unique_ptr<SctpStack>> open_user_sctp(const UserSctpConfig& config)
{
  auto stack = std::make_unique<UserSctp>(config);
  if (auto opened = stack->open(); !opened) return tl::unexpected(opened.error());
  return stack;
}

}  // namespace ravi
