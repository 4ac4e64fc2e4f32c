#pragma once
// A radio bearer in acknowledged mode: PDCP on top of RLC, both directions, from SDU to what MAC carries. TS 38.323 §4.2.2.

#include "stack/pdcp/receiver.h"
#include "stack/pdcp/transmitter.h"
#include "stack/rlc/am.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::pdcp {

/// An SRB or an AM DRB at one end. One thread; only construction and the activation of security allocate.
class RadioBearer {
public:
  /// `sends`: the direction this end transmits in.
  RadioBearer(const Config& config, const rlc::AmConfig& rlc, security::Direction sends);

  /// False, and counted below: refused by PDCP, or RLC's queue is full.
  bool send(std::span<const std::uint8_t> sdu, Time now) noexcept;
  /// Octets that wait for MAC, an allowance for RLC's headers included.
  [[nodiscard]] std::size_t buffer_octets() const noexcept;
  /// One RLC PDU of at most out.size() octets; 0: nothing to send, or too little room.
  [[nodiscard]] std::size_t pull(std::span<std::uint8_t> out, Time now) noexcept { return rlc_.pull(out, now); }

  /// An RLC PDU from MAC. Then `next` until it has none.
  RxVerdict receive(std::span<const std::uint8_t> rlc_pdu, Time now) noexcept;
  [[nodiscard]] std::optional<Receiver::Sdu> next() noexcept { return rx_.next(); }
  /// Runs the timers of both layers. Then `next` until it has none.
  void tick(Time now) noexcept;

  [[nodiscard]] Transmitter& tx() noexcept { return tx_; }
  [[nodiscard]] Receiver& rx() noexcept { return rx_; }
  [[nodiscard]] const rlc::AmEntity& rlc() const noexcept { return rlc_; }
  /// Radio link failure: RLC has given a PDU up.
  [[nodiscard]] bool has_failed() const noexcept { return rlc_.has_reached_max_retx(); }

private:
  Transmitter tx_;
  Receiver rx_;
  rlc::AmEntity rlc_;
};

}  // namespace ravi::pdcp
