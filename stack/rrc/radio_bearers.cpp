#include "stack/rrc/radio_bearers.h"

#include <algorithm>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

unsigned ms_of(rlc::Time time) { return static_cast<unsigned>(time.count()); }

/// 0 of the RLC configuration stands for infinity.
unsigned or_infinity(std::uint32_t number) { return number == 0 ? kInfinity : number; }
std::uint32_t or_zero(unsigned number) { return number == kInfinity ? 0 : number; }

constexpr std::uint32_t kOctetsPerKByte = 1000;

void write_am(const rlc::AmConfig& config, ie::RlcConfig::Am& out, Enumerator& enumerator)
{
  const auto sn = config.sn_size == rlc::SnSize::bits18 ? ie::SnFieldLengthAm::size18 : ie::SnFieldLengthAm::size12;
  out.ul_am_rlc.sn_field_length = sn;
  out.dl_am_rlc.sn_field_length = sn;
  enumerator.set(out.ul_am_rlc.t_poll_retransmit, kPollRetransmitMs, ms_of(config.t_poll_retransmit), "t-PollRetransmit");
  enumerator.set(out.ul_am_rlc.poll_pdu, kPollPdu, or_infinity(config.poll_pdu), "pollPDU");
  enumerator.set(out.ul_am_rlc.poll_byte, kPollKBytes, or_infinity(config.poll_octets / kOctetsPerKByte), "pollByte");
  enumerator.set(out.ul_am_rlc.max_retx_threshold, kMaxRetxThreshold, unsigned{config.max_retx_threshold}, "maxRetxThreshold");
  enumerator.set(out.dl_am_rlc.t_reassembly, kReassemblyMs, ms_of(config.t_reassembly), "t-Reassembly");
  enumerator.set(out.dl_am_rlc.t_status_prohibit, kStatusProhibitMs, ms_of(config.t_status_prohibit), "t-StatusProhibit");
}

void write_um(const rlc::UmConfig& config, ie::RlcConfig::UmBiDirectional& out, Enumerator& enumerator)
{
  const auto sn = config.sn_size == rlc::SnSize::bits12 ? ie::SnFieldLengthUm::size12 : ie::SnFieldLengthUm::size6;
  out.ul_um_rlc.sn_field_length = sn;
  out.dl_um_rlc.sn_field_length = sn;
  enumerator.set(out.dl_um_rlc.t_reassembly, kReassemblyMs, ms_of(config.t_reassembly), "t-Reassembly");
}

bool read_am(const ie::RlcConfig::Am& in, rlc::AmConfig& out)
{
  // SN lengths are given when the bearer is set up, the same both ways.
  if (in.ul_am_rlc.sn_field_length.has_value() != in.dl_am_rlc.sn_field_length.has_value()) return false;
  if (in.ul_am_rlc.sn_field_length) {
    if (*in.ul_am_rlc.sn_field_length != *in.dl_am_rlc.sn_field_length) return false;
    out.sn_size = *in.ul_am_rlc.sn_field_length == ie::SnFieldLengthAm::size18 ? rlc::SnSize::bits18 : rlc::SnSize::bits12;
  }
  const auto poll_retransmit = number_of(kPollRetransmitMs, in.ul_am_rlc.t_poll_retransmit);
  const auto poll_pdu = number_of(kPollPdu, in.ul_am_rlc.poll_pdu);
  const auto poll_kbytes = number_of(kPollKBytes, in.ul_am_rlc.poll_byte);
  const auto max_retx = number_of(kMaxRetxThreshold, in.ul_am_rlc.max_retx_threshold);
  const auto reassembly = number_of(kReassemblyMs, in.dl_am_rlc.t_reassembly);
  const auto status_prohibit = number_of(kStatusProhibitMs, in.dl_am_rlc.t_status_prohibit);
  if (!poll_retransmit || !poll_pdu || !poll_kbytes || !max_retx || !reassembly || !status_prohibit) return false;
  out.t_poll_retransmit = rlc::Time(*poll_retransmit);
  out.poll_pdu = or_zero(*poll_pdu);
  out.poll_octets = or_zero(*poll_kbytes) * kOctetsPerKByte;
  out.max_retx_threshold = static_cast<std::uint8_t>(*max_retx);
  out.t_reassembly = rlc::Time(*reassembly);
  out.t_status_prohibit = rlc::Time(*status_prohibit);
  return true;
}

