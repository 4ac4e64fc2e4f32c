#pragma once
// Which CCEs of CORESET#0 a slot's DCIs take.

#include "stack/nr/cell.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <bitset>
#include <optional>

namespace ravi::mac {

struct CcePlace {
  unsigned cce_index = 0;
  unsigned aggregation_level = 4;
};

/// One slot's; real time. Every search space here lies on CORESET#0, so CCEs are all there is to keep apart.
class CceAllocation {
public:
  explicit CceAllocation(unsigned num_cce) : num_cce_(num_cce) {}

  void clear() noexcept { used_.reset(); }

  /// The first free candidate, of the wanted aggregation level or else the next higher, then lower ones that the search space
  /// has. `rnti` and `slot` place the candidates of a UE search space. Nothing: none is free.
  [[nodiscard]] std::optional<CcePlace> take(const nr::SearchSpace& search_space, nr::Rnti rnti, nr::Slot slot,
                                             unsigned wanted_level) noexcept;

private:
  [[nodiscard]] bool take_at(unsigned cce_index, unsigned level) noexcept;

  static constexpr unsigned kMaxCce = 135;  ///< 270 PRBs x 3 symbols / 6
  unsigned num_cce_;
  std::bitset<kMaxCce> used_;
};

}  // namespace ravi::mac
