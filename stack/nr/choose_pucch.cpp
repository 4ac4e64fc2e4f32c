#include "stack/nr/choose_pucch.h"

#include "stack/nr/pucch_resource.h"

#include <algorithm>
#include <cmath>

namespace ravi::nr {
namespace {

const PucchResource* find_resource(const UeConfig& config, unsigned id)
{
  const auto found = std::find_if(config.pucch_resources.begin(), config.pucch_resources.end(),
                                  [id](const PucchResource& resource) { return resource.id == id; });
  return found == config.pucch_resources.end() ? nullptr : &*found;
}

/// A resource with everything but the numbers of bits.
PucchPdu pdu_of(const PucchResource& resource, const Cell& cell, Rnti rnti)
{
  return {.rnti = rnti,
          .format = resource.format,
          .bwp_crb = cell.uplink_bwp_crb,
          .starting_prb = resource.starting_prb,
          .num_prb = 1,
          .second_hop_prb = resource.second_hop_prb,
          .symbols = resource.symbols,
          .initial_cyclic_shift = resource.initial_cyclic_shift,
          .time_domain_occ = resource.time_domain_occ,
          .hopping_id = cell.pucch_hopping_id.value_or(cell.pci.value()),
          .scrambling_id = cell.pci.value(),
          .dmrs_scrambling_id = cell.pci.value()};
}

/// The DCI's resource of a set; the indicator counts from its first. TS 38.213 §9.2.3.
const PucchResource* resource_of_set(const UeConfig& config, unsigned set, unsigned indicator)
{
  const std::vector<unsigned>& ids = config.pucch_resource_sets[set];
  return indicator < ids.size() ? find_resource(config, ids[indicator]) : nullptr;
}

std::optional<PucchPdu> common_pucch(const Cell& cell, Rnti rnti, const UciNeeds& needs)
{
  const unsigned r_pucch = pucch_resource_index(needs.first_cce, std::max(1U, needs.num_cce), needs.resource_indicator);
  const auto common = pucch_common_resource(cell.pucch_resource_common, r_pucch, cell.uplink_bwp_crb.count);
  if (!common || needs.num_harq_ack != 1) return std::nullopt;
  PucchPdu pdu = pdu_of({.format = static_cast<std::uint8_t>(common->format),
                         .starting_prb = common->first_hop_prb,
                         .second_hop_prb = common->second_hop_prb,
                         .symbols = common->symbols,
                         .initial_cyclic_shift = common->initial_cyclic_shift},
                        cell, rnti);
  pdu.num_harq_ack_bits = 1;
  return pdu;
}

const UeConfig kDefaults;  // made before the first slot: it has lists

}  // namespace

unsigned pucch_format2_num_prb(unsigned num_bits, unsigned num_symbols, float max_code_rate, unsigned max_prb) noexcept
{
  const unsigned num_crc = num_bits < 12 ? 0 : (num_bits < 20 ? 6 : 11);
  const float bits_per_prb = 8.0F * 2.0F * static_cast<float>(num_symbols) * max_code_rate;
  const auto wanted = static_cast<unsigned>(std::ceil(static_cast<float>(num_bits + num_crc) / bits_per_prb - 1e-4F));
  return std::clamp(wanted, 1U, std::max(1U, max_prb));
}

std::optional<PucchPdu> sr_pucch(const Cell& cell, const UeConfig& config, Rnti rnti, unsigned num_harq_ack) noexcept
{
  if (!config.scheduling_request) return std::nullopt;
  const PucchResource* resource = find_resource(config, config.scheduling_request->pucch_resource_id);
  if (resource == nullptr || resource->format != 1) return std::nullopt;
  PucchPdu pdu = pdu_of(*resource, cell, rnti);
  pdu.num_harq_ack_bits = num_harq_ack;
  pdu.num_sr_bits = 1;
  return pdu;
}

std::optional<PucchPdu> choose_pucch(const Cell& cell, const UeConfig* config, Rnti rnti, const UciNeeds& needs) noexcept
{
  if (config == nullptr || config->pucch_resources.empty()) return common_pucch(cell, rnti, needs);
  if (needs.num_harq_ack == 0 && !needs.has_csi) {
    return needs.is_sr_occasion ? sr_pucch(cell, *config, rnti, 0) : std::nullopt;
  }
  const bool is_short = needs.num_harq_ack <= 2 && !needs.has_csi;
  const PucchResource* resource = nullptr;
  if (needs.num_harq_ack > 0) {
    resource = resource_of_set(*config, is_short ? 0 : 1, needs.resource_indicator);
  } else if (config->csi_report) {
    resource = find_resource(*config, config->csi_report->pucch_resource_id);
  }
  if (resource == nullptr || resource->format != (is_short ? 1 : 2)) return std::nullopt;
  PucchPdu pdu = pdu_of(*resource, cell, rnti);
  pdu.num_harq_ack_bits = needs.num_harq_ack;
  if (is_short) return pdu;
  pdu.num_sr_bits = needs.is_sr_occasion ? 1 : 0;
  pdu.num_csi_part1_bits = needs.has_csi ? kWidebandCqiBits : 0;
  pdu.num_prb = pucch_format2_num_prb(pdu.num_harq_ack_bits + pdu.num_sr_bits + pdu.num_csi_part1_bits, pdu.symbols.count,
                                      config->pucch_format2_max_code_rate, resource->num_prb);
  return pdu;
}

PuschUci pusch_uci(const UeConfig* config, unsigned num_harq_ack, bool has_csi) noexcept
{
  const UeConfig& used = config == nullptr ? kDefaults : *config;
  const unsigned size = num_harq_ack <= 2 ? 0 : (num_harq_ack <= 11 ? 1 : 2);
  return {.num_harq_ack_bits = num_harq_ack,
          .num_csi_part1_bits = has_csi ? kWidebandCqiBits : 0,
          .alpha_scaling = used.alpha_scaling,
          .beta_offset_harq_ack = beta_offset_harq_ack(used.beta_offset_ack_index[size]).value_or(1.0F),
          .beta_offset_csi1 = beta_offset_csi(used.beta_offset_csi1_index[0]).value_or(1.0F)};
}

}  // namespace ravi::nr
