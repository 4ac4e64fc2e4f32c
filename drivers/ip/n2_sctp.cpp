#include "drivers/ip/n2_sctp.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

namespace ravi {
namespace {

using Clock = std::chrono::steady_clock;
using ngap::N2Link;
using ngap::N2Message;

constexpr std::chrono::milliseconds kLongestWait{100};
constexpr std::chrono::milliseconds kConnectingWait{10};

/// Wakes a thread that waits in poll.
class Wake {
public:
  Wake() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Wake() { close(fd_); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  void set() const { static_cast<void>(eventfd_write(fd_, 1)); }
  void clear() const
  {
    eventfd_t ignored = 0;
    static_cast<void>(eventfd_read(fd_, &ignored));
  }

private:
  int fd_;
};

/// What the owner of a link and the thread behind it share.
struct Shared {
  enum class Phase : std::uint8_t { down_and_seen, down, up };
  explicit Shared(std::shared_ptr<Wake> its_wake) : wake(std::move(its_wake)) {}
  std::atomic<Phase> phase{Phase::down_and_seen};
  std::shared_ptr<Wake> wake;
};

/// The owner's end. The messages go through a pair of ends in process: this one has the first, the thread the other.
class OwnersEnd : public N2Link {
public:
  OwnersEnd(std::shared_ptr<Shared> shared, std::unique_ptr<N2Link> inner) : shared_(std::move(shared)), inner_(std::move(inner)) {}
  ~OwnersEnd() override
  {
    inner_.reset();
    shared_->wake->set();
  }
  OwnersEnd(const OwnersEnd&) = delete;
  OwnersEnd& operator=(const OwnersEnd&) = delete;

  bool send(std::uint16_t stream, std::span<const std::uint8_t> bytes) override
  {
    if (shared_->phase.load() != Shared::Phase::up || !inner_->send(stream, bytes)) {
      ++counters_.dropped;
      return false;
    }
    ++counters_.sent;
    shared_->wake->set();
    return true;
  }

  std::optional<N2Message> receive() override
  {
    auto message = inner_->receive();
    if (message) ++counters_.received;
    return message;
  }

  bool is_up() const override
  {
    auto down = Shared::Phase::down;
    shared_->phase.compare_exchange_strong(down, Shared::Phase::down_and_seen);
    return shared_->phase.load() == Shared::Phase::up;
  }

  const ngap::N2Counters& counters() const override { return counters_; }

private:
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<N2Link> inner_;
  ngap::N2Counters counters_;
};

/// The thread's end of a link.
class ThreadsEnd {
public:
  ThreadsEnd(std::shared_ptr<Shared> shared, std::unique_ptr<N2Link> inner) : shared_(std::move(shared)), inner_(std::move(inner)) {}

  /// Moves what can be moved both ways. A full direction stops its sender, so nothing is lost while both ends live.
  void exchange(SctpSocket& socket)
  {
    while (true) {
      if (!incoming_) incoming_ = socket.receive();
      if (!incoming_ || !inner_->send(incoming_->stream, incoming_->bytes)) break;
      incoming_.reset();
    }
    while (true) {
      if (!outgoing_) outgoing_ = inner_->receive();
      if (!outgoing_ || !socket.send(outgoing_->stream, outgoing_->bytes)) break;
      outgoing_.reset();
    }
  }

