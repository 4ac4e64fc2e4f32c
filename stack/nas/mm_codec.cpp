#include "stack/nas/codec.h"
#include "stack/nas/message_io.h"

namespace ravi::nas {

// -- fields that share an octet -----------------------------------------------------------------------------------------

static std::uint8_t half_of(const KeySet& key_set)
{
  return static_cast<std::uint8_t>((key_set.id & 7U) | (key_set.is_mapped ? 8U : 0U));
}
static void set_half(KeySet& key_set, std::uint8_t half)
{
  key_set.id = half & 7;
  key_set.is_mapped = (half & 8) != 0;
}

static std::uint8_t half_of(const DeregistrationType& type)
{
  return static_cast<std::uint8_t>((static_cast<unsigned>(type.access) & 3U) | (type.needs_reregistration ? 4U : 0U) |
                                   (type.is_switch_off ? 8U : 0U));
}
static void set_half(DeregistrationType& type, std::uint8_t half)
{
  type.access = static_cast<AccessType>(half & 3);
  type.needs_reregistration = (half & 4) != 0;
  type.is_switch_off = (half & 8) != 0;
}

/// 5GS registration type, with the message's own members. TS 24.501 §9.11.3.7.
template <class Type, class Flag>
struct RegistrationTypeHalf {
  Type& type;
  Flag& has_follow_on;
};
template <class Type, class Flag>
RegistrationTypeHalf(Type&, Flag&) -> RegistrationTypeHalf<Type, Flag>;
template <class Type, class Flag>
static std::uint8_t half_of(const RegistrationTypeHalf<Type, Flag>& half)
{
  return static_cast<std::uint8_t>((static_cast<unsigned>(half.type) & 7U) | (half.has_follow_on ? 8U : 0U));
}
template <class Type, class Flag>
static void set_half(const RegistrationTypeHalf<Type, Flag>& out, std::uint8_t half)
{
  out.type = static_cast<Type>(half & 7);
  out.has_follow_on = (half & 8) != 0;
}

static bool read(Reader& in, RegistrationResult& out)
{
  const std::uint8_t octet = in.u8();
  out.access = static_cast<AccessType>(octet & 7);
  out.allows_sms = (octet & 8) != 0;
  out.more = octet & 0xF0;
  return in.is_ok();
}
static void write(Writer& out, const RegistrationResult& result)
{
  out.u8((static_cast<unsigned>(result.access) & 7U) | (result.allows_sms ? 8U : 0U) | (result.more & 0xF0U));
}

// -- layouts, in the order of TS 24.501 §8.2 ------------------------------------------------------------------------------

/// A message of nothing but its header.
struct EmptyLayout {
  static void mandatory(auto&, auto&) {}
  static void optional(auto&, auto&) {}
};
/// A message of nothing but a cause.
struct CauseLayout {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto&, auto&) {}
};

template <>
struct Layout<RegistrationRequest> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(RegistrationTypeHalf{m.type, m.has_follow_on}, m.key_set);
    io.lv_e(m.identity);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv_half(0xC0, m.non_current_key_set);
    io.tlv(0x10, m.mm_capability);
    io.tlv(0x2E, m.security_capability);
    io.tlv(0x2F, m.requested_nssai);
    io.tv(0x52, 6, m.last_visited_tai);
    io.tlv(0x17, m.s1_network_capability);
    io.tlv(0x40, m.uplink_data_status);
    io.tlv(0x50, m.pdu_session_status);
    io.tv_half(0xB0, m.mico);
    io.tlv(0x2B, m.ue_status);
    io.tlv_e(0x77, m.additional_guti);
    io.tlv(0x25, m.allowed_pdu_session_status);
    io.tlv(0x18, m.ue_usage_setting);
    io.tlv(0x51, m.requested_drx);
    io.tlv_e(0x70, m.eps_container);
    io.tlv_e(0x74, m.ladn_indication);
    io.tv_half(0x80, m.payload_type);
    io.tlv_e(0x7B, m.payload);
    io.tv_half(0x90, m.slicing_indication);
    io.tlv(0x53, m.update_type);
    io.tlv(0x41, m.classmark2);
    io.tlv(0x42, m.supported_codecs);
    io.tlv_e(0x71, m.nas_message);
    io.tlv(0x60, m.eps_bearer_status);
    io.tlv(0x6E, m.extended_drx);
    io.tlv(0x6A, m.t3324);
    io.tlv(0x67, m.radio_capability_id);
    io.tlv(0x35, m.requested_mapped_nssai);
    io.tlv(0x48, m.additional_information);
  }
};

