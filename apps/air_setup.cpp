#include "apps/air_setup.h"

#include "apps/air_desk.h"
#include "apps/air_hub.h"
#include "drivers/loopback/loopback.h"
#include "drivers/zmq/air_radio.h"
#include "radio/dsp/resample.h"
#include "radio/recording/sigmf_reader.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace ravi::apps {
namespace {

constexpr std::int64_t kLongestRecording = 64LL << 20;  // samples

std::vector<Cf32> resampled(std::vector<Cf32> in, SampleRate from, SampleRate to)
{
  if (from == to) return in;
  dsp::Resampler resampler({.in_rate = from, .out_rate = to});
  const double ratio = static_cast<double>(to.hz()) / static_cast<double>(from.hz());
  std::vector<Cf32> out(static_cast<std::size_t>(static_cast<double>(in.size()) * ratio) + 1);
  out.resize(resampler.process(in, out).produced);
  return out;
}

Result<std::vector<Cf32>> load_recording(const std::string& file, SampleRate rate)
{
  auto reader = recording::SigmfReader::open(file);
  if (!reader) return tl::unexpected(reader.error());
  if (reader->length().value() > kLongestRecording) {
    return fail(ErrorCode::bad_input, fmt::format("{}: {} samples are too many for an interferer, which is kept in memory; "
                                                  "at most {} are taken",
                                                  file, reader->length().value(), kLongestRecording));
  }
  IqBuffer buffer(reader->meta().num_channels, static_cast<std::size_t>(reader->length().value()));
  const auto read = reader->read(SampleCount(0), buffer.span());
  if (!read) return tl::unexpected(read.error());
  const auto first_channel = buffer.channel(0).first(*read);
  return resampled({first_channel.begin(), first_channel.end()}, reader->meta().sample_rate, rate);
}

Result<RunningAir> start_loopback_air(const air::AirConfig& config, Waiting waiting)
{
  auto emulator = make_emulator(config);
  if (!emulator) return tl::unexpected(emulator.error());
  LoopbackConfig loopback{.sample_rate = config.sample_rate, .waiting = waiting};
  for (const air::NodeConfig& node : config.nodes) {
    loopback.nodes.push_back({.name = node.name, .num_tx_ports = node.num_tx_ports, .num_rx_ports = node.num_rx_ports});
  }
  auto air = LoopbackAir::create(loopback, std::move(*emulator));
  if (!air) return tl::unexpected(air.error());
  RunningAir running;
  running.join = [air = *air, nodes = config.nodes](std::size_t n) { return air->join(nodes[n].name); };
  running.runs = *air;
  return running;
}

/// A hub of its own thread, on any free port, with its desk.
struct HubThread {
  air::AirConfig config;
  ZmqHub zmq;
  std::unique_ptr<AirDesk> desk;
  std::atomic<bool> stop{false};
  std::thread thread;

  ~HubThread()
  {
    stop.store(true);
    if (thread.joinable()) thread.join();
    if (zmq.hub) zmq.hub->stop();
  }

  void run()
  {
    while (!stop.load()) {
      desk->serve();
      if (zmq.hub->step() == air::HubStep::idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
};

Result<RunningAir> start_zmq_air(const air::AirConfig& config)
{
  auto hub = std::make_shared<HubThread>();
  hub->config = config;
  hub->config.listen = "tcp://127.0.0.1:*";
  auto zmq = open_zmq_hub(hub->config, interface_of(hub->config.listen));
  if (!zmq) return tl::unexpected(zmq.error());
  hub->zmq = std::move(*zmq);
  auto desk = AirDesk::open(hub->config, hub->zmq);
  if (!desk) return tl::unexpected(desk.error());
  hub->desk = std::move(*desk);
  hub->thread = std::thread([running = hub.get()] { running->run(); });
  RunningAir running;
  running.join = [hub](std::size_t n) -> Result<std::unique_ptr<Radio>> {
    auto radio = join_air({.node = hub->config.nodes[n].name, .hub = hub->desk->address()});
    if (!radio) return tl::unexpected(radio.error());
    return std::unique_ptr<Radio>(std::move(*radio));
  };
  running.runs = hub;
  return running;
}

}  // namespace

air::AirConfig two_node_air()
{
  air::AirConfig config;
  config.nodes = {{.name = "a"}, {.name = "b"}};
  air::LinkConfig there{.from = "a",
                        .to = "b",
                        .gain = Decibel(-20.0),
                        .delay = std::chrono::duration<double>(1.2e-6),  // 360 m
                        .snr = Decibel(25.0),
                        .cfo = Hertz(150.0)};
  air::LinkConfig back = there;
  std::swap(back.from, back.to);
  back.snr = Decibel(18.0);
  back.cfo = Hertz(-150.0);
  config.links = {there, back};
  return config;
}

air::AirConfig clean_air(std::size_t num_ues)
{
  air::AirConfig config;
  config.nodes = {{.name = "gnb"}};
  for (std::size_t n = 0; n < num_ues; ++n) {
    const std::string name = num_ues == 1 ? "ue" : fmt::format("ue{}", n);
    config.nodes.push_back({.name = name});
    const auto distance = static_cast<double>(n + 1);
    const Hertz cfo(150.0 - 60.0 * static_cast<double>(n));
    config.links.push_back({.from = "gnb",
                            .to = name,
                            .gain = Decibel(-20.0),
                            .delay = std::chrono::duration<double>(1.2e-6 * distance),  // 360 m each
                            .snr = Decibel(35.0),
                            .cfo = cfo});
    config.links.push_back({.from = name,
                            .to = "gnb",
                            .gain = Decibel(-20.0),
                            .delay = std::chrono::duration<double>(1.2e-6 * distance),
                            .snr = Decibel(35.0),
                            .cfo = -cfo});
  }
  return config;
}

Result<std::unique_ptr<air::Emulator>> make_emulator(const air::AirConfig& config)
{
  return air::Emulator::create(config,
                               [rate = config.sample_rate](const std::string& file) { return load_recording(file, rate); });
}

Result<RunningAir> start_air(const air::AirConfig& config, Fronthaul fronthaul, Waiting waiting)
{
  return fronthaul == Fronthaul::zmq ? start_zmq_air(config) : start_loopback_air(config, waiting);
}

}  // namespace ravi::apps
