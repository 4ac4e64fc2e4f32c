#include "stack/ngap/n2_link.h"

#include "radio/ring.h"

#include <atomic>
#include <cstddef>

namespace ravi::ngap {
namespace {

constexpr std::size_t kQueued = 256;

/// One direction. The ring carries ownership; what nobody took is freed with it.
struct Direction {
  SpscRing<N2Message*> ring{kQueued};
  std::atomic<bool> is_open{true};

  ~Direction()
  {
    while (take()) {
    }
  }
  std::unique_ptr<N2Message> take()
  {
    const RingSpan<N2Message* const> there = ring.peek(1);
    if (there.empty()) return nullptr;
    std::unique_ptr<N2Message> message(there.first.front());
    ring.consume(1);
    return message;
  }
};

class InProcessN2 final : public N2Link {
public:
  InProcessN2(std::shared_ptr<Direction> out, std::shared_ptr<Direction> in) : out_(std::move(out)), in_(std::move(in)) {}
  ~InProcessN2() override
  {
    out_->is_open = false;
    in_->is_open = false;
  }
  InProcessN2(const InProcessN2&) = delete;
  InProcessN2& operator=(const InProcessN2&) = delete;

  bool send(std::uint16_t stream, std::span<const std::uint8_t> bytes) override
  {
    if (!out_->is_open || out_->ring.room() == 0) {
      ++counters_.dropped;
      return false;
    }
    auto message = std::make_unique<N2Message>(N2Message{stream, {bytes.begin(), bytes.end()}});
    out_->ring.reserve(1).first.front() = message.release();
    out_->ring.publish(1);
    ++counters_.sent;
    return true;
  }

  std::optional<N2Message> receive() override
  {
    const std::unique_ptr<N2Message> message = in_->take();
    if (!message) return std::nullopt;
    ++counters_.received;
    return std::move(*message);
  }

  bool is_up() const override { return out_->is_open; }
  const N2Counters& counters() const override { return counters_; }

private:
  std::shared_ptr<Direction> out_, in_;
  N2Counters counters_;
};

}  // namespace

std::pair<std::unique_ptr<N2Link>, std::unique_ptr<N2Link>> make_n2_pair()
{
  auto up = std::make_shared<Direction>();
  auto down = std::make_shared<Direction>();
  auto gnb = std::make_unique<InProcessN2>(up, down);
  auto amf = std::make_unique<InProcessN2>(std::move(down), std::move(up));
  return {std::move(gnb), std::move(amf)};
}

}  // namespace ravi::ngap