template <>
struct Layout<RegistrationAccept> {
  static void mandatory(auto& io, auto& m) { io.lv(m.result); }
  static void optional(auto& io, auto& m)
  {
    io.tlv_e(0x77, m.guti);
    io.tlv(0x4A, m.equivalent_plmns);
    io.tlv(0x54, m.tai_list);
    io.tlv(0x15, m.allowed_nssai);
    io.tlv(0x11, m.rejected_nssai);
    io.tlv(0x31, m.configured_nssai);
    io.tlv(0x21, m.network_feature_support);
    io.tlv(0x50, m.pdu_session_status);
    io.tlv(0x26, m.reactivation_result);
    io.tlv_e(0x72, m.reactivation_errors);
    io.tlv_e(0x79, m.ladn_information);
    io.tv_half(0xB0, m.mico);
    io.tv_half(0x90, m.slicing_indication);
    io.tlv(0x27, m.service_area_list);
    io.tlv(0x5E, m.t3512);
    io.tlv(0x5D, m.non_3gpp_deregistration_timer);
    io.tlv(0x16, m.t3502);
    io.tlv(0x34, m.emergency_numbers);
    io.tlv_e(0x7A, m.extended_emergency_numbers);
    io.tlv_e(0x73, m.sor_container);
    io.tlv_e(0x78, m.eap);
    io.tv_half(0xA0, m.nssai_inclusion_mode);
    io.tlv_e(0x76, m.access_categories);
    io.tlv(0x51, m.negotiated_drx);
    io.tv_half(0xD0, m.non_3gpp_policies);
    io.tlv(0x60, m.eps_bearer_status);
    io.tlv(0x6E, m.extended_drx);
    io.tlv(0x6C, m.t3447);
    io.tlv(0x6B, m.t3448);
    io.tlv(0x6A, m.t3324);
    io.tlv(0x67, m.radio_capability_id);
    io.tv_half(0xE0, m.radio_capability_id_deletion);
    io.tlv(0x39, m.pending_nssai);
  }
};

template <>
struct Layout<RegistrationComplete> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m) { io.tlv_e(0x73, m.sor_container); }
};

template <>
struct Layout<RegistrationReject> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x5F, m.t3346);
    io.tlv(0x16, m.t3502);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x69, m.rejected_nssai);
  }
};

template <>
struct Layout<DeregistrationRequestUe> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.type, m.key_set);
    io.lv_e(m.identity);
  }
  static void optional(auto&, auto&) {}
};
template <>
struct Layout<DeregistrationAcceptUe> : EmptyLayout {};
template <>
struct Layout<DeregistrationRequestNetwork> {
  static void mandatory(auto& io, auto& m) { io.halves(m.type, SpareHalf{}); }
  static void optional(auto& io, auto& m)
  {
    io.tv(0x58, 1, m.cause);
    io.tlv(0x5F, m.t3346);
    io.tlv(0x6D, m.rejected_nssai);
  }
};
template <>
struct Layout<DeregistrationAcceptNetwork> : EmptyLayout {};

template <>
struct Layout<ServiceRequest> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.key_set, m.type);
    io.lv_e(m.identity);
  }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x40, m.uplink_data_status);
    io.tlv(0x50, m.pdu_session_status);
    io.tlv(0x25, m.allowed_pdu_session_status);
    io.tlv_e(0x71, m.nas_message);
  }
};
template <>
struct Layout<ServiceReject> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x50, m.pdu_session_status);
    io.tlv(0x5F, m.t3346);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x6B, m.t3448);
  }
};
template <>
struct Layout<ServiceAccept> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x50, m.pdu_session_status);
    io.tlv(0x26, m.reactivation_result);
    io.tlv_e(0x72, m.reactivation_errors);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x6B, m.t3448);
  }
};

template <>
struct Layout<ConfigurationUpdateCommand> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tv_half(0xD0, m.indication);
    io.tlv_e(0x77, m.guti);
    io.tlv(0x54, m.tai_list);
    io.tlv(0x15, m.allowed_nssai);
    io.tlv(0x27, m.service_area_list);
    io.tlv(0x43, m.full_name);
    io.tlv(0x45, m.short_name);
    io.tv(0x46, 1, m.time_zone);
    io.tv(0x47, 7, m.universal_time);
    io.tlv(0x49, m.daylight_saving);
    io.tlv_e(0x79, m.ladn_information);
    io.tv_half(0xB0, m.mico);
    io.tv_half(0x90, m.slicing_indication);
    io.tlv(0x31, m.configured_nssai);
    io.tlv(0x11, m.rejected_nssai);
    io.tlv_e(0x76, m.access_categories);
    io.tv_half(0xF0, m.sms_indication);
    io.tlv(0x6C, m.t3447);
  }
};
template <>
struct Layout<ConfigurationUpdateComplete> : EmptyLayout {};

