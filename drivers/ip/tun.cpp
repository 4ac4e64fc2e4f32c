#include "drivers/ip/tun.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ravi {
namespace {

/// This thread is in another network namespace while it lives.
class InNamespace {
public:
  explicit InNamespace(const std::string& name)
  {
    if (name.empty()) return;
    own_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int other = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
    is_there_ = own_ >= 0 && other >= 0 && setns(other, CLONE_NEWNET) == 0;
    error_ = errno;
    if (other >= 0) close(other);
  }
  ~InNamespace()
  {
    if (own_ < 0) return;
    if (is_there_) static_cast<void>(setns(own_, CLONE_NEWNET));
    close(own_);
  }
  InNamespace(const InNamespace&) = delete;
  InNamespace& operator=(const InNamespace&) = delete;

  [[nodiscard]] bool is_there() const { return is_there_; }
  [[nodiscard]] int error() const { return error_; }

private:
  int own_ = -1;
  bool is_there_ = true;
  int error_ = 0;
};

ifreq request_of(const std::string& name)
{
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

sockaddr in_octets(const std::uint8_t* octets)
{
  sockaddr_in address{};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, octets, 4);
  sockaddr result{};
  std::memcpy(&result, &address, sizeof result);
  return result;
}

}  // namespace

Result<std::unique_ptr<Tun>> Tun::open(const TunConfig& config)
{
  if (config.name.empty() || config.name.size() >= IFNAMSIZ) {
    return fail(ErrorCode::bad_input, fmt::format("'{}' is no name of a device: 1 to {} characters", config.name, IFNAMSIZ - 1));
  }
  const InNamespace inside(config.network_namespace);
  if (!inside.is_there()) {
    return fail(inside.error() == ENOENT ? ErrorCode::not_found : ErrorCode::refused,
                fmt::format("cannot enter the network namespace '{}' ({}): is it there (ip netns list), and are you root?", config.network_namespace,
                            std::strerror(inside.error())));
  }
  const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request = request_of(config.name);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) {
    const int error = errno;
    if (device >= 0) close(device);
    return fail(error == EBUSY ? ErrorCode::busy : ErrorCode::refused,
                fmt::format("no TUN device '{}' ({}): it needs root or CAP_NET_ADMIN{}", config.name, std::strerror(error),
                            error == EBUSY ? ", and this name is taken" : "; without --tun built-in traffic needs neither"));
  }
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::unique_ptr<Tun> tun(new Tun(config, request.ifr_name, device, control));
  ifreq mtu = request_of(tun->name_);
  mtu.ifr_mtu = static_cast<int>(config.mtu);
  if (control < 0 || ioctl(control, SIOCSIFMTU, &mtu) != 0) {
    return fail(ErrorCode::io, fmt::format("the MTU of '{}' cannot be set: {}", tun->name_, std::strerror(errno)));
  }
  return tun;
}

Tun::Tun(const TunConfig& config, std::string name, int device, int control)
  : config_(config), name_(std::move(name)), device_(device), control_(control)
{
}

Tun::~Tun()
{
  close(device_);
  if (control_ >= 0) close(control_);
}

void Tun::set_address(const std::optional<ip::Ipv4>& address) noexcept
{
  if (address == address_) return;
  address_ = address;
  ifreq request{};
  name_.copy(request.ifr_name, IFNAMSIZ - 1);
  if (address) {
    request.ifr_addr = in_octets(address->data());
    ioctl(control_, SIOCSIFADDR, &request);
    const std::uint32_t mask = htonl(config_.prefix_length == 0 ? 0 : ~0U << (32 - config_.prefix_length));
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &mask, octets.size());
    request.ifr_netmask = in_octets(octets.data());
    ioctl(control_, SIOCSIFNETMASK, &request);
  }
  request.ifr_flags = address ? IFF_UP | IFF_RUNNING | IFF_NOARP | IFF_POINTOPOINT | IFF_MULTICAST : 0;
  ioctl(control_, SIOCSIFFLAGS, &request);
}

std::span<const std::uint8_t> Tun::next(ip::Time) noexcept
{
  if (is_refused_) {
    is_refused_ = false;
    return std::span(packet_).first(size_);
  }
  while (address_) {
    const ssize_t size = read(device_, packet_.data(), packet_.size());
    if (size <= 0) return {};
    if (packet_[0] >> 4U != 4) {
      ++counters_.dropped;
      continue;
    }
    ++counters_.received;
    size_ = static_cast<std::size_t>(size);
    return std::span(packet_).first(size_);
  }
  return {};
}

void Tun::deliver(std::span<const std::uint8_t> packet, ip::Time) noexcept
{
  const bool is_taken = address_ && write(device_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
  ++(is_taken ? counters_.sent : counters_.dropped);
}

}  // namespace ravi
