#include "stack/nas/qos.h"

#include <algorithm>
#include <limits>

namespace ravi::nas {

namespace {

bool read_filters(Reader& in, QosRule& rule, unsigned count)
{
  for (unsigned i = 0; i < count; ++i) {
    const std::uint8_t head = in.u8();
    PacketFilter& filter = rule.filters.emplace_back();
    filter.id = head & 0x0F;
    if (rule.operation == QosRuleOperation::delete_filters) continue;
    filter.direction = static_cast<FilterDirection>((head >> 4) & 3);
    const auto components = in.take(in.u8());
    filter.components.assign(components.begin(), components.end());
    if (!in.is_ok()) return false;
  }
  return in.is_ok();
}

bool read_rule(Reader& in, QosRule& rule)
{
  rule.id = in.u8();
  Reader body(in.take(in.u16()));
  if (!in.is_ok() || body.left() == 0) return false;
  const std::uint8_t head = body.u8();
  rule.operation = static_cast<QosRuleOperation>(head >> 5);
  rule.is_default = (head & 0x10) != 0;
  if (!read_filters(body, rule, head & 0x0FU)) return false;
  if (body.left() > 0) rule.precedence = body.u8();
  if (body.left() > 0) {
    const std::uint8_t flow = body.u8();
    rule.qfi = flow & 0x3F;
    rule.has_segregation = (flow & 0x40) != 0;
  }
  return true;
}

void write_rule(Writer& out, const QosRule& rule)
{
  constexpr std::size_t kMaxFilters = 15;
  const std::size_t count = std::min(rule.filters.size(), kMaxFilters);
  out.u8(rule.id);
  const std::size_t at = out.size();
  out.u16(0);
  out.u8(static_cast<unsigned>(rule.operation) << 5 | (rule.is_default ? 0x10U : 0U) | static_cast<unsigned>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const PacketFilter& filter = rule.filters[i];
    if (rule.operation == QosRuleOperation::delete_filters) {
      out.u8(filter.id & 0x0FU);
      continue;
    }
    out.u8(static_cast<unsigned>(filter.direction) << 4 | (filter.id & 0x0FU));
    out.u8(static_cast<unsigned>(filter.components.size()));
    out.octets(filter.components);
  }
  if (rule.precedence) {
    out.u8(*rule.precedence);
    if (rule.qfi) out.u8((rule.has_segregation ? 0x40U : 0U) | (*rule.qfi & 0x3FU));
  }
  const std::size_t length = out.size() - at - 2;
  out.patch(at, length >> 8);
  out.patch(at + 1, length);
}

bool read_flow(Reader& in, QosFlowDescription& flow)
{
  flow.qfi = in.u8() & 0x3F;
  flow.operation = static_cast<QosFlowOperation>(in.u8() >> 5);
  const std::uint8_t head = in.u8();
  flow.replaces_parameters = (head & 0x40) != 0;
  for (unsigned i = 0; i < (head & 0x3FU); ++i) {
    const auto id = static_cast<QosFlowParameterId>(in.u8());
    const auto value = in.take(in.u8());
    if (!in.is_ok()) return false;
    flow.parameters.push_back({id, Octets(value.begin(), value.end())});
  }
  return in.is_ok();
}

}  // namespace

QosRule default_qos_rule(std::uint8_t qfi)
{
  QosRule rule;
  rule.is_default = true;
  rule.filters = {{.direction = FilterDirection::both, .id = 1, .components = {kMatchAll}}};
  rule.precedence = 255;
  rule.qfi = qfi;
  return rule;
}

QosFlowDescription new_qos_flow(std::uint8_t qfi, std::uint8_t five_qi)
{
  QosFlowDescription flow;
  flow.qfi = qfi;
  flow.parameters = {{QosFlowParameterId::five_qi, {five_qi}}};
  return flow;
}

std::optional<std::uint8_t> QosFlowDescription::five_qi() const
{
  for (const QosFlowParameter& parameter : parameters) {
    if (parameter.id == QosFlowParameterId::five_qi && parameter.value.size() == 1) return parameter.value[0];
  }
  return std::nullopt;
}

std::uint64_t BitRate::bits_per_second() const
{
  constexpr unsigned kMaxUnit = 25;  // 256 Pbit/s; higher values mean the same
  if (unit == 0) return 0;
  const unsigned step = std::min<unsigned>(unit, kMaxUnit) - 1;
  std::uint64_t rate = std::uint64_t{1} << (2 * (step % 5));
  for (unsigned i = 0; i <= step / 5; ++i) rate *= 1000;
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return value != 0 && rate > kMax / value ? kMax : rate * value;
}

BitRate bit_rate(std::uint64_t bits_per_second)
{
  constexpr std::uint8_t kMaxUnit = 25;
  BitRate rate{.unit = 0, .value = 0};
  for (std::uint8_t unit = 1; unit <= kMaxUnit; ++unit) {
    const std::uint64_t step = BitRate{.unit = unit, .value = 1}.bits_per_second();
    const std::uint64_t value = bits_per_second / step;
    if (value > std::numeric_limits<std::uint16_t>::max()) continue;
    const bool is_exact = value * step == bits_per_second;
    if (rate.unit == 0 || is_exact) rate = {.unit = unit, .value = static_cast<std::uint16_t>(value)};
    if (is_exact) break;
  }
  return rate;
}

bool read(Reader& in, QosRules& out)
{
  while (in.left() > 0) {
    if (!read_rule(in, out.rules.emplace_back())) return false;
  }
  return true;
}

void write(Writer& out, const QosRules& rules)
{
  for (const QosRule& rule : rules.rules) write_rule(out, rule);
}

bool read(Reader& in, QosFlowDescriptions& out)
{
  while (in.left() > 0) {
    if (!read_flow(in, out.flows.emplace_back())) return false;
  }
  return true;
}

void write(Writer& out, const QosFlowDescriptions& flows)
{
  for (const QosFlowDescription& flow : flows.flows) {
    out.u8(flow.qfi & 0x3FU);
    out.u8(static_cast<unsigned>(flow.operation) << 5);
    out.u8((flow.replaces_parameters ? 0x40U : 0U) | (static_cast<unsigned>(flow.parameters.size()) & 0x3FU));
    for (const QosFlowParameter& parameter : flow.parameters) {
      out.u8(static_cast<unsigned>(parameter.id));
      out.u8(static_cast<unsigned>(parameter.value.size()));
      out.octets(parameter.value);
    }
  }
}

bool read(Reader& in, SessionAmbr& out)
{
  out.downlink.unit = in.u8();
  out.downlink.value = in.u16();
  out.uplink.unit = in.u8();
  out.uplink.value = in.u16();
  return in.is_ok();
}

void write(Writer& out, const SessionAmbr& ambr)
{
  for (const BitRate& rate : {ambr.downlink, ambr.uplink}) {
    out.u8(rate.unit);
    out.u16(rate.value);
  }
}

}  // namespace ravi::nas
