// The ZMQ radio between two processes on one host, both directions at once. items_per_second is samples a second in each
// direction: the same number flows the other way at the same time.

#include "drivers/zmq/zmq_radio.h"
#include "radio/iq.h"

#include <benchmark/benchmark.h>
#include <spdlog/spdlog.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace ravi;

constexpr std::int64_t kLead = 4;  // blocks

enum Transport { tcp, ipc };

/// A radio of ours, joined to the one that the process at the other end of `link` opens.
std::unique_ptr<ZmqRadio> open_end(int link, Transport transport, ZmqFormat format, const char* name)
{
  ZmqConfig config;
  config.tx = {transport == tcp ? "tcp://127.0.0.1:*" : "ipc://@ravi-bench-" + std::string(name) + std::to_string(getpid())};
  config.rx = {""};
  config.format = format;
  config.sample_rate = SampleRate(61'440'000);
  auto radio = open_zmq(config);
  if (!radio) std::abort();
  std::array<char, 128> text{};
  (*radio)->tx_endpoints()[0].copy(text.data(), text.size() - 1);
  if (write(link, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  if (recv(link, text.data(), text.size(), MSG_WAITALL) != static_cast<ssize_t>(text.size())) std::abort();
  if (!(*radio)->set_rx_endpoints({text.data()}) || !(*radio)->start(SampleTime(0))) std::abort();
  return std::move(*radio);
}

/// Receives a block and sends one, as a node does each slot; false when nothing came.
bool step(Radio& radio, IqBuffer& rx, const IqBuffer& tx)
{
  const RxResult result = radio.receive(rx.span());
  if (result.status != RxStatus::ok) return false;
  const SampleCount lead(kLead * static_cast<std::int64_t>(tx.num_samples()));
  static_cast<void>(radio.transmit(tx.span(), result.time + lead, Burst::goes_on));
  return true;
}

[[noreturn]] void run_peer(int link, Transport transport, ZmqFormat format, std::size_t length)
{
  {
    auto radio = open_end(link, transport, format, "peer");
    IqBuffer rx(1, length);
    IqBuffer tx(1, length);
    int num_idle = 0;
    bool has_begun = false;
    while (num_idle < (has_begun ? 3 : 100)) {
      const bool is_alive = step(*radio, rx, tx);
      has_begun |= is_alive;
      num_idle = is_alive ? 0 : num_idle + 1;
    }
  }
  _exit(0);
}

void bench_zmq(benchmark::State& state, Transport transport, ZmqFormat format)
{
  spdlog::set_level(spdlog::level::warn);
  const auto length = static_cast<std::size_t>(state.range(0));
  std::array<int, 2> link{};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, link.data()) != 0) std::abort();
  const pid_t peer = fork();
  if (peer == 0) run_peer(link[1], transport, format, length);
  {
    auto radio = open_end(link[0], transport, format, "own");
    IqBuffer rx(1, length);
    IqBuffer tx(1, length);
    for (auto& sample : tx.channel()) sample = {0.5F, -0.5F};
    for (int warm = 0; warm < 50;) warm += step(*radio, rx, tx) ? 1 : 0;
    std::int64_t num_samples = 0;
    for (auto _ : state) num_samples += step(*radio, rx, tx) ? static_cast<std::int64_t>(length) : 0;
    state.SetItemsProcessed(num_samples);
  }
  waitpid(peer, nullptr, 0);
  close(link[0]);
  close(link[1]);
}

}  // namespace

// 1 ms at 11.52, 23.04 and 61.44 MS/s.
BENCHMARK_CAPTURE(bench_zmq, tcp_cf32, tcp, ZmqFormat::cf32)->Arg(11'520)->Arg(23'040)->Arg(61'440)->UseRealTime();
BENCHMARK_CAPTURE(bench_zmq, ipc_cf32, ipc, ZmqFormat::cf32)->Arg(11'520)->Arg(23'040)->Arg(61'440)->UseRealTime();
BENCHMARK_CAPTURE(bench_zmq, tcp_sc16, tcp, ZmqFormat::sc16)->Arg(11'520)->Arg(61'440)->UseRealTime();
