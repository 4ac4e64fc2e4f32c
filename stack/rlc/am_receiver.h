#pragma once
// The receiving side of acknowledged mode: reassembly, status reports. TS 38.322 §5.2.3.2, §5.3.4.

#include "stack/rlc/reassembly.h"
#include "stack/rlc/rlc_config.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::rlc {

/// Part of `AmEntity`.
class AmReceiver {
public:
  explicit AmReceiver(const AmConfig& config);

  /// An AMD PDU; the SDU that it completed, or nothing. Valid until the next call.
  [[nodiscard]] std::span<const std::uint8_t> receive(std::span<const std::uint8_t> pdu, Time now) noexcept;
  void tick(Time now) noexcept;
  void reestablish() noexcept;

  /// A status report is triggered and not prohibited: octets of the whole report; else 0.
  [[nodiscard]] std::size_t status_octets() const noexcept;
  /// Writes as much of the report as fits; 0 if none is due or out.size() < 3.
  [[nodiscard]] std::size_t pull_status(std::span<std::uint8_t> out, Time now) noexcept;

  [[nodiscard]] const RxCounters& counters() const noexcept { return counters_; }
  RxCounters& counters() noexcept { return counters_; }

private:
  [[nodiscard]] std::uint32_t distance(std::uint32_t a, std::uint32_t b) const noexcept
  {
    return sn_distance(config_.sn_size, a, b);
  }
  [[nodiscard]] std::uint32_t after(std::uint32_t sn) const noexcept { return (sn + 1) & (sn_modulus(config_.sn_size) - 1); }
  [[nodiscard]] std::uint32_t first_incomplete(std::uint32_t sn) const noexcept;
  [[nodiscard]] bool has_gap_before(std::uint32_t sn) const noexcept;
  [[nodiscard]] bool has_gap_at(std::uint32_t sn) const noexcept;
  void complete(std::uint32_t sn) noexcept;
  void update_timer(Time now) noexcept;
  void take_poll(std::uint32_t sn, bool is_dropped) noexcept;
  void check_delayed_poll() noexcept;
  template <class Add>
  std::uint32_t visit_nacks(Add add) const noexcept;

  AmConfig config_;
  ReassemblyWindow window_;
  std::uint32_t rx_next_ = 0;
  std::uint32_t rx_next_status_trigger_ = 0;
  std::uint32_t rx_highest_status_ = 0;
  std::uint32_t rx_next_highest_ = 0;
  Timer t_reassembly_;
  Timer t_status_prohibit_;
  bool is_status_due_ = false;
  std::optional<std::uint32_t> delayed_poll_;  ///< the highest SN whose poll waits for RX_Highest_Status
  RxCounters counters_;
};

}  // namespace ravi::rlc
