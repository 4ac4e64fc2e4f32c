#include "apps/probe_node.h"

#include "radio/realtime.h"

#include <algorithm>

namespace ravi::apps {
namespace {

constexpr std::int64_t kMargin = 20;  // slots between the stretch and either end of the run

SampleCount slot_length(SampleRate rate) { return SampleCount(rate.hz() / 1000); }

std::size_t captured_length() { return ProbeNode::kCapturedPeriods * measure::kProbePeriod; }

std::int64_t captured_slots(SampleRate rate)
{
  return static_cast<std::int64_t>(captured_length()) / slot_length(rate).value() + 1;
}

}  // namespace

std::int64_t ProbeNode::shortest_run(SampleRate rate) { return captured_slots(rate) + 2 * kMargin; }

ProbeNode::ProbeNode(const ProbeNodeConfig& config, std::unique_ptr<Radio> radio)
  : config_(config),
    radio_(std::move(radio)),
    engine_{.probe = measure::LinkProbe(config.root, config.level),
            .first_captured_slot = config.num_slots - kMargin - captured_slots(config.rate),
            .last_slot = config.num_slots - 1,
            .captured = IqBuffer(1, captured_length()),
            .captured_at = {},
            .stop = stop_},
    loop_(*radio_, {.slot_length = slot_length(config.rate), .lead = config.lead}, trace_)
{
}

ProbeNode::~ProbeNode()
{
  stop();
  radio_->stop();
  wait();
}

Result<void> ProbeNode::start_radio()
{
  const auto rate = radio_->set_sample_rate(config_.rate);
  if (!rate) return tl::unexpected(rate.error());
  return radio_->start(SampleTime(0));
}

void ProbeNode::start_thread()
{
  thread_ = std::thread([this] { run(); });
}

void ProbeNode::run() noexcept
{
  {
    // No SCHED_FIFO: simulated radios keep virtual time, and would take the processor from the node they wait for.
    const RealtimeScope scope;
    loop_.run(engine_, stop_);
  }
  radio_->stop();
  has_ended_.store(true);
}

void ProbeNode::wait()
{
  if (thread_.joinable()) thread_.join();
}

std::optional<measure::LinkEstimate> ProbeNode::heard(const ProbeNode& sender) const
{
  return measure::estimate_link(sender.probe(), engine_.captured.channel().first(engine_.num_captured),
                                engine_.captured_at, config_.rate);
}

SlotOutput ProbeNode::Engine::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  probe.send(out.time, out.samples.channel(0));
  if (in.index >= last_slot) stop.store(true, std::memory_order_relaxed);
  if (in.index < first_captured_slot) return SlotOutput::samples;
  // A gap within the stretch would shift its samples: begin again after it.
  if (num_captured == 0 || in.is_after_gap) {
    num_captured = 0;
    captured_at = in.time;
  }
  const std::size_t length = std::min(in.samples.num_samples(), captured.num_samples() - num_captured);
  const auto heard = in.samples.channel(0).first(length);
  std::copy(heard.begin(), heard.end(), captured.channel().begin() + static_cast<std::ptrdiff_t>(num_captured));
  num_captured += length;
  return SlotOutput::samples;
}

}  // namespace ravi::apps