bool read_um(const ie::RlcConfig::UmBiDirectional& in, rlc::UmConfig& out)
{
  if (!in.ul_um_rlc.sn_field_length || !in.dl_um_rlc.sn_field_length) return false;
  if (*in.ul_um_rlc.sn_field_length != *in.dl_um_rlc.sn_field_length) return false;
  const auto reassembly = number_of(kReassemblyMs, in.dl_um_rlc.t_reassembly);
  if (!reassembly) return false;
  out.sn_size = *in.ul_um_rlc.sn_field_length == ie::SnFieldLengthUm::size12 ? rlc::SnSize::bits12 : rlc::SnSize::bits6;
  out.t_reassembly = rlc::Time(*reassembly);
  return true;
}

bool read_logical_channel(const ie::LogicalChannelConfig& in, LogicalChannelConfig& out)
{
  if (!in.ul_specific_parameters) return true;
  const auto& ul = *in.ul_specific_parameters;
  const auto rate = number_of(kPrioritisedBitRateKBps, ul.prioritised_bit_rate);
  const auto bucket = number_of(kBucketSizeMs, ul.bucket_size_duration);
  if (!rate || !bucket) return false;
  out = {.priority = ul.priority,
         .prioritised_bit_rate_kbyte = *rate == kInfinity ? std::nullopt : std::optional(*rate),
         .bucket_size_ms = *bucket,
         .logical_channel_group = ul.logical_channel_group.value_or(0)};
  return true;
}

void write_drb(const BearerConfig& bearer, ie::DrbToAddMod& out, Enumerator& enumerator)
{
  out.drb_identity = bearer.identity();
  if (bearer.sdap) {
    using Header = ie::SdapConfig;
    ie::SdapConfig& sdap = out.cn_association.emplace().set_sdap_config();
    sdap.pdu_session = bearer.sdap->pdu_session;
    sdap.sdap_header_dl = bearer.sdap->has_downlink_header ? Header::SdapHeaderDl::present : Header::SdapHeaderDl::absent;
    sdap.sdap_header_ul = bearer.sdap->has_uplink_header ? Header::SdapHeaderUl::present : Header::SdapHeaderUl::absent;
    sdap.default_drb = bearer.sdap->is_default_drb;
    auto& flows = sdap.mapped_qos_flows_to_add.emplace();
    for (const unsigned qfi : bearer.sdap->qfis) flows.push_back(qfi);
  }
  ie::PdcpConfig& pdcp = out.pdcp_config.emplace();
  ie::PdcpConfig::Drb& drb = pdcp.drb.emplace();
  if (bearer.pdcp.discard_timer) {
    enumerator.set(drb.discard_timer.emplace(), kDiscardMs, static_cast<unsigned>(bearer.pdcp.discard_timer->count()), "discardTimer");
  } else {
    drb.discard_timer = ie::PdcpConfig::Drb::DiscardTimer::infinity;
  }
  const bool is_long = bearer.pdcp.sn_size == pdcp::SnSize::bits18;
  drb.pdcp_sn_size_ul = is_long ? ie::PdcpConfig::Drb::PdcpSnSizeUl::len18_bits : ie::PdcpConfig::Drb::PdcpSnSizeUl::len12_bits;
  drb.pdcp_sn_size_dl = is_long ? ie::PdcpConfig::Drb::PdcpSnSizeDl::len18_bits : ie::PdcpConfig::Drb::PdcpSnSizeDl::len12_bits;
  drb.header_compression.set_not_used();
  if (bearer.pdcp.has_integrity) drb.integrity_protection = ie::PdcpConfig::Drb::IntegrityProtection::enabled;
  if (bearer.pdcp.t_reordering) {
    enumerator.set(pdcp.t_reordering.emplace(), kPdcpReorderingMs, static_cast<unsigned>(bearer.pdcp.t_reordering->count()), "t-Reordering");
  }
}

