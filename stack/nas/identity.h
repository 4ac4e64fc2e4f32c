#pragma once
// Who a UE is and where: 5GS mobile identity (TS 24.501 §9.11.3.4), tracking areas (§9.11.3.8, §9.11.3.9).

#include "stack/nas/octets.h"
#include "stack/nr/cell.h"
#include "stack/security/suci.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ravi::nas {

using nr::Plmn;

/// Type of identity, in the Identity Request and the first octet of an identity. TS 24.501 §9.11.3.3.
enum class IdentityType : std::uint8_t { none = 0, suci = 1, guti = 2, imei = 3, s_tmsi = 4, imeisv = 5 };

struct NoIdentity {
  friend bool operator==(const NoIdentity&, const NoIdentity&) = default;
};

/// SUCI of an IMSI. With the null scheme the output is the MSIN in BCD.
struct Suci {
  Plmn plmn;
  std::string routing_indicator = "0";  ///< 1..4 digits
  security::SuciScheme scheme = security::SuciScheme::null_scheme;
  std::uint8_t home_network_key = 0;    ///< identifier of the public key, 0 with the null scheme
  Octets scheme_output;
  friend bool operator==(const Suci&, const Suci&) = default;
};

/// SUCI of a network-specific identifier and the like (SUPI format 1..7): the NAI as it came.
struct NaiSuci {
  std::uint8_t supi_format = 1;
  Octets nai;
  friend bool operator==(const NaiSuci&, const NaiSuci&) = default;
};

/// 5G-S-TMSI. TS 23.003 §2.11.
struct STmsi {
  std::uint16_t amf_set = 0;     ///< 10 bits
  std::uint8_t amf_pointer = 0;  ///< 6 bits
  std::uint32_t tmsi = 0;
  /// The 48 bits as RRC carries them (ng-5G-S-TMSI-Value).
  [[nodiscard]] std::uint64_t value() const;
  [[nodiscard]] static STmsi of(std::uint64_t value);
  friend bool operator==(const STmsi&, const STmsi&) = default;
};

/// 5G-GUTI. TS 23.003 §2.10.
struct Guti {
  Plmn plmn;
  std::uint8_t amf_region = 0;
  STmsi s_tmsi;
  friend bool operator==(const Guti&, const Guti&) = default;
};

/// 15 digits.
struct Imei {
  std::string digits;
  friend bool operator==(const Imei&, const Imei&) = default;
};
/// 16 digits.
struct Imeisv {
  std::string digits;
  friend bool operator==(const Imeisv&, const Imeisv&) = default;
};

using MobileIdentity = std::variant<NoIdentity, Suci, NaiSuci, Guti, Imei, STmsi, Imeisv>;
[[nodiscard]] IdentityType type_of(const MobileIdentity& identity);

/// Two digits an octet, the first in the low half; a filler 1111 if odd. TS 24.008 §10.5.1.4.
[[nodiscard]] Octets to_bcd(std::string_view digits);
/// Empty optional: a half octet above 9 that is no filler at the end.
[[nodiscard]] std::optional<std::string> from_bcd(std::span<const std::uint8_t> octets);

/// The null-scheme SUCI of an IMSI.
[[nodiscard]] Suci null_scheme_suci(const Plmn& plmn, std::string_view msin, std::string_view routing_indicator = "0");
/// The IMSI's digits out of a null-scheme SUCI; empty optional if it is concealed or no digits.
[[nodiscard]] std::optional<std::string> imsi_of(const Suci& suci);

struct Tai {
  Plmn plmn;
  std::uint32_t tac = 0;  ///< 24 bits
  friend bool operator==(const Tai&, const Tai&) = default;
};

/// Value of the "type of list" field.
enum class TaiListType : std::uint8_t { one_plmn = 0, one_plmn_consecutive = 1, several_plmns = 2 };

/// Up to 16 tracking areas, written as the type says: `one_plmn_consecutive` sends only the first and how many.
struct PartialTaiList {
  TaiListType type = TaiListType::one_plmn;
  std::vector<Tai> tais;
  friend bool operator==(const PartialTaiList&, const PartialTaiList&) = default;
};
struct TaiList {
  std::vector<PartialTaiList> lists;
  [[nodiscard]] bool contains(const Tai& tai) const;
  friend bool operator==(const TaiList&, const TaiList&) = default;
};
[[nodiscard]] TaiList tai_list_of(const Tai& tai);

struct PlmnList {
  std::vector<Plmn> plmns;
  friend bool operator==(const PlmnList&, const PlmnList&) = default;
};

// Each IE's octets without identifier and length; `read` is false if they are syntactically incorrect. Octets beyond are left.
bool read(Reader& in, Plmn& out);
bool read(Reader& in, MobileIdentity& out);
bool read(Reader& in, STmsi& out);
bool read(Reader& in, Tai& out);
bool read(Reader& in, TaiList& out);
bool read(Reader& in, PlmnList& out);
void write(Writer& out, const Plmn& plmn);
void write(Writer& out, const MobileIdentity& identity);
void write(Writer& out, const STmsi& s_tmsi);
void write(Writer& out, const Tai& tai);
void write(Writer& out, const TaiList& list);
void write(Writer& out, const PlmnList& list);

}  // namespace ravi::nas
