#pragma once
// Power over time and frequency in a matrix of bounded size, whatever the length of the input.

#include "radio/measure/segments.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ravi::measure {

/// Rows are moments, oldest first; columns are frequencies, ascending. Each value is the mean power in one bin width of
/// the FFT, linear, full scale 1. When the rows are used up, each two neighbors become one and rows last twice as long:
/// memory stays at `max_rows` x `num_columns` floats.
///
/// `add` is real time (at worst it halves the matrix: max_rows x num_columns additions). One thread at a time.
class Waterfall {
public:
  /// max_rows: even, 2..65536. num_columns: divides the FFT size, so each column is the mean of as many bins.
  [[nodiscard]] static Result<Waterfall> make(const SegmentConfig& config, std::size_t max_rows,
                                              std::size_t num_columns);

  void add(std::span<const Cf32> samples) noexcept;
  void restart() noexcept { segments_.restart(); }  ///< after a gap; the time axis leaves the gap out

  [[nodiscard]] const SegmentConfig& config() const noexcept { return segments_.config(); }
  [[nodiscard]] std::size_t num_rows() const noexcept { return num_rows_; }  ///< complete ones
  [[nodiscard]] std::size_t num_columns() const noexcept { return num_columns_; }
  [[nodiscard]] std::span<const float> row(std::size_t index) const;
  [[nodiscard]] std::uint64_t segments_per_row() const noexcept { return segments_per_row_; }
  [[nodiscard]] std::chrono::duration<double> row_duration() const;

private:
  Waterfall(Segments segments, std::size_t max_rows, std::size_t num_columns);
  void add_segment(std::span<const float> power) noexcept;
  void halve() noexcept;

  Segments segments_;
  std::size_t max_rows_ = 0;
  std::size_t num_columns_ = 0;
  std::vector<float> rows_;  ///< [row][column]; row num_rows_ is being summed
  std::size_t num_rows_ = 0;
  std::uint64_t segments_per_row_ = 1;
  std::uint64_t segments_in_row_ = 0;
};

}  // namespace ravi::measure
