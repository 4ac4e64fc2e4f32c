#include "stack/nas/codec.h"
#include "stack/nas/message_io.h"

namespace ravi::nas {

static bool read(Reader& in, MaxIntegrityRate& out)
{
  out.uplink = in.u8();
  out.downlink = in.u8();
  return in.is_ok();
}
static void write(Writer& out, const MaxIntegrityRate& rate)
{
  out.u8(rate.uplink);
  out.u8(rate.downlink);
}

// -- layouts, in the order of TS 24.501 §8.3; the header is written and read apart ----------------------------------------

template <>
struct Layout<PduSessionEstablishmentRequest> {
  static void mandatory(auto& io, auto& m) { io.v(m.max_integrity_rate); }
  static void optional(auto& io, auto& m)
  {
    io.tv_half(0x90, m.type);
    io.tv_half(0xA0, m.ssc_mode);
    io.tlv(0x28, m.sm_capability);
    io.tv(0x55, 2, m.max_packet_filters);
    io.tv_half(0xB0, m.always_on);
    io.tlv(0x39, m.dn_request);
    io.tlv_e(0x7B, m.options);
    io.tlv(0x66, m.header_compression);
  }
};

template <>
struct Layout<PduSessionEstablishmentAccept> {
  static void mandatory(auto& io, auto& m)
  {
    io.halves(m.type, m.ssc_mode);
    io.lv_e(m.rules);
    io.lv(m.ambr);
  }
  static void optional(auto& io, auto& m)
  {
    io.tv(0x59, 1, m.cause);
    io.tlv(0x29, m.address);
    io.tv(0x56, 1, m.rq_timer);
    io.tlv(0x22, m.s_nssai);
    io.tv_half(0x80, m.always_on);
    io.tlv_e(0x75, m.mapped_eps_bearers);
    io.tlv_e(0x78, m.eap);
    io.tlv_e(0x79, m.flows);
    io.tlv_e(0x7B, m.options);
    io.tlv(0x25, m.dnn);
    io.tlv(0x17, m.network_feature_support);
    io.tlv(0x18, m.rate_control);
    io.tlv_e(0x77, m.atsss);
    io.tv_half(0xC0, m.control_plane_only);
    io.tlv(0x66, m.header_compression);
  }
};

template <>
struct Layout<PduSessionEstablishmentReject> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x37, m.back_off);
    io.tv_half(0xF0, m.allowed_ssc_modes);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x61, m.congestion_reattempt);
    io.tlv_e(0x7B, m.options);
    io.tlv(0x1D, m.reattempt);
  }
};

template <>
struct Layout<PduSessionModificationRequest> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x28, m.sm_capability);
    io.tv(0x59, 1, m.cause);
    io.tv(0x55, 2, m.max_packet_filters);
    io.tv_half(0xB0, m.always_on);
    io.tv(0x13, 2, m.max_integrity_rate);
    io.tlv_e(0x7A, m.rules);
    io.tlv_e(0x79, m.flows);
    io.tlv_e(0x75, m.mapped_eps_bearers);
    io.tlv_e(0x7B, m.options);
  }
};

template <>
struct Layout<PduSessionModificationReject> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x37, m.back_off);
    io.tlv(0x61, m.congestion_reattempt);
    io.tlv_e(0x7B, m.options);
    io.tlv(0x1D, m.reattempt);
  }
};

template <>
struct Layout<PduSessionModificationCommand> {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tv(0x59, 1, m.cause);
    io.tlv(0x2A, m.ambr);
    io.tv(0x56, 1, m.rq_timer);
    io.tv_half(0x80, m.always_on);
    io.tlv_e(0x7A, m.rules);
    io.tlv_e(0x75, m.mapped_eps_bearers);
    io.tlv_e(0x79, m.flows);
    io.tlv_e(0x7B, m.options);
  }
};

/// Extended options alone.
struct OptionsLayout {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m) { io.tlv_e(0x7B, m.options); }
};
/// A cause and extended options.
struct CauseOptionsLayout {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m) { io.tlv_e(0x7B, m.options); }
};
/// The same, the cause optional too.
struct OptionalCauseLayout {
  static void mandatory(auto&, auto&) {}
  static void optional(auto& io, auto& m)
  {
    io.tv(0x59, 1, m.cause);
    io.tlv_e(0x7B, m.options);
  }
};

template <>
struct Layout<PduSessionModificationComplete> : OptionsLayout {};
template <>
struct Layout<PduSessionModificationCommandReject> : CauseOptionsLayout {};
template <>
struct Layout<PduSessionReleaseRequest> : OptionalCauseLayout {};
template <>
struct Layout<PduSessionReleaseReject> : CauseOptionsLayout {};

template <>
struct Layout<PduSessionReleaseCommand> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto& io, auto& m)
  {
    io.tlv(0x37, m.back_off);
    io.tlv_e(0x78, m.eap);
    io.tlv(0x61, m.congestion_reattempt);
    io.tlv_e(0x7B, m.options);
    io.tv_half(0xD0, m.access);
  }
};

template <>
struct Layout<PduSessionReleaseComplete> : OptionalCauseLayout {};

template <>
struct Layout<SmStatus> {
  static void mandatory(auto& io, auto& m) { io.v(m.cause); }
  static void optional(auto&, auto&) {}
};

// -- the codec ------------------------------------------------------------------------------------------------------------

tl::expected<SmMessage, DecodeError> decode_sm(std::span<const std::uint8_t> octets)
{
  Reader in(octets);
  const std::uint8_t discriminator = in.u8();
  DecodeError error;
  error.sm_header.pdu_session_id = in.u8();
  error.sm_header.pti = in.u8();
  error.message_type = in.u8();
  if (!in.is_ok() || discriminator != kEpdSm) return tl::unexpected(error);
  error.answer = DecodeError::Answer::status;
  error.cause = MmCause::message_type_not_implemented;
  SmMessage message;
  auto outcome = ReadOutcome::read;
  const bool is_known = with_type<SmMessage>(error.message_type, [&](auto& m) {
    m.header = error.sm_header;
    outcome = read_message(in, m);
    message = std::move(m);
  });
  if (is_known && outcome == ReadOutcome::read) return message;
  if (is_known) error.cause = MmCause::invalid_mandatory_information;
  return tl::unexpected(error);
}

Octets encode(const SmMessage& message)
{
  return std::visit(
      []<class M>(const M& m) {
        Octets out = {kEpdSm, m.header.pdu_session_id, m.header.pti, M::kType};
        write_message(out, m);
        return out;
      },
      message);
}

std::string_view name_of(const SmMessage& message)
{
  static constexpr std::array<std::string_view, std::variant_size_v<SmMessage>> kNames = {
      "PDU session establishment request", "PDU session establishment accept", "PDU session establishment reject",
      "PDU session modification request", "PDU session modification reject", "PDU session modification command",
      "PDU session modification complete", "PDU session modification command reject", "PDU session release request",
      "PDU session release reject", "PDU session release command", "PDU session release complete", "5GSM status"};
  return kNames[message.index()];
}

SmHeader header_of(const SmMessage& message)
{
  return std::visit([](const auto& m) { return m.header; }, message);
}

}  // namespace ravi::nas
