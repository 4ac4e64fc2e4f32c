#include "stack/sdap/sdap.h"

#include <algorithm>

namespace ravi::sdap {

std::optional<Pdu<DownlinkHeader>> read_downlink(bool has_header, std::span<const std::uint8_t> pdu) noexcept
{
  if (pdu.size() < (has_header ? kHeaderOctets + 1 : 1)) return std::nullopt;
  if (!has_header) return Pdu<DownlinkHeader>{std::nullopt, pdu};
  return Pdu<DownlinkHeader>{decode_downlink(pdu[0]), pdu.subspan(kHeaderOctets)};
}

std::optional<Pdu<UplinkHeader>> read_uplink(bool has_header, std::span<const std::uint8_t> pdu) noexcept
{
  if (pdu.empty()) return std::nullopt;
  if (!has_header) return Pdu<UplinkHeader>{std::nullopt, pdu};
  const UplinkHeader header = decode_uplink(pdu[0]);
  if (!header.is_data) return Pdu<UplinkHeader>{header, {}};
  if (pdu.size() == kHeaderOctets) return std::nullopt;
  return Pdu<UplinkHeader>{header, pdu.subspan(kHeaderOctets)};
}

std::size_t write(std::optional<std::uint8_t> header, std::span<const std::uint8_t> packet, std::span<std::uint8_t> out) noexcept
{
  const std::size_t at = header ? kHeaderOctets : 0;
  if (at + packet.size() > out.size()) return 0;
  if (header) out[0] = *header;
  std::copy(packet.begin(), packet.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  return at + packet.size();
}

QosFlowMapping::Change QosFlowMapping::map(std::uint8_t qfi, std::uint8_t drb) noexcept
{
  const auto before = drb_of(qfi);
  drb_[qfi % kNumQfi] = drb;
  return {before && *before != drb ? before : std::nullopt};
}

QosFlowMapping::Change QosFlowMapping::reflect(const DownlinkHeader& header, std::uint8_t drb) noexcept
{
  return header.has_reflective_mapping ? map(header.qfi, drb) : Change{};
}

std::optional<std::uint8_t> QosFlowMapping::drb_of(std::uint8_t qfi) const noexcept
{
  const auto& own = drb_[qfi % kNumQfi];
  return own ? own : default_drb_;
}

}  // namespace ravi::sdap
