#pragma once
// How complex samples lie in a SigMF data file, and the conversion to and from floats.

#include "radio/iq.h"
#include "radio/result.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace ravi::recording {

/// A `core:datatype` that is read. Written are cf32_le, ci16_le and ci8.
enum class SampleFormat { cf32_le, cf32_be, ci16_le, ci16_be, ci8, cu8 };

/// From a `core:datatype`; also the short words of the command line: cf32, ci16.
[[nodiscard]] Result<SampleFormat> parse_sample_format(std::string_view text);
[[nodiscard]] std::string_view to_text(SampleFormat format) noexcept;
[[nodiscard]] bool is_writable(SampleFormat format) noexcept;
[[nodiscard]] std::size_t bytes_per_sample(SampleFormat format) noexcept;  ///< I and Q of one channel

/// Full scales as in radio/dsp/convert.h; cu8: (x - 127.5) / 127.5. A NaN or infinite sample becomes 0; returns how many
/// did. `in` holds out.size() samples, 8-byte aligned. Real time, any thread.
std::size_t decode_samples(std::span<const std::byte> in, SampleFormat format, std::span<Cf32> out) noexcept;

/// For writable formats. Returns how many components were clipped; what is not finite is written as 0 and counts as clipped.
/// `out` as `in` above.
std::size_t encode_samples(std::span<const Cf32> in, SampleFormat format, std::span<std::byte> out) noexcept;

}  // namespace ravi::recording