template <>
struct Layout<AuthenticationRequest> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.key_set, SpareHalf{});
    io.lv(m.abba);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv(0x21, 16, m.rand);
    io.tlv(0x20, m.autn);
    io.tlv_e(0x78, m.eap);
  }
};
template <>
struct Layout<AuthenticationResponse> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x2D, m.res_star);
    io.tlv_e(0x78, m.eap);
  }
};
template <>
struct Layout<AuthenticationReject> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m) { io.tlv_e(0x78, m.eap); }
};
template <>
struct Layout<AuthenticationFailure> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m) { io.tlv(0x30, m.auts); }
};
template <>
struct Layout<AuthenticationResult> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.key_set, SpareHalf{});
    io.lv_e(m.eap);
  }
  static void optional(auto& io, auto& m) { io.tlv(0x38, m.abba); }
};

template <>
struct Layout<IdentityRequest> {
  static void mandatory(auto& io, auto& m) { io.halves(m.type, SpareHalf{}); }
  static void optional(auto&, auto&) {}
};
template <>
struct Layout<IdentityResponse> {
  static void mandatory(auto& io, auto& m) { io.lv_e(m.identity); }
  static void optional(auto&, auto&) {}
};

template <>
struct Layout<SecurityModeCommand> {
  static void mandatory(auto& io, auto& m)
  {
    io.v(m.algorithms);
    io.halves(m.key_set, SpareHalf{});
    io.lv(m.replayed_capability);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv_half(0xE0, m.imeisv_request);
    io.tv(0x57, 1, m.eps_algorithms);
    io.tlv(0x36, m.additional);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x38, m.abba);
    io.tlv(0x19, m.replayed_s1_capability);
  }
};
template <>
struct Layout<SecurityModeComplete> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tlv_e(0x77, m.imeisv);
    io.tlv_e(0x71, m.nas_message);
    io.tlv_e(0x78, m.non_imeisv_pei);
  }
};
template <>
struct Layout<SecurityModeReject> : CauseLayout {};
template <>
struct Layout<MmStatus> : CauseLayout {};

template <>
struct Layout<UplinkNasTransport> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.payload_type, SpareHalf{});
    io.lv_e(m.payload);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv(0x12, 1, m.pdu_session_id);
    io.tv(0x59, 1, m.old_pdu_session_id);
    io.tv_half(0x80, m.request_type);
    io.tlv(0x22, m.s_nssai);
    io.tlv(0x25, m.dnn);
    io.tlv(0x24, m.additional_information);
    io.tv_half(0xA0, m.ma_pdu_session);
    io.tv_half(0xF0, m.release_assistance);
  }
};
template <>
struct Layout<DownlinkNasTransport> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.payload_type, SpareHalf{});
    io.lv_e(m.payload);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv(0x12, 1, m.pdu_session_id);
    io.tlv(0x24, m.additional_information);
    io.tv(0x58, 1, m.cause);
    io.tlv(0x37, m.back_off);
  }
};

// -- the codec ------------------------------------------------------------------------------------------------------------

tl::expected<MmMessage, DecodeError> decode_mm(std::span<const std::uint8_t> octets)
{
  Reader in(octets);
  const std::uint8_t discriminator = in.u8();
  const std::uint8_t security_header = in.u8();
  DecodeError error;
  error.message_type = in.u8();
  if (!in.is_ok() || discriminator != kEpdMm || (security_header & 0x0F) != 0) return tl::unexpected(error);
  error.answer = DecodeError::Answer::status;
  error.cause = MmCause::message_type_not_implemented;  // TS 24.501 §7.4
  MmMessage message;
  auto outcome = ReadOutcome::read;
  const bool is_known = with_type<MmMessage>(error.message_type, [&](auto& m) {
    outcome = read_message(in, m);
    message = std::move(m);
  });
  if (is_known && outcome == ReadOutcome::read) return message;
  if (is_known) error.cause = MmCause::invalid_mandatory_information;  // §7.5.1, §7.6.1
  return tl::unexpected(error);
}

Octets encode(const MmMessage& message)
{
  return std::visit(
      []<class M>(const M& m) {
        Octets out = {kEpdMm, 0, M::kType};
        write_message(out, m);
        return out;
      },
      message);
}

std::string_view name_of(const MmMessage& message)
{
  static constexpr std::array<std::string_view, std::variant_size_v<MmMessage>> kNames = {
      "Registration request", "Registration accept", "Registration complete", "Registration reject",
      "Deregistration request (UE originating)", "Deregistration accept (UE originating)",
      "Deregistration request (UE terminated)", "Deregistration accept (UE terminated)", "Service request",
      "Service reject", "Service accept", "Configuration update command", "Configuration update complete",
      "Authentication request", "Authentication response", "Authentication reject", "Authentication failure",
      "Authentication result", "Identity request", "Identity response", "Security mode command",
      "Security mode complete", "Security mode reject", "5GMM status", "UL NAS transport", "DL NAS transport"};
  return kNames[message.index()];
}

}  // namespace ravi::nas
