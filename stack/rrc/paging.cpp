#include "stack/rrc/paging.h"

#include "stack/asn1/rrc.h"

namespace ravi::rrc {

namespace ie = asn1::rrc;

Octets paging_message(std::span<const std::uint64_t> ng_5g_s_tmsis)
{
  ie::PcchMessage message;
  auto& records = message.message.set_c1().set_paging().paging_record_list.emplace();
  for (const std::uint64_t tmsi : ng_5g_s_tmsis) records.emplace_back().ue_identity.set_ng_5g_s_tmsi().value = tmsi;
  return ie::encode(message).value_or(Octets{});
}

std::optional<std::vector<std::uint64_t>> read_paging(std::span<const std::uint8_t> message)
{
  const auto decoded = ie::decode<ie::PcchMessage>(message);
  const auto* c1 = decoded ? decoded->message.c1() : nullptr;
  const ie::Paging* const paging = c1 != nullptr ? c1->paging() : nullptr;
  if (paging == nullptr) return std::nullopt;
  std::vector<std::uint64_t> tmsis;
  if (!paging->paging_record_list) return tmsis;
  for (const ie::PagingRecord& record : *paging->paging_record_list) {
    if (const auto* tmsi = record.ue_identity.ng_5g_s_tmsi()) tmsis.push_back(tmsi->value);
  }
  return tmsis;
}

}  // namespace ravi::rrc
