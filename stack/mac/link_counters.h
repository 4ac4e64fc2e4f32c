#pragma once
// What became of a UE's transport blocks in one direction: totals that only grow, so that any stretch of time is a difference.

#include <cstdint>

namespace ravi::mac {

struct LinkCounters {
  std::uint64_t blocks = 0;           ///< new transport blocks
  std::uint64_t first_failures = 0;   ///< of them not received the first time
  std::uint64_t failures = 0;         ///< transmissions not received, retransmissions included
  std::uint64_t lost = 0;             ///< blocks given up
  std::uint64_t octets = 0;           ///< of blocks received
  std::uint64_t mcs_sum = 0;          ///< over new blocks

  /// Block error rate of first transmissions, which link adaptation aims at; 0 without a block.
  [[nodiscard]] double bler() const { return ratio(first_failures); }
  /// After all retransmissions.
  [[nodiscard]] double residual_bler() const { return ratio(lost); }
  [[nodiscard]] double average_mcs() const { return ratio(mcs_sum); }

  LinkCounters& operator+=(const LinkCounters& other)
  {
    blocks += other.blocks;
    first_failures += other.first_failures;
    failures += other.failures;
    lost += other.lost;
    octets += other.octets;
    mcs_sum += other.mcs_sum;
    return *this;
  }
  /// Since an earlier state of the same counters.
  friend LinkCounters operator-(const LinkCounters& now, const LinkCounters& before)
  {
    return {.blocks = now.blocks - before.blocks,
            .first_failures = now.first_failures - before.first_failures,
            .failures = now.failures - before.failures,
            .lost = now.lost - before.lost,
            .octets = now.octets - before.octets,
            .mcs_sum = now.mcs_sum - before.mcs_sum};
  }
  friend bool operator==(const LinkCounters&, const LinkCounters&) = default;

private:
  [[nodiscard]] double ratio(std::uint64_t part) const
  {
    return blocks == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(blocks);
  }
};

}  // namespace ravi::mac
