#pragma once
// Parameters of PDCP entities and their security. TS 38.331 PDCP-Config, TS 38.323 §7.

#include "stack/security/ciphering.h"
#include "stack/security/integrity.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ravi::pdcp {

/// Network time since the start of the cell.
using Time = std::chrono::milliseconds;

/// What the entity serves: SRBs always carry a MAC-I, the modes of DRBs differ at re-establishment.
enum class Bearer : std::uint8_t { srb, drb_um, drb_am };
enum class SnSize : std::uint8_t { bits12 = 12, bits18 = 18 };

inline constexpr std::size_t kMaxSduOctets = 9000;  ///< TS 38.323 §4.3.1
inline constexpr std::size_t kMacIOctets = 4;
inline constexpr std::size_t kMaxHeaderOctets = 3;

struct Config {
  Bearer bearer = Bearer::srb;
  std::uint8_t identity = 1;                      ///< SRB or DRB identity, 1..32; BEARER is one less, TS 38.323 §5.8
  SnSize sn_size = SnSize::bits12;                ///< an SRB has 12
  bool has_integrity = false;                     ///< of a DRB; an SRB always has
  std::uint8_t sdap_header_octets = 0;            ///< 1 if SDUs begin with an SDAP header, which is not ciphered
  std::optional<Time> t_reordering = Time{100};   ///< nothing: infinity, the default of an SRB
  std::optional<Time> discard_timer;              ///< nothing: infinity
  std::size_t max_sdu_octets = kMaxSduOctets;
  std::size_t num_stored = 512;                   ///< SDUs held for reordering, each of max_sdu_octets

  [[nodiscard]] bool has_mac_i() const { return bearer == Bearer::srb || has_integrity; }
};

/// For an SRB, TS 38.331 §9.2.1.
[[nodiscard]] inline Config srb_config(std::uint8_t identity)
{
  return {.bearer = Bearer::srb, .identity = identity, .t_reordering = std::nullopt, .num_stored = 16};
}

/// Algorithm and key of one direction; absent until activated.
struct Security {
  std::optional<security::Ciphering> ciphering;
  std::optional<security::Integrity> integrity;
};

}  // namespace ravi::pdcp
