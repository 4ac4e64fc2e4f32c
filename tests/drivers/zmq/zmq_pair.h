#pragma once
// What the tests of the ZMQ radio share: endpoints that nobody else has, two radios joined, and samples that tell where
// in the stream they belong.

#include "drivers/zmq/zmq_radio.h"
#include "radio/iq.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ravi::testing {

inline constexpr SampleRate kRate{11'520'000};
inline constexpr std::int64_t kSlot = 11'520;

/// An endpoint on a Unix socket without a file.
inline std::string free_ipc()
{
  static std::atomic<int> count{0};
  return "ipc://@ravi-test-" + std::to_string(getpid()) + "-" + std::to_string(count.fetch_add(1));
}

/// Sample number `index` of a stream: exact in float, different for all indices below 2^40, never zero.
inline Cf32 numbered(std::int64_t index, std::int64_t port = 0)
{
  return {static_cast<float>(index % (1 << 20) + 1), static_cast<float>(index / (1 << 20) + 1 + 1000 * port)};
}

inline void fill_numbered(std::span<Cf32> out, std::int64_t first, std::int64_t port = 0)
{
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = numbered(first + static_cast<std::int64_t>(i), port);
}

inline std::unique_ptr<ZmqRadio> open_or_fail(const ZmqConfig& config)
{
  auto radio = open_zmq(config);
  REQUIRE_MESSAGE(radio.has_value(), (radio ? std::string{} : radio.error().message));
  REQUIRE((*radio)->set_sample_rate(kRate).has_value());
  return std::move(*radio);
}

/// Two radios that hear each other.
struct Pair {
  std::unique_ptr<ZmqRadio> a;
  std::unique_ptr<ZmqRadio> b;
};

enum class Transport { tcp, ipc };

inline Pair open_pair(Transport transport, std::size_t num_ports = 1, const ZmqConfig& like = {})
{
  ZmqConfig config = like;
  std::vector<std::string> placeholder;
  for (std::size_t i = 0; i < num_ports; ++i) placeholder.push_back(free_ipc());
  const auto own = [&] {
    std::vector<std::string> endpoints;
    for (std::size_t i = 0; i < num_ports; ++i) {
      endpoints.push_back(transport == Transport::tcp ? "tcp://127.0.0.1:*" : free_ipc());
    }
    return endpoints;
  };
  config.rx = placeholder;
  config.tx = own();
  Pair pair;
  pair.a = open_or_fail(config);
  config.tx = own();
  pair.b = open_or_fail(config);
  REQUIRE(pair.a->set_rx_endpoints(pair.b->tx_endpoints()).has_value());
  REQUIRE(pair.b->set_rx_endpoints(pair.a->tx_endpoints()).has_value());
  return pair;
}

/// Calls `receive` until it delivers or `attempts` (100 ms each) are over.
inline RxResult receive_patiently(Radio& radio, IqSpan out, int attempts = 50)
{
  RxResult result;
  for (int i = 0; i < attempts; ++i) {
    result = radio.receive(out);
    if (result.status != RxStatus::timeout) return result;
    if (radio.peer() == Peer::absent) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return result;
}

/// A node in a thread: receives `num_blocks` blocks and transmits numbered samples `lead` blocks later.
class Node {
public:
  struct Block {
    RxResult result;
    std::vector<Cf32> samples;  ///< of the first port
  };

  Node(Radio& radio, std::size_t num_blocks, std::int64_t lead = 4, std::size_t length = kSlot)
    : thread_([this, &radio, num_blocks, lead, length] {
        run(radio, num_blocks, lead, length);
        has_ended = true;
      })
  {
  }
  ~Node() { wait(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void wait()
  {
    if (thread_.joinable()) thread_.join();
  }
  std::vector<Block> blocks;           ///< after `wait`
  std::uint64_t num_late = 0;
  std::atomic<std::size_t> num_received{0};
  std::atomic<bool> is_to_stop{false};
  std::atomic<bool> has_ended{false};  ///< maybe early: it heard nothing for 10 s

private:
  void run(Radio& radio, std::size_t num_blocks, std::int64_t lead, std::size_t length)
  {
    const RadioDescription description = radio.describe();
    IqBuffer rx(description.receive.size(), length);
    IqBuffer tx(description.transmit.size(), length);
    int num_timeouts = 0;
    while (blocks.size() < num_blocks && !is_to_stop && num_timeouts < 100) {
      const RxResult result = radio.receive(rx.span());
      if (result.status == RxStatus::timeout) {
        ++num_timeouts;
        continue;
      }
      num_timeouts = 0;
      if (result.status != RxStatus::ok) return;
      blocks.push_back({result, {rx.channel().begin(), rx.channel().end()}});
      num_received = blocks.size();
      const std::int64_t at = result.time.value() + lead * static_cast<std::int64_t>(length);
      for (std::size_t port = 0; port < tx.num_channels(); ++port) {
        fill_numbered(tx.channel(port), at, static_cast<std::int64_t>(port));
      }
      if (radio.transmit(tx.span(), SampleTime(at), Burst::goes_on).status == TxStatus::late) ++num_late;
    }
  }

  std::thread thread_;
};

/// Every sample is the one that belongs at its time, or zero before `first_sent`.
inline bool is_in_place(const Node::Block& block, std::int64_t offset, std::int64_t first_sent)
{
  for (std::size_t i = 0; i < block.samples.size(); ++i) {
    const std::int64_t index = block.result.time.value() + offset + static_cast<std::int64_t>(i);
    const Cf32 expected = index < first_sent ? Cf32{} : numbered(index);
    if (block.samples[i] != expected) return false;
  }
  return true;
}

}  // namespace ravi::testing
