#pragma once
// Putting segments of SDUs together again, in memory taken at construction.

#include "stack/rlc/rlc_pdu.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::rlc {

/// The octets received of one SDU.
class Reassembly {
public:
  static constexpr std::size_t kMaxPieces = 32;  ///< disjoint pieces held at once; one more is refused

  explicit Reassembly(std::size_t max_sdu_octets) : octets_(max_sdu_octets) {}

  void reset() noexcept;
  /// False if nothing new was in it, or it does not fit, or it contradicts the SDU's known end.
  [[nodiscard]] bool add(std::size_t offset, std::span<const std::uint8_t> data, bool is_last) noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return num_pieces_ == 0; }
  [[nodiscard]] bool is_complete() const noexcept;
  /// An octet is missing before the last one received. TS 38.322 §5.2.2.2.3, §5.2.3.2.3.
  [[nodiscard]] bool has_gap() const noexcept { return num_pieces_ > 1 || (num_pieces_ == 1 && pieces_[0].begin > 0); }
  /// If complete.
  [[nodiscard]] std::span<const std::uint8_t> sdu() const noexcept { return std::span(octets_).first(*size_); }

  struct Piece {
    std::size_t begin, end;
  };
  /// Octets still missing, in order; the end of the last is open (kOpen) while the SDU's end is not known.
  static constexpr std::size_t kOpen = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t num_missing() const noexcept;
  [[nodiscard]] Piece missing(std::size_t i) const noexcept;

private:
  std::vector<std::uint8_t> octets_;
  std::array<Piece, kMaxPieces> pieces_{};
  std::size_t num_pieces_ = 0;
  std::optional<std::size_t> size_;
};

/// What is known of the SDUs of one window of sequence numbers.
class ReassemblyWindow {
public:
  enum class State : std::uint8_t { none, partial, complete };

  ReassemblyWindow(SnSize sn_size, std::size_t num_reassemblies, std::size_t max_sdu_octets);

  [[nodiscard]] State state(std::uint32_t sn) const noexcept;
  /// Of a partial SDU.
  [[nodiscard]] const Reassembly& partial(std::uint32_t sn) const noexcept;
  void forget(std::uint32_t sn) noexcept;
  void forget_all() noexcept;

  enum class Added : std::uint8_t { nothing_new, stored, completed };
  /// Adds what a PDU carries. If memory for partial SDUs is short, the one furthest after `base` gives way, and if that is this
  /// one, nothing is added. A whole SDU needs no memory.
  [[nodiscard]] Added add(std::uint32_t base, const DataPdu& pdu) noexcept;
  /// The SDU that the last `add` completed: valid until the next.
  [[nodiscard]] std::span<const std::uint8_t> completed() const noexcept { return completed_; }
  /// Partial SDUs that gave way.
  [[nodiscard]] std::uint64_t num_evicted() const noexcept { return num_evicted_; }

private:
  [[nodiscard]] std::int16_t& slot(std::uint32_t sn) noexcept { return slots_[sn & mask_]; }
  [[nodiscard]] std::optional<std::int16_t> take(std::uint32_t base, std::uint32_t sn) noexcept;

  static constexpr std::int16_t kNone = -1;
  static constexpr std::int16_t kComplete = -2;

  SnSize sn_size_;
  std::uint32_t mask_;
  std::vector<std::int16_t> slots_;       ///< by SN modulo the window: kNone, kComplete or an index below
  std::vector<Reassembly> reassemblies_;
  std::vector<std::uint32_t> sn_of_;      ///< of each reassembly in use
  std::vector<bool> is_used_;
  std::span<const std::uint8_t> completed_;
  std::uint64_t num_evicted_ = 0;
};

}  // namespace ravi::rlc
