#include "apps/gnb_node.h"

#include "stack/nr/numerology.h"

#include <span>

namespace ravi::apps {

std::pair<CoreLinks, EmbeddedCore> embed_core(const core::CoreConfig& config, core::Subscribers subscribers, core::RandSource random)
{
  auto n2 = ngap::make_n2_pair();
  auto n3 = ngap::make_n3_pair();
  EmbeddedCore embedded{.n2 = std::move(n2.second),
                        .n3 = std::move(n3.second),
                        .core = std::make_unique<core::Core>(config, std::move(subscribers), std::move(random)),
                        .each_slot = {}};
  embedded.core->attach_n2(*embedded.n2);
  embedded.core->attach_n3(*embedded.n3);
  return {CoreLinks{std::move(n2.first), std::move(n3.first)}, std::move(embedded)};
}

SlotOutput GnbEngine::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  now = to_duration(in.time - SampleTime(0), rate);
  return (*gnb)(in, out);
}

void GnbEngine::run_procedures() noexcept
{
  if (core.core) {
    if (core.tap != nullptr) core.tap->set_time(now);
    core.core->run(now);
    if (core.each_slot) core.each_slot(*core.core, now);
  }
  gnb->run_procedures();
  latest.write({.time = now,
                .has_core = gnb->has_core(),
                .gnb = gnb->counters(),
                .modem = gnb->modem().counters(),
                .ues = gnb->ue_statistics()});
}

Result<std::unique_ptr<GnbNode>> GnbNode::make(const GnbNodeConfig& config, std::unique_ptr<Radio> radio, CoreLinks links,
                                               EmbeddedCore core)
{
  auto gnb = gnb::Gnb::make(config.gnb, *links.n2, *links.n3);
  if (!gnb) return tl::unexpected(gnb.error());
  if (core.core && core.tap != nullptr) {
    core.core->amf().nas_trace = [tap = core.tap](bool is_uplink, std::uint64_t ue, std::span<const std::uint8_t> plain) {
      tap->nas(is_uplink ? nr::LinkDirection::uplink : nr::LinkDirection::downlink, static_cast<std::uint32_t>(ue), plain);
    };
  }
  return std::unique_ptr<GnbNode>(
      new GnbNode(config, std::move(links), std::move(core), std::move(*gnb), std::move(radio)));
}

GnbNode::GnbNode(const GnbNodeConfig& config, CoreLinks links, EmbeddedCore core, std::unique_ptr<gnb::Gnb> gnb,
                 std::unique_ptr<Radio> radio)
  : engine_{.rate = config.gnb.rate, .links = std::move(links), .core = std::move(core), .gnb = std::move(gnb), .latest = {}},
    node_({.rate = config.gnb.rate,
           .slots_per_second = 1000 * std::int64_t{nr::slots_per_subframe(config.gnb.cell.uplink.scs)},
           .lead = config.gnb.lead,
           .num_slots = config.num_slots,
           .is_digested = config.is_digested},
          std::move(radio), engine_)
{
}

}  // namespace ravi::apps
