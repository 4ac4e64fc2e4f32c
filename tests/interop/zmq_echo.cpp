// Our side of the interoperability tests: opens a radio string, sends back what it receives a given time later, and prints
// what it counted. Ends when it has received so many samples, or on end of file of its standard input.
//
//   zmq_echo RADIO RATE BLOCK LEAD TOTAL      LEAD: blocks from a received one to the one sent back; TOTAL 0: no end

#include "drivers/zmq/zmq_radio.h"
#include "radio/device_string.h"
#include "radio/iq.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

bool is_told_to_stop()
{
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char byte = 0;
  return poll(&input, 1, 0) == 1 && read(STDIN_FILENO, &byte, 1) <= 0;
}

int run(ravi::Radio& radio, std::int64_t block, std::int64_t lead, std::int64_t total)
{
  using namespace ravi;
  const RadioDescription description = radio.describe();
  IqBuffer samples(description.receive.size(), static_cast<std::size_t>(block));
  std::int64_t num_received = 0;
  std::int64_t num_lost = 0;
  while ((total == 0 || num_received < total) && !is_told_to_stop()) {
    const RxResult received = radio.receive(samples.span());
    if (received.status == RxStatus::timeout) continue;
    if (received.status != RxStatus::ok) break;
    num_received += static_cast<std::int64_t>(received.num_samples);
    num_lost += received.lost.value();
    if (description.transmit.empty()) continue;
    static_cast<void>(radio.transmit(samples.span(), received.time + SampleCount(lead * block), Burst::goes_on));
  }
  radio.stop();
  const RadioCounters counters = radio.counters();
  std::printf("received=%lld lost=%lld sent=%llu lates=%llu malformed=%llu not_finite=%llu reconnects=%llu\n",
              static_cast<long long>(num_received), static_cast<long long>(num_lost),
              static_cast<unsigned long long>(counters.tx_samples), static_cast<unsigned long long>(counters.lates),
              static_cast<unsigned long long>(counters.malformed), static_cast<unsigned long long>(counters.not_finite),
              static_cast<unsigned long long>(counters.reconnects));
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  if (argc != 6) {
    std::fputs("zmq_echo RADIO RATE BLOCK LEAD TOTAL\n", stderr);
    return 2;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("zmq_echo"));  // standard output is for the counts
  const auto device = ravi::parse_device_string(argv[1]);
  if (!device) {
    std::fputs((device.error().message + "\n").c_str(), stderr);
    return 2;
  }
  auto radio = ravi::open_zmq(*device);
  if (!radio) {
    std::fputs((radio.error().message + "\n").c_str(), stderr);
    return 3;
  }
  const auto rate = (*radio)->set_sample_rate(ravi::SampleRate(std::atoll(argv[2])));
  if (!rate || !(*radio)->start(ravi::SampleTime(0))) return 3;
  std::puts("ready");
  std::fflush(stdout);
  return run(**radio, std::atoll(argv[3]), std::atoll(argv[4]), std::atoll(argv[5]));
}
