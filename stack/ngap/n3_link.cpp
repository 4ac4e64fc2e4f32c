#include "stack/ngap/n3_link.h"

#include "radio/ring.h"

#include <algorithm>
#include <vector>

namespace ravi::ngap {
namespace {

constexpr std::size_t kQueued = 1024;

/// The ring holds the sizes; datagram n lies in slot n mod kQueued, which belongs to whoever the ring says.
struct Direction {
  SpscRing<std::uint16_t> sizes{kQueued};
  std::vector<std::array<std::uint8_t, kMaxDatagram>> slots{kQueued};
};

class InProcessN3 final : public N3Link {
public:
  InProcessN3(const Ipv4& own, const Ipv4& peer, std::shared_ptr<Direction> out, std::shared_ptr<Direction> in)
    : own_(own), peer_(peer), out_(std::move(out)), in_(std::move(in))
  {
  }

  Ipv4 address() const noexcept override { return own_; }

  bool send(const Ipv4& to, std::span<const std::uint8_t> datagram) noexcept override
  {
    if (to != peer_ || datagram.empty() || datagram.size() > kMaxDatagram || out_->sizes.room() == 0) {
      ++counters_.dropped;
      return false;
    }
    std::ranges::copy(datagram, out_->slots[counters_.sent % kQueued].begin());
    out_->sizes.reserve(1).first.front() = static_cast<std::uint16_t>(datagram.size());
    out_->sizes.publish(1);
    ++counters_.sent;
    return true;
  }

  N3Datagram receive() noexcept override
  {
    if (holds_one_) in_->sizes.consume(1);
    const RingSpan<const std::uint16_t> there = in_->sizes.peek(1);
    holds_one_ = !there.empty();
    if (!holds_one_) return {};
    return {peer_, std::span(in_->slots[counters_.received++ % kQueued]).first(there.first.front())};
  }

  const N3Counters& counters() const noexcept override { return counters_; }

private:
  Ipv4 own_, peer_;
  std::shared_ptr<Direction> out_, in_;
  bool holds_one_ = false;  ///< the datagram given last still lies in the ring
  N3Counters counters_;
};

}  // namespace

std::pair<std::unique_ptr<N3Link>, std::unique_ptr<N3Link>> make_n3_pair(const Ipv4& gnb, const Ipv4& upf)
{
  auto up = std::make_shared<Direction>();
  auto down = std::make_shared<Direction>();
  return {std::make_unique<InProcessN3>(gnb, upf, up, down), std::make_unique<InProcessN3>(upf, gnb, down, up)};
}

}  // namespace ravi::ngap
