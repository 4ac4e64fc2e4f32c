#pragma once
// Where `ravi spectrum` takes its samples from: one channel of a recording or of a radio, block by block.

#include "apps/open_radio.h"
#include "apps/spectrum_report.h"
#include "radio/iq.h"
#include "radio/result.h"
#include "radio/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace ravi::apps {

struct InputOptions {
  std::string input;                                 ///< recording or radio string
  RadioOptions radio;                                ///< radios only
  std::size_t channel = 0;
  std::chrono::nanoseconds start{0};                 ///< left out at the beginning
  std::optional<std::chrono::nanoseconds> duration;  ///< none: to the end of the recording; 1 s of a radio
};

struct InputBlock {
  std::size_t num_samples = 0;  ///< 0: the end
  bool is_after_gap = false;
  SampleCount lost;             ///< in that gap; 0 where not known
  std::uint64_t num_not_finite = 0;  ///< NaN or infinite in the source, 0 here
};

struct OpenedInput {
  SpectrumConditions conditions;    ///< the source's part; the counts are the caller's
  std::uint64_t num_samples = 0;    ///< to be expected
  std::function<Result<InputBlock>(std::span<Cf32>)> read;
};

/// Text of the form `word:...` is a radio string unless a file of that name exists; anything else names a recording.
[[nodiscard]] Result<OpenedInput> open_input(const InputOptions& options);

}  // namespace ravi::apps
