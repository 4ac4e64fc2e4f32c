#pragma once
// Which CCEs of CORESET#0 a slot's DCIs take.

#include "stack/nr/cell.h"
#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <bitset>
#include <optional>
#include <utility>
#include <vector>

namespace ravi::mac {

struct CcePlace {
  unsigned cce_index = 0;
  unsigned aggregation_level = 4;
};

/// One slot's; real time. Every search space here lies on CORESET#0, so CCEs are all there is to keep apart.
class CceAllocation {
public:
  /// `common`: the search spaces that every UE reads. A DCI of a UE search space keeps off their candidates: of the same length
  /// and on the same CCEs it could be read either way, and the frequency assignment means something else in each.
  CceAllocation(unsigned num_cce, std::vector<nr::SearchSpace> common) : num_cce_(num_cce), common_(std::move(common)) {}

  void clear() noexcept { used_.reset(); }

  /// The first free candidate, of the wanted aggregation level or else the next higher, then lower ones that the search space
  /// has. `rnti` and `slot` place the candidates of a UE search space. Nothing: none is free.
  [[nodiscard]] std::optional<CcePlace> take(const nr::SearchSpace& search_space, nr::Rnti rnti, nr::Slot slot,
                                             unsigned wanted_level) noexcept;

private:
  [[nodiscard]] bool take_at(unsigned cce_index, unsigned level) noexcept;

  static constexpr unsigned kMaxCce = 135;  ///< 270 PRBs x 3 symbols / 6
  [[nodiscard]] bool is_common_candidate(unsigned cce_index, unsigned level_index) const noexcept;

  unsigned num_cce_;
  std::vector<nr::SearchSpace> common_;
  std::bitset<kMaxCce> used_;
};

}  // namespace ravi::mac