  void set_up() { shared_->phase.store(Shared::Phase::up); }
  void set_down() { shared_->phase.store(Shared::Phase::down); }
  /// The owner has seen that the last association is gone, and what it had sent meanwhile is thrown away.
  [[nodiscard]] bool is_ready_for_next()
  {
    if (shared_->phase.load() != Shared::Phase::down_and_seen) return false;
    incoming_.reset();
    outgoing_.reset();
    while (inner_->receive()) {
    }
    return true;
  }
  [[nodiscard]] bool has_owner() const { return inner_->is_up(); }

private:
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<N2Link> inner_;
  std::optional<N2Message> incoming_, outgoing_;
};

void say(const LinkLog& log, const std::string& text)
{
  if (log) log(text);
}

/// The stacks to try in turns; a kind asked for by name is the only one.
Result<std::vector<std::unique_ptr<SctpStack>>> client_stacks(const N2ClientConfig& config)
{
  std::vector<std::unique_ptr<SctpStack>> stacks;
  const auto add = [&stacks](Result<std::unique_ptr<SctpStack>> stack) -> Result<void> {
    if (!stack) return tl::unexpected(stack.error());
    stacks.push_back(std::move(*stack));
    return {};
  };
  const UserSctpConfig udp{.local = config.bind, .is_raw = false, .is_udp = true, .udp_port = 0, .peer_udp_port = config.udp_port};
  const UserSctpConfig raw{.local = config.bind, .is_raw = true, .is_udp = false, .udp_port = 0, .peer_udp_port = 0};
  const bool is_automatic = config.sctp == SctpKind::automatic;
  const bool takes_kernel = config.sctp == SctpKind::kernel || (is_automatic && has_kernel_sctp());
  Result<void> added;
  if (takes_kernel) added = add(open_kernel_sctp(config.bind));
  if (added && (config.sctp == SctpKind::usrsctp || (is_automatic && !takes_kernel && has_raw_sctp()))) added = add(open_user_sctp(raw));
  if (added && (config.sctp == SctpKind::usrsctp_udp || (is_automatic && !takes_kernel))) added = add(open_user_sctp(udp));
  if (!added) return tl::unexpected(added.error());
  return stacks;
}

Result<std::unique_ptr<SctpStack>> listener_stack(const N2ListenerConfig& config)
{
  if (config.sctp == SctpKind::kernel || (config.sctp == SctpKind::automatic && has_kernel_sctp())) {
    return open_kernel_sctp(config.listen.address);
  }
  return open_user_sctp({.local = config.listen.address,
                         .is_raw = config.sctp == SctpKind::usrsctp || (config.sctp == SctpKind::automatic && has_raw_sctp()),
                         .is_udp = config.sctp != SctpKind::usrsctp,
                         .udp_port = config.udp_port});
}

// -- the gNB's --------------------------------------------------------------------------------------------------------

class Client {
public:
  Client(N2ClientConfig config, std::vector<std::unique_ptr<SctpStack>> stacks, std::shared_ptr<Wake> wake, ThreadsEnd end)
    : config_(std::move(config)), stacks_(std::move(stacks)), wake_(std::move(wake)), end_(std::move(end)), retry_(config_.first_retry)
  {
  }

  void run()
  {
    while (end_.has_owner()) {
      if (!socket_ && Clock::now() >= next_try_ && end_.is_ready_for_next()) connect();
      const bool is_waiting = !socket_ || socket_->state() == SctpSocket::State::connecting;
      stacks_[stack_]->wait(wake_->fd(), is_waiting ? kConnectingWait : kLongestWait);
      wake_->clear();
      if (socket_) look_after();
    }
    if (socket_) end_.exchange(*socket_);  // what was said last
    socket_.reset();
  }

private:
  void connect()
  {
    auto connected = stacks_[stack_]->connect(config_.amf);
    if (!connected) return retire(connected.error().message);
    socket_ = std::move(*connected);
    deadline_ = Clock::now() + config_.patience;
    is_up_ = false;
  }

  void look_after()
  {
    const auto state = socket_->state();
    if (state == SctpSocket::State::up && !is_up_) {
      is_up_ = true;
      retry_ = config_.first_retry;
      say(config_.log, fmt::format("N2 up: AMF at {}, {}", socket_->peer(), stacks_[stack_]->name()));
      end_.set_up();
    }
    if (is_up_) end_.exchange(*socket_);
    if (socket_->state() == SctpSocket::State::down) {
      retire(is_up_ ? "the association is gone" : "nobody answers there");
    } else if (!is_up_ && Clock::now() > deadline_) {
      retire("no answer");
    }
  }

  /// Gives up the association, or the attempt at one, and waits.
  void retire(const std::string& why)
  {
    if (is_up_) {
      say(config_.log, fmt::format("N2 lost: AMF at {}: {}", to_text(config_.amf), why));
      end_.set_down();
    } else {
      if (!has_complained_) say(config_.log, fmt::format("N2: AMF at {} by {}: {}; trying on", to_text(config_.amf), stacks_[stack_]->name(), why));
      stack_ = (stack_ + 1) % stacks_.size();
    }
    has_complained_ = !is_up_ && (has_complained_ || stack_ == 0);
    socket_.reset();
    is_up_ = false;
    next_try_ = Clock::now() + retry_;
    retry_ = std::min(retry_ * 2, config_.last_retry);
  }

  N2ClientConfig config_;
  std::vector<std::unique_ptr<SctpStack>> stacks_;
  std::shared_ptr<Wake> wake_;
  ThreadsEnd end_;
  std::size_t stack_ = 0;
  std::unique_ptr<SctpSocket> socket_;
  bool is_up_ = false;
  bool has_complained_ = false;   ///< since the link was up last
  Clock::time_point next_try_{};
  Clock::time_point deadline_{};
  std::chrono::milliseconds retry_;
};

/// The owner's end with the thread that belongs to it alone.
class ClientLink final : public N2Link {
public:
  ClientLink(std::unique_ptr<OwnersEnd> end, std::unique_ptr<Client> client)
    : end_(std::move(end)), client_(std::move(client)), thread_([this] { client_->run(); })
  {
  }
  ~ClientLink() override
  {
    end_.reset();
    thread_.join();
  }
  ClientLink(const ClientLink&) = delete;
  ClientLink& operator=(const ClientLink&) = delete;

