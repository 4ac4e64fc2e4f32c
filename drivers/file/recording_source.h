#pragma once
// A recording as an endless or ending stream: part of it, again and again, at another rate, with its gaps.

#include "radio/dsp/resample.h"
#include "radio/iq.h"
#include "radio/recording/sigmf_reader.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ravi {

struct SourceConfig {
  std::string name;                     ///< as for SigmfReader::open
  SampleCount offset;                   ///< first sample played
  std::optional<SampleCount> duration;  ///< none: to the end
  std::optional<SampleRate> rate;       ///< none: the recording's own
  bool is_looped = false;               ///< begins again without a pause
};

/// A stretch delivered by `RecordingSource::read`.
struct SourceBlock {
  std::size_t num_samples = 0;  ///< 0: the end
  SampleCount lost;             ///< samples missing in the recording just before these
};

class RecordingSource {
public:
  /// Refuses a part that holds no sample, and another rate for a recording with gaps.
  [[nodiscard]] static Result<RecordingSource> open(const SourceConfig& config);

  [[nodiscard]] const recording::SigmfMeta& meta() const { return reader_.meta(); }
  [[nodiscard]] const recording::SigmfPaths& paths() const { return reader_.paths(); }
  [[nodiscard]] SampleRate rate() const { return rate_; }      ///< of what `read` gives
  [[nodiscard]] SampleCount length() const { return length_; } ///< of one pass, at that rate, gaps not counted
  [[nodiscard]] std::uint64_t num_not_finite() const { return reader_.num_not_finite(); }

  /// The next samples, as many as fit before a gap. Fails where the file does. Allocates only to fail.
  [[nodiscard]] Result<SourceBlock> read(IqSpan out);

  [[nodiscard]] bool is_at_end() const noexcept { return !is_looped_ && (resamplers_.empty() ? position_ == end_ : num_left_.value() == 0); }
  void rewind() noexcept;

private:
  struct Gap {
    SampleCount position;  ///< of the first sample after it
    SampleCount lost;
  };

  explicit RecordingSource(recording::SigmfReader reader) : reader_(std::move(reader)) {}
  Result<void> choose_part(const SourceConfig& config);
  Result<void> choose_rate(const SourceConfig& config);
  void find_gaps();
  Result<SourceBlock> read_plain(IqSpan out);
  Result<SourceBlock> read_resampled(IqSpan out);
  Result<std::size_t> refill();

  recording::SigmfReader reader_;
  SampleCount begin_, end_;  ///< the part played
  SampleCount position_;
  SampleRate rate_;
  SampleCount length_;
  bool is_looped_ = false;
  std::vector<Gap> gaps_;
  std::size_t next_gap_ = 0;

  std::vector<dsp::Resampler> resamplers_;  ///< one a channel; none: plain
  IqBuffer unused_;                         ///< read, not yet taken by the resamplers
  std::size_t unused_begin_ = 0, unused_end_ = 0;
  IqBuffer skipped_;                        ///< where the resamplers' first samples go, which lie before the recording
  std::size_t num_to_skip_ = 0;
  SampleCount num_left_;                    ///< of the pass, at rate_; without a loop
};

}  // namespace ravi
