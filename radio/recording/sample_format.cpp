#include "radio/recording/sample_format.h"

#include "radio/dsp/convert.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace ravi::recording {
namespace {

static_assert(std::endian::native == std::endian::little, "data files are little-endian, and read as they lie");

struct FormatName {
  SampleFormat format;
  std::string_view text;
  std::size_t bytes;
};

constexpr std::array<FormatName, 6> kFormats = {{
  {SampleFormat::cf32_le, "cf32_le", 8},
  {SampleFormat::cf32_be, "cf32_be", 8},
  {SampleFormat::ci16_le, "ci16_le", 4},
  {SampleFormat::ci16_be, "ci16_be", 4},
  {SampleFormat::ci8, "ci8", 2},
  {SampleFormat::cu8, "cu8", 2},
}};

const FormatName& name_of(SampleFormat format) noexcept
{
  return kFormats[static_cast<std::size_t>(format)];
}

// The bytes come from operator new, which may hold any trivially copyable type.
template <class T>
std::span<const T> view_as(std::span<const std::byte> bytes) noexcept
{
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

template <class T>
std::span<T> view_as(std::span<std::byte> bytes) noexcept
{
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}

std::uint32_t big_endian_32(const std::byte* p) noexcept
{
  std::uint32_t word = 0;
  std::memcpy(&word, p, sizeof(word));
  return __builtin_bswap32(word);
}

float big_endian_16(const std::byte* p) noexcept
{
  std::uint16_t word = 0;
  std::memcpy(&word, p, sizeof(word));
  return static_cast<float>(static_cast<std::int16_t>(__builtin_bswap16(word))) / dsp::kSc16FullScale;
}

float offset_8(std::byte b) noexcept
{
  return (static_cast<float>(std::to_integer<int>(b)) - 127.5F) / 127.5F;
}

}  // namespace

Result<SampleFormat> parse_sample_format(std::string_view text)
{
  if (text == "cf32") return SampleFormat::cf32_le;
  if (text == "ci16") return SampleFormat::ci16_le;
  for (const FormatName& entry : kFormats) {
    if (entry.text == text) return entry.format;
  }
  return fail(ErrorCode::unsupported,
              fmt::format("sample format \"{}\" is not read by Ravi; it reads cf32_le, ci16_le, ci8, cu8, cf32_be and "
                          "ci16_be: convert the recording first",
                          text.substr(0, 40)));
}

std::string_view to_text(SampleFormat format) noexcept { return name_of(format).text; }

bool is_writable(SampleFormat format) noexcept
{
  return format == SampleFormat::cf32_le || format == SampleFormat::ci16_le || format == SampleFormat::ci8;
}

std::size_t bytes_per_sample(SampleFormat format) noexcept { return name_of(format).bytes; }

std::size_t decode_samples(std::span<const std::byte> in, SampleFormat format, std::span<Cf32> out) noexcept
{
  assert(in.size() == out.size() * bytes_per_sample(format));
  switch (format) {
    case SampleFormat::cf32_le:
      if (!in.empty()) std::memcpy(static_cast<void*>(out.data()), in.data(), in.size());
      return dsp::zero_not_finite(out);
    case SampleFormat::cf32_be:
      for (std::size_t n = 0; n < out.size(); ++n) {
        out[n] = {std::bit_cast<float>(big_endian_32(&in[8 * n])), std::bit_cast<float>(big_endian_32(&in[8 * n + 4]))};
      }
      return dsp::zero_not_finite(out);
    case SampleFormat::ci16_le: dsp::to_cf32(view_as<Sc16>(in), out); return 0;
    case SampleFormat::ci16_be:
      for (std::size_t n = 0; n < out.size(); ++n) out[n] = {big_endian_16(&in[4 * n]), big_endian_16(&in[4 * n + 2])};
      return 0;
    case SampleFormat::ci8: dsp::to_cf32(view_as<Sc8>(in), out); return 0;
    case SampleFormat::cu8:
      for (std::size_t n = 0; n < out.size(); ++n) out[n] = {offset_8(in[2 * n]), offset_8(in[2 * n + 1])};
      return 0;
  }
  return 0;
}

std::size_t encode_samples(std::span<const Cf32> in, SampleFormat format, std::span<std::byte> out) noexcept
{
  assert(is_writable(format) && out.size() == in.size() * bytes_per_sample(format));
  switch (format) {
    case SampleFormat::ci16_le: return dsp::to_sc16(in, view_as<Sc16>(out));
    case SampleFormat::ci8: return dsp::to_sc8(in, view_as<Sc8>(out));
    default:
      if (!in.empty()) std::memcpy(out.data(), in.data(), out.size());
      return 0;
  }
}

}  // namespace ravi::recording
