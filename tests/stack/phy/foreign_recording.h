#pragma once
// Recordings of foreign transmitters among the reference data, for tests that decode them.

#include "radio/iq.h"
#include "radio/recording/sigmf_reader.h"
#include "radio/units.h"
#include "tests/stack/nr/reference.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace ravi::phy {

struct ForeignRecording {
  std::vector<Cf32> samples;
  SampleRate rate;
  Hertz tuned;
};

/// iq/NAME.sigmf-meta, samples [first, first + count) as far as there are such; nothing, and a message, where it is absent.
inline std::optional<ForeignRecording> load_recording(const std::string& name, std::size_t first = 0,
                                                      std::size_t count = std::size_t{1} << 40U)
{
  const std::string path = (nr::test::reference_folder() / "iq" / (name + ".sigmf-meta")).string();
  auto reader = recording::SigmfReader::open(path);
  if (!reader) {
    MESSAGE("skipped: ", reader.error().message);
    return std::nullopt;
  }
  const auto length = static_cast<std::size_t>(reader->length().value());
  ForeignRecording out;
  out.samples.resize(std::min(count, length - std::min(first, length)));
  out.rate = reader->meta().sample_rate;
  out.tuned = reader->meta().captures.at(0).frequency.value();
  const auto read = reader->read(SampleCount(static_cast<std::int64_t>(first)), IqSpan(std::span<Cf32>(out.samples)));
  REQUIRE(read);
  REQUIRE(*read == out.samples.size());
  return out;
}

}  // namespace ravi::phy
