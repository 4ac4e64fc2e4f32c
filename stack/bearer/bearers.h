#pragma once
// The radio bearers of one connection at one end: made, secured and taken away as RRC says, and emptied into transport blocks by
// priority. The same at gNB and UE. TS 38.331 §5.3.5.6; TS 38.321 §5.4.3.1.

#include "stack/mac/mac_pdu.h"
#include "stack/pdcp/radio_bearer.h"
#include "stack/rrc/bearer_config.h"
#include "stack/rrc/rrc_action.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ravi::bearer {

struct Bearer {
  rrc::BearerConfig config;
  pdcp::RadioBearer radio;
};

/// Security put in force on one bearer, both directions from the next PDU on, with the keys of the bearer's kind. A DRB without
/// integrity protection has no first stage. Allocates. TS 38.331 §5.3.4.3; TS 38.323 §5.8, §5.9.
void secure(Bearer& bearer, rrc::SecurityStage stage, const rrc::AsSecurity& security);

/// One thread. What RRC asks for allocates; what a slot asks for does not.
class Bearers {
public:
  /// `sends`: the direction this end transmits in.
  explicit Bearers(security::Direction sends) : sends_(sends) {}

  // -- what RRC asks for ------------------------------------------------------------------------------------------------
  /// In place of the one on its logical channel, if there is one; with the security in force.
  Bearer& add(const rrc::BearerConfig& config);
  void remove(const rrc::RemoveBearer& which);
  /// Those that there are, and once ciphering is on those to come.
  void activate(const rrc::ActivateSecurity& activate);
  /// All of them, and the security.
  void clear();

  // -- slot -------------------------------------------------------------------------------------------------------------
  /// Smallest priority number first.
  [[nodiscard]] std::span<const std::unique_ptr<Bearer>> by_priority() const noexcept { return bearers_; }
  /// Null: none.
  [[nodiscard]] Bearer* on_logical_channel(unsigned logical_channel) const noexcept;
  [[nodiscard]] Bearer* srb(unsigned identity) const noexcept;
  [[nodiscard]] Bearer* drb(unsigned identity) const noexcept;
  [[nodiscard]] Bearer* first_drb() const noexcept;
  /// RLC has given up on one of them.
  [[nodiscard]] bool has_failed() const noexcept;
  /// Octets that wait, headers included.
  [[nodiscard]] std::size_t buffer_octets() const noexcept;
  /// SDUs by priority, every prioritised bit rate infinite, until `reserve` octets are left.
  void fill(mac::MacPduWriter& writer, std::size_t reserve, pdcp::Time now) noexcept;

private:
  template <class Is>
  [[nodiscard]] Bearer* find(Is is) const noexcept;

  security::Direction sends_;
  std::vector<std::unique_ptr<Bearer>> bearers_;
  std::optional<rrc::AsSecurity> security_;  ///< in force for bearers to come
};

}  // namespace ravi::bearer
