#pragma once
// Which MCS a UE's next transport block gets: what its CQI or SNR says, corrected until the block error rate is the target.

#include "stack/nr/mcs.h"

namespace ravi::mac {

struct LinkAdaptationConfig {
  double target_bler = 0.05;
  double step_down = 0.5;      ///< MCS steps at each first transmission lost
  double max_offset = 6.0;     ///< MCS steps up, at most
  double min_offset = -20.0;
  unsigned initial_mcs = 4;    ///< until something is known
};

/// One direction of one UE.
class LinkAdaptation {
public:
  explicit LinkAdaptation(nr::McsTable table = nr::McsTable::qam64, const LinkAdaptationConfig& config = {}) noexcept;

  /// Channel quality as the UE reports it; 0 (out of range) means the lowest MCS.
  void on_cqi(nr::CqiTable table, unsigned cqi) noexcept;
  /// As the gNB's receiver measures it. Half-way between Shannon's limit 3 dB off and what went before.
  void on_snr(float snr_db) noexcept;
  /// A first transmission's fate.
  void on_harq(bool is_ack) noexcept;

  [[nodiscard]] unsigned mcs() const noexcept;
  [[nodiscard]] double offset() const noexcept { return offset_; }

private:
  LinkAdaptationConfig config_;
  nr::McsTable table_;
  double base_;
  double offset_ = 0.0;
};

/// The highest MCS with at most this many information bits a symbol; 0 where even that has more.
[[nodiscard]] unsigned mcs_of_efficiency(nr::McsTable table, double bits_per_symbol) noexcept;

}  // namespace ravi::mac