  bool send(std::uint16_t stream, std::span<const std::uint8_t> bytes) override { return end_->send(stream, bytes); }
  std::optional<N2Message> receive() override { return end_->receive(); }
  bool is_up() const override { return end_->is_up(); }
  const ngap::N2Counters& counters() const override { return end_->counters(); }

private:
  std::unique_ptr<OwnersEnd> end_;
  std::unique_ptr<Client> client_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<N2Link>> connect_n2(const N2ClientConfig& config)
{
  auto stacks = client_stacks(config);
  if (!stacks) return tl::unexpected(stacks.error());
  auto wake = std::make_shared<Wake>();
  auto shared = std::make_shared<Shared>(wake);
  auto [owners, threads] = ngap::make_n2_pair();
  auto client = std::make_unique<Client>(config, std::move(*stacks), wake, ThreadsEnd(shared, std::move(threads)));
  return std::make_unique<ClientLink>(std::make_unique<OwnersEnd>(shared, std::move(owners)), std::move(client));
}

// -- the AMF's --------------------------------------------------------------------------------------------------------

struct N2Listener::Thread {
  struct Gnb {
    std::unique_ptr<SctpSocket> socket;
    ThreadsEnd end;
  };

  Thread(N2ListenerConfig its_config, std::unique_ptr<SctpStack> its_stack)
    : config(std::move(its_config)), stack(std::move(its_stack)), transport(stack->name())
  {
  }

  void run()
  {
    while (!is_stopping.load()) {
      stack->wait(wake->fd(), kLongestWait);
      wake->clear();
      while (auto socket = stack->accept()) welcome(std::move(socket));
      for (Gnb& gnb : gnbs) gnb.end.exchange(*gnb.socket);
      std::erase_if(gnbs, [this](Gnb& gnb) { return is_over(gnb); });
    }
    for (Gnb& gnb : gnbs) gnb.end.set_down();
    gnbs.clear();
  }

  void welcome(std::unique_ptr<SctpSocket> socket)
  {
    if (gnbs.size() >= config.max_gnbs) {
      say(config.log, fmt::format("N2: turned away {}: there are {} already", socket->peer(), gnbs.size()));
      return;
    }
    say(config.log, fmt::format("N2 up: gNB from {}, {}", socket->peer(), transport));
    auto shared = std::make_shared<Shared>(wake);
    auto [owners, threads] = ngap::make_n2_pair();
    gnbs.push_back({std::move(socket), ThreadsEnd(shared, std::move(threads))});
    gnbs.back().end.set_up();
    const std::lock_guard lock(mutex);
    arrived.push_back(std::make_unique<OwnersEnd>(shared, std::move(owners)));
  }

  bool is_over(Gnb& gnb) const
  {
    const bool is_down = gnb.socket->state() == SctpSocket::State::down;
    if (!is_down && gnb.end.has_owner()) return false;
    say(config.log, fmt::format("N2 {}: gNB from {}", is_down ? "lost" : "cut", gnb.socket->peer()));
    gnb.end.set_down();
    return true;
  }

  N2ListenerConfig config;
  std::unique_ptr<SctpStack> stack;
  std::string transport;
  std::shared_ptr<Wake> wake = std::make_shared<Wake>();
  std::vector<Gnb> gnbs;
  std::mutex mutex;
  std::vector<std::unique_ptr<N2Link>> arrived;   ///< not yet accepted; under `mutex`
  std::atomic<bool> is_stopping{false};
  std::thread thread;
};

N2Listener::N2Listener(std::unique_ptr<Thread> thread) : thread_(std::move(thread))
{
  thread_->thread = std::thread([thread = thread_.get()] { thread->run(); });
}

N2Listener::~N2Listener()
{
  thread_->is_stopping.store(true);
  thread_->wake->set();
  thread_->thread.join();
}

Result<std::unique_ptr<N2Listener>> N2Listener::open(const N2ListenerConfig& config)
{
  auto stack = listener_stack(config);
  if (!stack) return tl::unexpected(stack.error());
  if (auto listening = (*stack)->listen(config.listen.port); !listening) return tl::unexpected(listening.error());
  return std::unique_ptr<N2Listener>(new N2Listener(std::make_unique<Thread>(config, std::move(*stack))));
}

std::unique_ptr<N2Link> N2Listener::accept()
{
  const std::lock_guard lock(thread_->mutex);
  if (thread_->arrived.empty()) return nullptr;
  auto link = std::move(thread_->arrived.front());
  thread_->arrived.erase(thread_->arrived.begin());
  return link;
}

const std::string& N2Listener::transport() const { return thread_->transport; }

}  // namespace ravi