bool read_pdcp(const ie::PdcpConfig& in, pdcp::Config& out)
{
  if (in.more_than_one_rlc || in.ciphering_disabled) return false;
  if (in.drb) {
    const ie::PdcpConfig::Drb& drb = *in.drb;
    if (drb.header_compression.not_used() == nullptr || !drb.pdcp_sn_size_ul || !drb.pdcp_sn_size_dl) return false;
    const bool is_long = *drb.pdcp_sn_size_ul == ie::PdcpConfig::Drb::PdcpSnSizeUl::len18_bits;
    if (is_long != (*drb.pdcp_sn_size_dl == ie::PdcpConfig::Drb::PdcpSnSizeDl::len18_bits)) return false;
    out.sn_size = is_long ? pdcp::SnSize::bits18 : pdcp::SnSize::bits12;
    out.has_integrity = drb.integrity_protection.has_value();
    const auto discard = drb.discard_timer ? number_of(kDiscardMs, *drb.discard_timer) : std::nullopt;
    out.discard_timer = discard ? std::optional(pdcp::Time(*discard)) : std::nullopt;
  }
  const auto reordering = in.t_reordering ? number_of(kPdcpReorderingMs, *in.t_reordering) : std::nullopt;
  out.t_reordering = reordering ? std::optional(pdcp::Time(*reordering)) : std::nullopt;  // absent: infinity
  return true;
}

bool read_drb(const ie::DrbToAddMod& in, BearerConfig& out)
{
  if (in.pdcp_config && !read_pdcp(*in.pdcp_config, out.pdcp)) return false;
  if (!in.cn_association) return true;
  const ie::SdapConfig* const sdap = in.cn_association->sdap_config();
  if (sdap == nullptr) return false;  // an EPS bearer
  out.sdap = SdapMapping{.pdu_session = sdap->pdu_session,
                         .qfis = {},
                         .is_default_drb = sdap->default_drb,
                         .has_uplink_header = sdap->sdap_header_ul == ie::SdapConfig::SdapHeaderUl::present,
                         .has_downlink_header = sdap->sdap_header_dl == ie::SdapConfig::SdapHeaderDl::present};
  if (sdap->mapped_qos_flows_to_add) out.sdap->qfis.assign(sdap->mapped_qos_flows_to_add->begin(), sdap->mapped_qos_flows_to_add->end());
  return true;
}

BearerConfig* find(std::span<BearerConfig> bearers, bool is_srb, unsigned identity)
{
  const auto found = std::ranges::find_if(bearers, [&](const BearerConfig& bearer) {
    return bearer.is_srb() == is_srb && bearer.identity() == identity;
  });
  return found == bearers.end() ? nullptr : &*found;
}

}  // namespace

BearerConfig srb_bearer(unsigned identity)
{
  return {.logical_channel = identity,
          .mac = {.priority = identity == 2 ? 3U : 1U},
          .rlc = rlc::AmConfig{.capacity = rlc::kSrbCapacity},
          .pdcp = pdcp::srb_config(static_cast<std::uint8_t>(identity)),
          .sdap = std::nullopt};
}

BearerConfig drb_bearer(unsigned identity, unsigned pdu_session, const std::vector<unsigned>& qfis, RlcMode mode)
{
  constexpr unsigned kFirstLcid = 3;  // LCIDs 1 to 3 are the SRBs'
  BearerConfig bearer{
      .logical_channel = kFirstLcid + identity,
      .mac = {.priority = 5, .prioritised_bit_rate_kbyte = 8, .bucket_size_ms = 300, .logical_channel_group = 2},
      .rlc = rlc::AmConfig{.sn_size = rlc::SnSize::bits18,
                           .t_poll_retransmit = rlc::Time(100),
                           .poll_pdu = 16,
                           .max_retx_threshold = 32,
                           .t_reassembly = rlc::Time(20),
                           .t_status_prohibit = rlc::Time(10)},
      .pdcp = {.bearer = pdcp::Bearer::drb_am, .identity = static_cast<std::uint8_t>(identity), .sn_size = pdcp::SnSize::bits18,
               .t_reordering = pdcp::Time(220)},  // longer than some retransmissions of RLC: what comes later is lost
      .sdap = SdapMapping{.pdu_session = pdu_session, .qfis = qfis}};
  if (mode == RlcMode::am) return bearer;
  bearer.rlc = rlc::UmConfig{.sn_size = rlc::SnSize::bits12, .t_reassembly = rlc::Time(50)};
  bearer.pdcp.bearer = pdcp::Bearer::drb_um;
  bearer.pdcp.sn_size = pdcp::SnSize::bits12;
  bearer.pdcp.t_reordering = pdcp::Time(60);
  return bearer;
}

