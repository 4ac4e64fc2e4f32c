#pragma once
// Network slices: S-NSSAI (TS 24.501 §9.11.2.8), NSSAI (§9.11.3.37), rejected NSSAI (§9.11.3.46).

#include "stack/nas/octets.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ravi::nas {

struct SNssai {
  std::uint8_t sst = 1;
  std::optional<std::uint32_t> sd;          ///< 24 bits
  std::optional<std::uint8_t> mapped_sst;   ///< of the home PLMN, when roaming
  std::optional<std::uint32_t> mapped_sd;   ///< only with `sd` and `mapped_sst`
  friend bool operator==(const SNssai&, const SNssai&) = default;
};

struct Nssai {
  std::vector<SNssai> slices;
  friend bool operator==(const Nssai&, const Nssai&) = default;
};

enum class NssaiRejection : std::uint8_t { not_in_plmn = 0, not_in_registration_area = 1, failed_authorization = 2 };
struct RejectedSNssai {
  NssaiRejection cause = NssaiRejection::not_in_plmn;
  std::uint8_t sst = 1;
  std::optional<std::uint32_t> sd;
  friend bool operator==(const RejectedSNssai&, const RejectedSNssai&) = default;
};
struct RejectedNssai {
  std::vector<RejectedSNssai> slices;
  friend bool operator==(const RejectedNssai&, const RejectedNssai&) = default;
};

bool read(Reader& in, SNssai& out);
bool read(Reader& in, Nssai& out);
bool read(Reader& in, RejectedNssai& out);
void write(Writer& out, const SNssai& slice);
void write(Writer& out, const Nssai& nssai);
void write(Writer& out, const RejectedNssai& nssai);

}  // namespace ravi::nas
