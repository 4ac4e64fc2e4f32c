#pragma once
// The black box: what each stage of each slot took, kept in a ring that never allocates, so that a late slot can be
// explained after the fact. The one place below `apps/` that reads a clock: it measures, nothing decides by it.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi {

/// What a stamp belongs to. Layers above number theirs from `first_of_stack` on.
enum class Stage : std::uint8_t {
  receive,   ///< waiting for and fetching a slot of samples
  process,   ///< the slot engine
  transmit,  ///< handing the samples over
  procedures,  ///< what the engine does when they are gone
  first_of_stack,
};

struct Stamp {
  std::int64_t slot = 0;      ///< index since the loop began
  std::int64_t begin_ns = 0;  ///< steady clock
  std::int64_t end_ns = 0;
  Stage stage = Stage::receive;
  bool is_late = false;       ///< the slot missed its time
};

/// Fixed-size ring of the last stamps. One thread writes; another may take a snapshot at any time and gets only whole
/// stamps (those being overwritten meanwhile are left out).
class SlotTrace {
public:
  /// `capacity`: stamps kept, rounded up to a power of two; 40 bytes each.
  explicit SlotTrace(std::size_t capacity = 1U << 15U);

  [[nodiscard]] static std::int64_t now_ns() noexcept
  {
    return std::chrono::steady_clock::now().time_since_epoch().count();
  }

  void write(const Stamp& stamp) noexcept;

  /// The last stamps, oldest first.
  [[nodiscard]] std::vector<Stamp> snapshot() const;

  /// The stage that took longest in a slot still in the ring; none: the slot has left it.
  [[nodiscard]] std::optional<Stamp> longest_of(std::int64_t slot) const;

private:
  struct Entry {
    std::atomic<std::uint64_t> version{0};  ///< 2 x (writes begun at this place), odd while being written
    std::array<std::atomic<std::int64_t>, 4> words{};
  };

  std::vector<Entry> entries_;
  std::atomic<std::uint64_t> num_written_{0};
};

/// Name of a stage of this folder: "receive", "process", "transmit"; others "stage N".
[[nodiscard]] std::string stage_name(Stage stage);

/// The trace as Chrome JSON, which ui.perfetto.dev opens: one row a stage.
[[nodiscard]] std::string to_perfetto_json(const std::vector<Stamp>& stamps);

}  // namespace ravi
