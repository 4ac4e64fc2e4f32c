#include "stack/ngap/ies.h"

#include <algorithm>
#include <utility>

namespace ravi::ngap {
namespace {

/// The cause's value as the enumeration of its group; numbers of later releases pass through.
template <class Enum>
Cause cause_of(Cause::Group group, Enum value)
{
  return {group, static_cast<std::uint8_t>(value)};
}

/// NULL encryption is not in the bit string: 16 bits, algorithm 1 first. TS 38.413 §9.3.1.86.
asn1::BitString algorithms(std::uint16_t bits) { return asn1::BitString::from(bits, 16); }
std::uint16_t algorithms(const asn1::BitString& bits)
{
  const std::uint64_t value = bits.value();
  const std::size_t size = std::min<std::size_t>(bits.size, 64);
  return static_cast<std::uint16_t>(size >= 16 ? value >> (size - 16) : value << (16 - size));
}

template <class T>
Octets octets_of(const T& transfer)
{
  auto encoded = per::encode(transfer);
  return encoded ? std::move(*encoded) : Octets{};
}

}  // namespace

per::PlmnIdentity write_plmn(const Plmn& plmn)
{
  const auto digit = [](const std::string& text, std::size_t i) {  // TS 38.413 §9.3.3.5
    return i < text.size() && text[i] >= '0' && text[i] <= '9' ? static_cast<unsigned>(text[i] - '0') : 0xFU;
  };
  const auto octet = [](unsigned low, unsigned high) { return static_cast<std::uint8_t>(low | high << 4); };
  return {octet(digit(plmn.mcc, 0), digit(plmn.mcc, 1)), octet(digit(plmn.mcc, 2), digit(plmn.mnc, 2)),
          octet(digit(plmn.mnc, 0), digit(plmn.mnc, 1))};
}

bool read(const per::PlmnIdentity& in, Plmn& out)
{
  const auto low = [&in](std::size_t i) { return in[i] & 15U; };
  const auto high = [&in](std::size_t i) { return unsigned{in[i]} >> 4; };
  const std::array<unsigned, 6> digits{low(0), high(0), low(1), low(2), high(2), high(1)};
  const std::size_t count = digits[5] == 15 ? 5 : 6;
  if (std::any_of(digits.begin(), digits.begin() + static_cast<std::ptrdiff_t>(count), [](unsigned d) { return d > 9; })) {
    return false;
  }
  out = {.mcc = {}, .mnc = {}};
  for (std::size_t i = 0; i < count; ++i) (i < 3 ? out.mcc : out.mnc).push_back(static_cast<char>('0' + digits[i]));
  return true;
}

per::Tac write_tac(std::uint32_t tac)
{
  return {static_cast<std::uint8_t>(tac >> 16), static_cast<std::uint8_t>(tac >> 8), static_cast<std::uint8_t>(tac)};
}
std::uint32_t read_tac(const per::Tac& tac) { return std::uint32_t{tac[0]} << 16 | std::uint32_t{tac[1]} << 8 | tac[2]; }

void write(const Tai& in, per::Tai& out)
{
  out.plmn_identity = write_plmn(in.plmn);
  out.tac = write_tac(in.tac);
}
bool read(const per::Tai& in, Tai& out)
{
  out.tac = read_tac(in.tac);
  return read(in.plmn_identity, out.plmn);
}

void write(const Slice& in, per::SNssai& out)
{
  out.sst = {in.sst};
  if (in.sd) out.sd = write_tac(*in.sd);
}
Slice read_slice(const per::SNssai& in)
{
  Slice out{.sst = in.sst[0], .sd = {}};
  if (in.sd) out.sd = read_tac(*in.sd);
  return out;
}

void write(const Location& in, per::UserLocationInformation& out)
{
  auto& nr = out.set_user_location_information_nr();
  nr.nr_cgi.plmn_identity = write_plmn(in.cell_plmn);
  nr.nr_cgi.nr_cell_identity.value = in.nr_cell_identity;
  write(in.tai, nr.tai);
}
bool read(const per::UserLocationInformation& in, Location& out)
{
  const auto* nr = in.user_location_information_nr();
  if (nr == nullptr) return false;
  out.nr_cell_identity = nr->nr_cgi.nr_cell_identity.value;
  return read(nr->nr_cgi.plmn_identity, out.cell_plmn) && read(nr->tai, out.tai);
}

void write(const STmsi& in, per::FiveGSTmsi& out)
{
  out.amf_set_id.value = in.amf_set;
  out.amf_pointer.value = in.amf_pointer;
  for (unsigned i = 0; i < 4; ++i) out.five_g_tmsi[i] = static_cast<std::uint8_t>(in.tmsi >> (24 - 8 * i));
}
STmsi read_s_tmsi(const per::FiveGSTmsi& in)
{
  STmsi out{static_cast<std::uint16_t>(in.amf_set_id.value), static_cast<std::uint8_t>(in.amf_pointer.value), 0};
  for (const std::uint8_t octet : in.five_g_tmsi) out.tmsi = out.tmsi << 8 | octet;
  return out;
}

void write(const Guami& in, per::Guami& out)
{
  out.plmn_identity = write_plmn(in.plmn);
  out.amf_region_id.value = in.region;
  out.amf_set_id.value = in.set;
  out.amf_pointer.value = in.pointer;
}
bool read(const per::Guami& in, Guami& out)
{
  out.region = static_cast<std::uint8_t>(in.amf_region_id.value);
  out.set = static_cast<std::uint16_t>(in.amf_set_id.value);
  out.pointer = static_cast<std::uint8_t>(in.amf_pointer.value);
  return read(in.plmn_identity, out.plmn);
}

void write(const Cause& in, per::Cause& out)
{
  switch (in.group) {
    case Cause::Group::radio_network: out.set_radio_network() = static_cast<per::CauseRadioNetwork>(in.value); break;
    case Cause::Group::transport: out.set_transport() = static_cast<per::CauseTransport>(in.value); break;
    case Cause::Group::nas: out.set_nas() = static_cast<per::CauseNas>(in.value); break;
    case Cause::Group::protocol: out.set_protocol() = static_cast<per::CauseProtocol>(in.value); break;
    case Cause::Group::misc: out.set_misc() = static_cast<per::CauseMisc>(in.value); break;
  }
}
Cause read_cause(const per::Cause& in)
{
  if (const auto* value = in.radio_network()) return cause_of(Cause::Group::radio_network, *value);
  if (const auto* value = in.transport()) return cause_of(Cause::Group::transport, *value);
  if (const auto* value = in.nas()) return cause_of(Cause::Group::nas, *value);
  if (const auto* value = in.protocol()) return cause_of(Cause::Group::protocol, *value);
  if (const auto* value = in.misc()) return cause_of(Cause::Group::misc, *value);
  return cause::kUnspecified;  // a group of a later release
}

void write(const SecurityCapabilities& in, per::UeSecurityCapabilities& out)
{
  out.n_rencryption_algorithms = algorithms(in.nea);
  out.n_rintegrity_protection_algorithms = algorithms(in.nia);
  out.eutr_aencryption_algorithms = algorithms(in.eea);
  out.eutr_aintegrity_protection_algorithms = algorithms(in.eia);
}
SecurityCapabilities read_security(const per::UeSecurityCapabilities& in)
{
  return {algorithms(in.n_rencryption_algorithms), algorithms(in.n_rintegrity_protection_algorithms),
          algorithms(in.eutr_aencryption_algorithms), algorithms(in.eutr_aintegrity_protection_algorithms)};
}

void write(const Tunnel& in, per::UpTransportLayerInformation& out)
{
  auto& tunnel = out.set_gtp_tunnel();
  tunnel.transport_layer_address = {.bytes = {in.address.begin(), in.address.end()}, .size = 32};
  for (unsigned i = 0; i < 4; ++i) tunnel.gtp_teid[i] = static_cast<std::uint8_t>(in.teid >> (24 - 8 * i));
}
bool read(const per::UpTransportLayerInformation& in, Tunnel& out)
{
  const auto* tunnel = in.gtp_tunnel();
  // 32 bits IPv4, 128 bits IPv6, 160 bits both, IPv4 first. TS 38.414 §5.1.
  if (tunnel == nullptr || (tunnel->transport_layer_address.size != 32 && tunnel->transport_layer_address.size != 160)) return false;
  std::copy_n(tunnel->transport_layer_address.bytes.begin(), 4, out.address.begin());
  out.teid = 0;
  for (const std::uint8_t octet : tunnel->gtp_teid) out.teid = out.teid << 8 | octet;
  return true;
}

void write(const Diagnostics& in, per::CriticalityDiagnostics& out)
{
  if (in.procedure_code) out.procedure_code = *in.procedure_code;
  if (in.triggering) out.triggering_message = static_cast<per::TriggeringMessage>(*in.triggering);
  if (in.criticality) out.procedure_criticality = static_cast<per::Criticality>(*in.criticality);
  if (in.ies.empty()) return;
  auto& list = out.ies_criticality_diagnostics.emplace();
  for (const Diagnostics::Ie& ie : in.ies) {
    auto& item = list.emplace_back();
    item.ie_id = ie.id;
    item.ie_criticality = static_cast<per::Criticality>(ie.criticality);
    item.type_of_error = ie.is_missing ? per::TypeOfError::missing : per::TypeOfError::not_understood;
  }
}
Diagnostics read_diagnostics(const per::CriticalityDiagnostics& in)
{
  Diagnostics out;
  if (in.procedure_code) out.procedure_code = static_cast<std::uint8_t>(*in.procedure_code);
  if (in.triggering_message) out.triggering = static_cast<std::uint8_t>(*in.triggering_message);
  if (in.procedure_criticality) out.criticality = static_cast<std::uint8_t>(*in.procedure_criticality);
  if (!in.ies_criticality_diagnostics) return out;
  for (const auto& item : *in.ies_criticality_diagnostics) {
    out.ies.push_back({.id = static_cast<std::uint16_t>(item.ie_id),
                       .criticality = static_cast<std::uint8_t>(item.ie_criticality),
                       .is_missing = item.type_of_error == per::TypeOfError::missing});
  }
  return out;
}

void write(const Ambr& in, per::UeAggregateMaximumBitRate& out)
{
  out.ue_aggregate_maximum_bit_rate_dl = static_cast<std::int64_t>(in.downlink);
  out.ue_aggregate_maximum_bit_rate_ul = static_cast<std::int64_t>(in.uplink);
}
Ambr read_ambr(const per::UeAggregateMaximumBitRate& in)
{
  return {static_cast<std::uint64_t>(in.ue_aggregate_maximum_bit_rate_dl),
          static_cast<std::uint64_t>(in.ue_aggregate_maximum_bit_rate_ul)};
}

Octets write_setup_transfer(const SessionSetup& in)
{
  per::PduSessionResourceSetupRequestTransfer transfer;
  auto& ies = transfer.protocol_ies;
  if (in.ambr) {
    auto& ambr = ies.pdu_session_aggregate_maximum_bit_rate.emplace();
    ambr.pdu_session_aggregate_maximum_bit_rate_dl = static_cast<std::int64_t>(in.ambr->downlink);
    ambr.pdu_session_aggregate_maximum_bit_rate_ul = static_cast<std::int64_t>(in.ambr->uplink);
  }
  write(in.uplink, ies.ul_ngu_up_tnl_information);
  ies.pdu_session_type = per::PduSessionType::ipv4;
  for (const QosFlow& flow : in.flows) {
    auto& item = ies.qos_flow_setup_request_list.emplace_back();
    item.qos_flow_identifier = flow.qfi;
    item.qos_flow_level_qos_parameters.qos_characteristics.set_non_dynamic5_qi().five_qi = flow.five_qi;
    auto& arp = item.qos_flow_level_qos_parameters.allocation_and_retention_priority;
    arp.priority_level_arp = flow.arp_priority;
    arp.pre_emption_capability = per::PreEmptionCapability::shall_not_trigger_pre_emption;
    arp.pre_emption_vulnerability = per::PreEmptionVulnerability::not_pre_emptable;
  }
  return octets_of(transfer);
}

std::optional<Cause> read_setup_transfer(const Octets& octets, SessionSetup& out)
{
  const auto transfer = per::decode<per::PduSessionResourceSetupRequestTransfer>(octets);
  if (!transfer) return cause::kTransferSyntaxError;
  const auto& ies = transfer->protocol_ies;
  const bool is_understood = std::ranges::none_of(ies.unknown_ies, [](const asn1::UnknownIe& ie) { return ie.criticality == 0; });
  if (!is_understood) return cause::kAbstractSyntaxReject;  // TS 38.413 §10.3.4.2
  using Integrity = per::IntegrityProtectionIndication;
  if (ies.security_indication && ies.security_indication->integrity_protection_indication == Integrity::required) {
    return cause::kUpIntegrityNotPossible;  // this gNB has none on DRBs
  }
  if (!read(ies.ul_ngu_up_tnl_information, out.uplink)) return cause::kTransportUnavailable;
  if (ies.pdu_session_aggregate_maximum_bit_rate) {
    const auto& ambr = *ies.pdu_session_aggregate_maximum_bit_rate;
    out.ambr = Ambr{static_cast<std::uint64_t>(ambr.pdu_session_aggregate_maximum_bit_rate_dl),
                    static_cast<std::uint64_t>(ambr.pdu_session_aggregate_maximum_bit_rate_ul)};
  }
  for (const auto& item : ies.qos_flow_setup_request_list) {
    const auto& parameters = item.qos_flow_level_qos_parameters;
    const auto* non_dynamic = parameters.qos_characteristics.non_dynamic5_qi();
    if (non_dynamic == nullptr || item.qos_flow_identifier > 63) continue;  // this gNB serves standardized 5QIs
    out.flows.push_back({.qfi = static_cast<std::uint8_t>(item.qos_flow_identifier),
                         .five_qi = static_cast<std::uint8_t>(non_dynamic->five_qi),
                         .arp_priority = static_cast<std::uint8_t>(parameters.allocation_and_retention_priority.priority_level_arp)});
  }
  return out.flows.empty() ? std::optional(cause::kFiveQiNotSupported) : std::nullopt;
}

Octets write_admitted_transfer(const SessionAdmitted& in)
{
  per::PduSessionResourceSetupResponseTransfer transfer;
  auto& information = transfer.dl_qos_flow_per_tnl_information;
  write(in.downlink, information.up_transport_layer_information);
  for (const std::uint8_t qfi : in.qfis) information.associated_qos_flow_list.emplace_back().qos_flow_identifier = qfi;
  return octets_of(transfer);
}

bool read_admitted_transfer(const Octets& octets, SessionAdmitted& out)
{
  const auto transfer = per::decode<per::PduSessionResourceSetupResponseTransfer>(octets);
  if (!transfer) return false;
  const auto& information = transfer->dl_qos_flow_per_tnl_information;
  for (const auto& flow : information.associated_qos_flow_list) {
    out.qfis.push_back(static_cast<std::uint8_t>(flow.qos_flow_identifier));
  }
  return read(information.up_transport_layer_information, out.downlink);
}

Octets write_failed_transfer(const Cause& in)
{
  per::PduSessionResourceSetupUnsuccessfulTransfer transfer;
  write(in, transfer.cause);
  return octets_of(transfer);
}
Cause read_failed_transfer(const Octets& octets)
{
  const auto transfer = per::decode<per::PduSessionResourceSetupUnsuccessfulTransfer>(octets);
  return transfer ? read_cause(transfer->cause) : cause::kUnspecified;
}

Octets write_release_transfer(const Cause& in)
{
  per::PduSessionResourceReleaseCommandTransfer transfer;
  write(in, transfer.cause);
  return octets_of(transfer);
}
Cause read_release_transfer(const Octets& octets)
{
  const auto transfer = per::decode<per::PduSessionResourceReleaseCommandTransfer>(octets);
  return transfer ? read_cause(transfer->cause) : cause::kUnspecified;
}

}  // namespace ravi::ngap
