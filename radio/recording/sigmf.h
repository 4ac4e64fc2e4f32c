#pragma once
// SigMF 1.0: the metadata of a recording (https://sigmf.org), its text form, and the names of its two files.

#include "radio/recording/sample_format.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::recording {

/// A stretch of samples without a gap, received with one setting. Positions count from the data file's first sample.
struct SigmfCapture {
  SampleCount sample_start;
  std::optional<Hertz> frequency;          ///< center
  std::string datetime;                    ///< ISO 8601 of its first sample; empty: unknown
  std::optional<SampleTime> global_index;  ///< of its first sample in the radio's stream
};

/// A remark on a rectangle of time and frequency.
struct SigmfAnnotation {
  SampleCount sample_start;
  SampleCount sample_count;  ///< 0: of no length, or not given
  std::optional<Hertz> freq_lower_edge;
  std::optional<Hertz> freq_upper_edge;
  std::string label;
  std::string comment;
  std::string generator;  ///< who made it
};

struct SigmfMeta {
  SampleFormat format = SampleFormat::ci16_le;
  SampleRate sample_rate;
  std::size_t num_channels = 1;  ///< interleaved sample by sample in the data file
  std::string version = "1.0.0";
  std::string sha512;  ///< of the data file; empty: not known
  std::string description;
  std::string author;
  std::string recorder;  ///< the program
  std::string hw;
  bool is_unfinished = false;  ///< ours (`ravi:unfinished`): being written, or its writer was killed
  std::vector<SigmfCapture> captures;        ///< ascending
  std::vector<SigmfAnnotation> annotations;  ///< ascending

  [[nodiscard]] std::size_t bytes_per_frame() const { return num_channels * bytes_per_sample(format); }
};

/// Longest metadata that is read, bytes.
inline constexpr std::size_t kMaxMetaBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxChannels = 64;

/// Checks everything that can be checked without the data file. `name` stands at the head of an error, which names the
/// key and says what to do. Keys that Ravi does not know are skipped; `core:offset` is taken off all positions;
/// unsorted annotations are sorted, unsorted captures refused.
[[nodiscard]] Result<SigmfMeta> parse_sigmf_meta(std::string_view json, std::string_view name);

/// The .sigmf-meta text; annotations and captures as they stand.
[[nodiscard]] std::string to_json(const SigmfMeta& meta);

struct SigmfPaths {
  std::string meta;
  std::string data;
};

/// From NAME.sigmf-meta, NAME.sigmf-data, NAME.sigmf or NAME. Touches no file.
[[nodiscard]] Result<SigmfPaths> sigmf_paths(std::string_view name);

}  // namespace ravi::recording
