#pragma once
// A radio bearer: PDCP on top of RLC, acknowledged or unacknowledged, both directions, from SDU to what MAC carries. TS 38.323 §4.2.2.

#include "stack/pdcp/receiver.h"
#include "stack/pdcp/transmitter.h"
#include "stack/rlc/am.h"
#include "stack/rlc/um.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace ravi::pdcp {

/// An SRB or DRB at one end. One thread; only construction and the activation of security allocate.
class RadioBearer {
public:
  /// `sends`: the direction this end transmits in.
  RadioBearer(const Config& config, const std::variant<rlc::AmConfig, rlc::UmConfig>& rlc, security::Direction sends);

  /// False, and counted below: refused by PDCP, or RLC's queue is full.
  bool send(std::span<const std::uint8_t> sdu, Time now) noexcept;
  /// Octets that wait for MAC, an allowance for RLC's headers included.
  [[nodiscard]] std::size_t buffer_octets() const noexcept;
  /// One RLC PDU of at most out.size() octets; 0: nothing to send, or too little room.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out, Time now) noexcept;

  /// An RLC PDU from MAC. Then `next` until it has none.
  RxVerdict receive(std::span<const std::uint8_t> rlc_pdu, Time now) noexcept;
  [[nodiscard]] std::optional<Receiver::Sdu> next() noexcept { return rx_.next(); }
  /// Runs the timers of both layers. Then `next` until it has none.
  void tick(Time now) noexcept;

  [[nodiscard]] Transmitter& tx() noexcept { return tx_; }
  [[nodiscard]] Receiver& rx() noexcept { return rx_; }
  [[nodiscard]] const rlc::TxCounters& rlc_tx() const noexcept;
  [[nodiscard]] const rlc::RxCounters& rlc_rx() const noexcept;
  /// Radio link failure: RLC AM has given a PDU up. RLC UM never does.
  [[nodiscard]] bool has_failed() const noexcept;

private:
  Transmitter tx_;
  Receiver rx_;
  std::variant<rlc::AmEntity, rlc::UmEntity> rlc_;
};

}  // namespace ravi::pdcp
