#pragma once
// Information elements: our structs to the generated ones and back. Private to this folder's sources.
//
// `read` is false where a value came that this project cannot use (another RAT, another kind of identity).

#include "stack/asn1/ngap.h"
#include "stack/ngap/messages.h"

namespace ravi::ngap {

namespace per = asn1::ngap;

[[nodiscard]] per::PlmnIdentity write_plmn(const Plmn& plmn);
[[nodiscard]] bool read(const per::PlmnIdentity& in, Plmn& out);
[[nodiscard]] per::Tac write_tac(std::uint32_t tac);
[[nodiscard]] std::uint32_t read_tac(const per::Tac& tac);

void write(const Tai& in, per::Tai& out);
void write(const Slice& in, per::SNssai& out);
void write(const Location& in, per::UserLocationInformation& out);
void write(const STmsi& in, per::FiveGSTmsi& out);
void write(const Guami& in, per::Guami& out);
void write(const Cause& in, per::Cause& out);
void write(const SecurityCapabilities& in, per::UeSecurityCapabilities& out);
void write(const Tunnel& in, per::UpTransportLayerInformation& out);
void write(const Diagnostics& in, per::CriticalityDiagnostics& out);
void write(const Ambr& in, per::UeAggregateMaximumBitRate& out);
[[nodiscard]] bool read(const per::Tai& in, Tai& out);
[[nodiscard]] Slice read_slice(const per::SNssai& in);
[[nodiscard]] bool read(const per::UserLocationInformation& in, Location& out);
[[nodiscard]] STmsi read_s_tmsi(const per::FiveGSTmsi& in);
[[nodiscard]] bool read(const per::Guami& in, Guami& out);
[[nodiscard]] Cause read_cause(const per::Cause& in);
[[nodiscard]] SecurityCapabilities read_security(const per::UeSecurityCapabilities& in);
[[nodiscard]] bool read(const per::UpTransportLayerInformation& in, Tunnel& out);
[[nodiscard]] Diagnostics read_diagnostics(const per::CriticalityDiagnostics& in);
[[nodiscard]] Ambr read_ambr(const per::UeAggregateMaximumBitRate& in);

// Transfers: octets of their own inside the messages. Written empty where a value is outside its range.
[[nodiscard]] Octets write_setup_transfer(const SessionSetup& in);
/// Why the session is to be refused; empty: it is not.
[[nodiscard]] std::optional<Cause> read_setup_transfer(const Octets& octets, SessionSetup& out);
[[nodiscard]] Octets write_admitted_transfer(const SessionAdmitted& in);
[[nodiscard]] bool read_admitted_transfer(const Octets& octets, SessionAdmitted& out);
[[nodiscard]] Octets write_failed_transfer(const Cause& in);
[[nodiscard]] Cause read_failed_transfer(const Octets& octets);
[[nodiscard]] Octets write_release_transfer(const Cause& in);
[[nodiscard]] Cause read_release_transfer(const Octets& octets);

}  // namespace ravi::ngap
