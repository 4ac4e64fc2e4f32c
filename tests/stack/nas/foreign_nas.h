#pragma once
// The NAS messages inside the recorded foreign attach, and the subscriber it was made with (iq/README.md of the reference data).

#include "stack/asn1/rrc.h"
#include "tests/stack/nr/reference.h"
#include "tests/stack/security/vectors.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace ravi::nas::test {

using security::test::bytes_of;
using security::test::hex_of;

struct ForeignNas {
  bool is_downlink = false;
  std::vector<std::uint8_t> message;
};

inline constexpr const char* kForeignK = "00112233445566778899aabbccddeeff";
inline constexpr const char* kForeignOpc = "63BFA50EE6523365FF14C1F45F88737D";
inline constexpr const char* kForeignMsin = "0123456780";  // of PLMN 001-01

inline void take_downlink(std::vector<ForeignNas>& out, const asn1::rrc::DlDcchMessage& pdu)
{
  const auto* c1 = pdu.message.c1();
  if (c1 == nullptr) return;
  if (const auto* transfer = c1->dl_information_transfer()) {
    const auto& nas = transfer->critical_extensions.dl_information_transfer()->dedicated_nas_message;
    if (nas) out.push_back({true, *nas});
  } else if (const auto* reconfiguration = c1->rrc_reconfiguration()) {
    const auto& v1530 = reconfiguration->critical_extensions.rrc_reconfiguration()->non_critical_extension;
    if (!v1530 || !v1530->dedicated_nas_message_list) return;
    for (const auto& nas : *v1530->dedicated_nas_message_list) out.push_back({true, nas});
  }
}

inline void take_uplink(std::vector<ForeignNas>& out, const asn1::rrc::UlDcchMessage& pdu)
{
  const auto* c1 = pdu.message.c1();
  if (c1 == nullptr) return;
  if (const auto* transfer = c1->ul_information_transfer()) {
    const auto& nas = transfer->critical_extensions.ul_information_transfer()->dedicated_nas_message;
    if (nas) out.push_back({false, *nas});
  } else if (const auto* complete = c1->rrc_setup_complete()) {
    out.push_back({false, complete->critical_extensions.rrc_setup_complete()->dedicated_nas_message});
  }
}

/// In order; empty, and a message, where there is no reference data.
inline std::vector<ForeignNas> read_foreign_nas()
{
  std::vector<ForeignNas> out;
  std::ifstream file(nr::test::reference_folder() / "vectors" / "asn1_pdus.jsonl");
  if (!file) MESSAGE("skipped: no reference data");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json["name"].get<std::string>().rfind("attach: ", 0) != 0) continue;
    const auto bytes = bytes_of(json["hex"].get<std::string>());
    if (json["type"] == "DL-DCCH-Message") {
      const auto pdu = asn1::rrc::decode<asn1::rrc::DlDcchMessage>(bytes);
      REQUIRE(pdu.has_value());
      take_downlink(out, *pdu);
    } else if (json["type"] == "UL-DCCH-Message") {
      const auto pdu = asn1::rrc::decode<asn1::rrc::UlDcchMessage>(bytes);
      REQUIRE(pdu.has_value());
      take_uplink(out, *pdu);
    }
  }
  return out;
}

/// The NAS messages in NGAP PDUs of other core networks: octet-aligned there, the length in front. As above where there is none.
inline std::vector<std::vector<std::uint8_t>> read_foreign_ngap_nas()
{
  std::vector<std::vector<std::uint8_t>> out;
  std::ifstream file(nr::test::reference_folder() / "vectors" / "asn1_pdus.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json["proto"] != "ngap") continue;
    const auto bytes = bytes_of(json["hex"].get<std::string>());
    for (std::size_t i = 1; i + 2 < bytes.size(); ++i) {
      const std::size_t length = bytes[i - 1];
      if (bytes[i] != 0x7E || bytes[i + 1] != 0 || length < 3 || i + length > bytes.size()) continue;
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(i);
      out.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
      break;
    }
  }
  return out;
}

/// The plain message inside a security-protected one with null ciphering; a plain one as it is. TS 24.501 §9.1.1.
inline std::vector<std::uint8_t> plain_of(const std::vector<std::uint8_t>& message)
{
  constexpr std::ptrdiff_t kSecurityHeader = 7;
  if (message.size() < 8 || (message[1] & 0x0F) == 0) return message;
  return {message.begin() + kSecurityHeader, message.end()};
}

}  // namespace ravi::nas::test
