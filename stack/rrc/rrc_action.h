#pragma once
// What RRC asks of whoever runs it. Each call of a procedure leaves a short list, to be carried out in order before the next SDU is
// given in: security changes between two SDUs of one transport block matter.

#include "stack/nr/cell.h"
#include "stack/rrc/as_security.h"
#include "stack/rrc/bearer_config.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace ravi::rrc {

/// Network time since the start of the cell.
using Time = std::chrono::milliseconds;
using Octets = std::vector<std::uint8_t>;

/// SRB 0: CCCH over RLC TM, without PDCP; 1 and 2: PDCP.
struct SendSdu {
  unsigned srb = 0;
  Octets sdu;
};

/// Create the bearer, or change the one of this identity. Where AS security is active, both directions with it from the start.
struct AddBearer {
  BearerConfig bearer;
};

struct RemoveBearer {
  bool is_srb = false;
  unsigned identity = 1;
};

/// MAC and PHY: the dedicated configuration in force from now on.
struct ConfigureUe {
  nr::UeConfig config;
};

enum class SecurityStage : std::uint8_t {
  integrity,  ///< integrity protection and verification on SRB1 from the next PDU on, both directions, no ciphering yet
  ciphering,  ///< now ciphering too, and later bearers with both
};

struct ActivateSecurity {
  SecurityStage stage = SecurityStage::integrity;
  AsSecurity security;
};

/// A NAS message for the layer above: of the gNB towards the core, of the UE towards its NAS.
struct DeliverNas {
  Octets nas;
};

inline constexpr std::size_t kMaxPendingActions = 64;  ///< further ones are dropped and counted

}  // namespace ravi::rrc
