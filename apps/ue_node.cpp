#include "apps/ue_node.h"

#include <algorithm>

namespace ravi::apps {

SlotOutput UeEngine::operator()(const RxSlot& in, TxSlot& out) noexcept
{
  now = to_duration(in.time - SampleTime(0), rate);
  if (endpoint) {
    for (auto packet = endpoint->next(now); !packet.empty(); packet = endpoint->next(now)) {
      if (ue.send_packet(packet)) continue;
      endpoint->refused();
      break;
    }
  }
  const SlotOutput output = ue(in, out);
  for (auto packet = ue.take_packet(); !packet.empty(); packet = ue.take_packet()) {
    if (endpoint) endpoint->deliver(packet, now);
  }
  return output;
}

void UeEngine::run_procedures() noexcept
{
  if (wants_off.load()) ue.switch_off();
  ue.run_procedures();
  if (endpoint) endpoint->set_address(ue.status().address);
  const ue::UeStatus& from = ue.status();
  const ue::UeModem& modem = ue.modem();
  UeNodeStatus status{.time = now,
                      .reached = from.reached,
                      .address = from.address,
                      .is_in_step = modem.is_in_step(),
                      .has_left = ue.has_left(),
                      .statistics = ue.statistics(),
                      .modem = modem.counters(),
                      .nas = ue.nas().counters()};
  std::copy_n(from.trouble.begin(), std::min(from.trouble.size(), status.trouble.size() - 1), status.trouble.begin());
  if (modem.is_in_step()) status.pci = modem.cell().pci.value();
  latest.write(status);
}

UeNode::UeNode(const UeNodeConfig& config, std::unique_ptr<Radio> radio, std::unique_ptr<ip::Endpoint> endpoint)
  : engine_{.rate = config.ue.modem.rate, .ue = ue::Ue(config.ue), .endpoint = std::move(endpoint), .latest = {}},
    node_({.rate = config.ue.modem.rate,
           .slots_per_second = 1000 * std::int64_t{nr::slots_per_subframe(config.scs)},
           .lead = config.lead,
           .num_slots = config.num_slots,
           .is_digested = config.is_digested},
          std::move(radio), engine_)
{
}

}  // namespace ravi::apps
