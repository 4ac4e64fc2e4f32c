#include "radio/measure/waterfall.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace ravi::measure {

Result<Waterfall> Waterfall::make(const SegmentConfig& config, std::size_t max_rows, std::size_t num_columns)
{
  if (max_rows < 2 || max_rows > 65536 || max_rows % 2 != 0) {
    return fail(ErrorCode::bad_input, fmt::format("a waterfall of {} rows: give an even number up to 65536", max_rows));
  }
  if (num_columns == 0 || config.fft_size % num_columns != 0) {
    return fail(ErrorCode::bad_input, fmt::format("a waterfall of {} columns: must divide the FFT's {} points",
                                                  num_columns, config.fft_size));
  }
  return Segments::make(config).map(
      [&](Segments&& segments) { return Waterfall(std::move(segments), max_rows, num_columns); });
}

Waterfall::Waterfall(Segments segments, std::size_t max_rows, std::size_t num_columns)
  : segments_(std::move(segments)), max_rows_(max_rows), num_columns_(num_columns), rows_(max_rows * num_columns)
{
}

void Waterfall::add(std::span<const Cf32> samples) noexcept
{
  segments_.add(samples, [this](std::span<const float> power) { add_segment(power); });
}

void Waterfall::add_segment(std::span<const float> power) noexcept
{
  const std::size_t bins_per_column = power.size() / num_columns_;
  const float scale = 1.0F / (static_cast<float>(bins_per_column) * static_cast<float>(segments_per_row_));
  float* const sums = rows_.data() + num_rows_ * num_columns_;
  for (std::size_t column = 0; column < num_columns_; ++column) {
    float sum = 0.0F;
    for (const float value : power.subspan(column * bins_per_column, bins_per_column)) sum += value;
    sums[column] += sum * scale;
  }
  if (++segments_in_row_ < segments_per_row_) return;
  segments_in_row_ = 0;
  if (++num_rows_ == max_rows_) halve();
}

void Waterfall::halve() noexcept
{
  for (std::size_t row = 0; row < max_rows_ / 2; ++row) {
    const float* const first = rows_.data() + 2 * row * num_columns_;
    float* const out = rows_.data() + row * num_columns_;
    for (std::size_t column = 0; column < num_columns_; ++column) {
      out[column] = 0.5F * (first[column] + first[num_columns_ + column]);
    }
  }
  num_rows_ = max_rows_ / 2;
  segments_per_row_ *= 2;
  std::fill(rows_.begin() + static_cast<std::ptrdiff_t>(num_rows_ * num_columns_), rows_.end(), 0.0F);
}

std::span<const float> Waterfall::row(std::size_t index) const
{
  assert(index < num_rows_);
  return std::span<const float>(rows_).subspan(index * num_columns_, num_columns_);
}

std::chrono::duration<double> Waterfall::row_duration() const
{
  return std::chrono::duration<double>(static_cast<double>(segments_per_row_ * segments_.hop()) /
                                       static_cast<double>(segments_.config().sample_rate.hz()));
}

}  // namespace ravi::measure
