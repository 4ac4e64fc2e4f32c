#pragma once
// Reading a SigMF recording as floats, from any position.

#include "radio/iq.h"
#include "radio/recording/file.h"
#include "radio/recording/sigmf.h"
#include "radio/result.h"
#include "radio/time.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ravi::recording {

/// An opened recording. Memory: its metadata and kChunk frames. One thread at a time.
class SigmfReader {
public:
  /// Names as in `sigmf_paths`. Refuses metadata that the data file contradicts. Where the writer was killed
  /// (`meta().is_unfinished`) what it left is taken: whole samples, and the captures that begin among them.
  [[nodiscard]] static Result<SigmfReader> open(std::string_view name);

  [[nodiscard]] const SigmfMeta& meta() const { return meta_; }
  [[nodiscard]] const SigmfPaths& paths() const { return paths_; }
  [[nodiscard]] SampleCount length() const { return length_; }  ///< samples a channel

  /// Fills `out` ([channel][sample], meta().num_channels of them) from position `first` >= 0 on. Returns the samples
  /// read, fewer than asked for only at the end; fails if the file shrank or the disk failed. Allocates only to fail.
  [[nodiscard]] Result<std::size_t> read(SampleCount first, IqSpan out);

  /// Reads the whole data file and compares its SHA-512 with the metadata's; `not_found` if that has none.
  [[nodiscard]] Result<void> verify() const;

  [[nodiscard]] std::uint64_t num_not_finite() const { return num_not_finite_; }  ///< samples read as 0 instead

private:
  static constexpr std::size_t kChunk = 16384;  ///< frames decoded at a time

  SigmfReader() = default;
  Result<void> open_data();
  void decode(std::span<const std::byte> bytes, IqSpan out) noexcept;

  SigmfMeta meta_;
  SigmfPaths paths_;
  File data_;
  SampleCount length_;
  std::uint64_t num_not_finite_ = 0;
  AlignedBuffer<std::byte> bytes_;
  IqBuffer interleaved_;  ///< several channels only
};

}  // namespace ravi::recording