ie::RlcBearerConfig rlc_bearer_ie(const BearerConfig& bearer, Enumerator& enumerator)
{
  ie::RlcBearerConfig out;
  out.logical_channel_identity = bearer.logical_channel;
  auto& served = out.served_radio_bearer.emplace();
  if (bearer.is_srb()) {
    served.set_srb_identity() = bearer.identity();
  } else {
    served.set_drb_identity() = bearer.identity();
  }
  ie::RlcConfig& rlc = out.rlc_config.emplace();
  if (const auto* am = std::get_if<rlc::AmConfig>(&bearer.rlc)) write_am(*am, rlc.set_am(), enumerator);
  if (const auto* um = std::get_if<rlc::UmConfig>(&bearer.rlc)) write_um(*um, rlc.set_um_bi_directional(), enumerator);
  auto& ul = out.mac_logical_channel_config.emplace().ul_specific_parameters.emplace();
  ul.priority = bearer.mac.priority;
  enumerator.set(ul.prioritised_bit_rate, kPrioritisedBitRateKBps, bearer.mac.prioritised_bit_rate_kbyte.value_or(kInfinity),
                 "prioritisedBitRate");
  enumerator.set(ul.bucket_size_duration, kBucketSizeMs, bearer.mac.bucket_size_ms, "bucketSizeDuration");
  ul.logical_channel_group = bearer.mac.logical_channel_group;
  ul.scheduling_request_id = 0;
  return out;
}

void write_radio_bearers(std::span<const BearerConfig> bearers, ie::RadioBearerConfig& out, Enumerator& enumerator)
{
  for (const BearerConfig& bearer : bearers) {
    if (bearer.is_srb()) {
      if (!out.srb_to_add_mod_list) out.srb_to_add_mod_list.emplace();
      out.srb_to_add_mod_list->emplace_back().srb_identity = bearer.identity();
    } else {
      if (!out.drb_to_add_mod_list) out.drb_to_add_mod_list.emplace();
      write_drb(bearer, out.drb_to_add_mod_list->emplace_back(), enumerator);
    }
  }
}

std::optional<BearerConfig> read_rlc_bearer(const ie::RlcBearerConfig& in)
{
  if (!in.served_radio_bearer) return std::nullopt;
  const auto* srb = in.served_radio_bearer->srb_identity();
  const auto* drb = in.served_radio_bearer->drb_identity();
  if (srb == nullptr && drb == nullptr) return std::nullopt;
  BearerConfig out = srb != nullptr ? srb_bearer(*srb) : drb_bearer(*drb, 0, {});
  out.logical_channel = in.logical_channel_identity;
  if (drb != nullptr && !in.rlc_config) return std::nullopt;
  if (in.rlc_config) {
    if (const auto* am = in.rlc_config->am()) {
      rlc::AmConfig config = std::get<rlc::AmConfig>(out.rlc);
      if (!read_am(*am, config)) return std::nullopt;
      out.rlc = config;
    } else if (const auto* um = in.rlc_config->um_bi_directional(); um != nullptr && drb != nullptr) {
      rlc::UmConfig config;
      if (!read_um(*um, config)) return std::nullopt;
      out.rlc = config;
      out.pdcp.bearer = pdcp::Bearer::drb_um;
    } else {
      return std::nullopt;
    }
  }
  if (in.mac_logical_channel_config && !read_logical_channel(*in.mac_logical_channel_config, out.mac)) return std::nullopt;
  return out;
}

bool read_radio_bearers(const ie::RadioBearerConfig& in, std::span<BearerConfig> bearers)
{
  if (in.srb_to_add_mod_list) {
    for (const ie::SrbToAddMod& srb : *in.srb_to_add_mod_list) {
      BearerConfig* const bearer = find(bearers, true, srb.srb_identity);
      if (bearer == nullptr) return false;
      if (srb.pdcp_config && !read_pdcp(*srb.pdcp_config, bearer->pdcp)) return false;
    }
  }
  if (in.drb_to_add_mod_list) {
    for (const ie::DrbToAddMod& drb : *in.drb_to_add_mod_list) {
      BearerConfig* const bearer = find(bearers, false, drb.drb_identity);
      if (bearer == nullptr || !drb.pdcp_config || !read_drb(drb, *bearer)) return false;
    }
  }
  return true;
}

}  // namespace ravi::rrc
