#include "radio/recording/sigmf_reader.h"

#include "radio/log.h"
#include "radio/recording/sha512.h"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <vector>

namespace ravi::recording {
namespace {

/// The size of a plain file; refuses directories, pipes and devices.
Result<std::size_t> size_of(const File& file, const std::string& path)
{
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return fail(ErrorCode::io, fmt::format("{}: {}", path, system_text(errno)));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::bad_input, fmt::format("{} is no plain file; give the name of a recording", path));
  return static_cast<std::size_t>(status.st_size);
}

Result<File> open_part(const std::string& path, std::string_view what, std::string_view name)
{
  File file = open_to_read(path);
  if (file.is_open()) return file;
  const int error = errno;
  if (error != ENOENT) return fail(ErrorCode::io, fmt::format("{}: {}", path, system_text(error)));
  struct stat status = {};
  if (name.ends_with(".sigmf") && ::stat(std::string(name).c_str(), &status) == 0) {
    return fail(ErrorCode::unsupported, fmt::format("{} is a SigMF archive; unpack it first: tar -xf {}", name, name));
  }
  return fail(ErrorCode::bad_input, fmt::format("{} does not exist; a recording is two files, and this one, the {}, is missing", path, what));
}

Result<SigmfMeta> read_meta(const SigmfPaths& paths, std::string_view name)
{
  const auto file = open_part(paths.meta, "metadata", name);
  if (!file) return tl::unexpected<Error>(file.error());
  const auto size = size_of(*file, paths.meta);
  if (!size) return tl::unexpected<Error>(size.error());
  std::vector<std::byte> bytes(std::min(*size, kMaxMetaBytes + 1));  // one more than is read: refused by its size
  const std::ptrdiff_t num_read = read_at(*file, bytes, 0);
  if (num_read < 0) return fail(ErrorCode::io, fmt::format("{}: {}", paths.meta, system_text(errno)));
  return parse_sigmf_meta({reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(num_read)}, paths.meta);
}

/// Captures and annotations that begin beyond the data: refused, or dropped where the writer was killed.
Result<void> check_against_length(SigmfMeta& meta, SampleCount length, const SigmfPaths& paths)
{
  const auto is_beyond = [length](const auto& segment) { return segment.sample_start > length; };
  if (meta.is_unfinished) {
    std::erase_if(meta.captures, is_beyond);
    std::erase_if(meta.annotations, is_beyond);
  }
  if (std::any_of(meta.captures.begin(), meta.captures.end(), is_beyond) ||
      std::any_of(meta.annotations.begin(), meta.annotations.end(), is_beyond)) {
    return fail(ErrorCode::bad_input, fmt::format("{} holds {} samples a channel, fewer than {} speaks of; it is cut short, or belongs to "
                                                  "other metadata: fetch the whole file",
                                                  paths.data, length.value(), paths.meta));
  }
  for (SigmfAnnotation& annotation : meta.annotations) {
    annotation.sample_count = std::min(annotation.sample_count, length - annotation.sample_start);
  }
  return {};
}

}  // namespace

Result<SigmfReader> SigmfReader::open(std::string_view name)
{
  SigmfReader reader;
  auto paths = sigmf_paths(name);
  if (!paths) return tl::unexpected<Error>(paths.error());
  reader.paths_ = *std::move(paths);
  auto meta = read_meta(reader.paths_, name);
  if (!meta) return tl::unexpected<Error>(meta.error());
  reader.meta_ = *std::move(meta);
  if (auto opened = reader.open_data(); !opened) return tl::unexpected<Error>(opened.error());
  return reader;
}

Result<void> SigmfReader::open_data()
{
  auto file = open_part(paths_.data, "samples", paths_.data);
  if (!file) return tl::unexpected<Error>(file.error());
  data_ = *std::move(file);
  const auto size = size_of(data_, paths_.data);
  if (!size) return tl::unexpected<Error>(size.error());

  const std::size_t frame = meta_.bytes_per_frame();
  if (*size % frame != 0) {
    const std::string what = fmt::format("{}: {} bytes are not a whole number of {}-byte samples ({} x {})", paths_.data, *size,
                                         frame, meta_.num_channels, to_text(meta_.format));
    if (!meta_.is_unfinished) {
      return fail(ErrorCode::bad_input, what + "; it is cut short, or core:datatype or core:num_channels is wrong");
    }
    log_warning(fmt::format("{}; its recorder was interrupted, the last sample is left out", what));
  }
  length_ = SampleCount(static_cast<std::int64_t>(*size / frame));
  bytes_ = AlignedBuffer<std::byte>(1, kChunk * frame);
  if (meta_.num_channels > 1) interleaved_ = IqBuffer(1, kChunk * meta_.num_channels);
  return check_against_length(meta_, length_, paths_);
}

Result<std::size_t> SigmfReader::read(SampleCount first, IqSpan out)
{
  assert(first.value() >= 0 && out.num_channels() == meta_.num_channels);
  const std::size_t frame = meta_.bytes_per_frame();
  const auto begin = static_cast<std::size_t>(std::min(first, length_).value());
  const std::size_t wanted = std::min(out.num_samples(), static_cast<std::size_t>(length_.value()) - begin);
  for (std::size_t done = 0; done < wanted;) {
    const std::size_t count = std::min(kChunk, wanted - done);
    const std::span<std::byte> bytes = bytes_.channel().first(count * frame);
    const std::ptrdiff_t num_read = read_at(data_, bytes, (begin + done) * frame);
    if (num_read < 0) return fail(ErrorCode::io, fmt::format("{}: {}", paths_.data, system_text(errno)));
    if (static_cast<std::size_t>(num_read) < bytes.size()) {
      return fail(ErrorCode::io, fmt::format("{} shrank while it was read; leave it alone until then", paths_.data));
    }
    decode(bytes, out.subspan(done, count));
    done += count;
  }
  return wanted;
}

void SigmfReader::decode(std::span<const std::byte> bytes, IqSpan out) noexcept
{
  if (meta_.num_channels == 1) {
    num_not_finite_ += decode_samples(bytes, meta_.format, out.channel(0));
    return;
  }
  const std::span<Cf32> flat = interleaved_.channel().first(out.num_samples() * meta_.num_channels);
  num_not_finite_ += decode_samples(bytes, meta_.format, flat);
  for (std::size_t c = 0; c < meta_.num_channels; ++c) {
    const std::span<Cf32> channel = out.channel(c);
    for (std::size_t n = 0; n < channel.size(); ++n) channel[n] = flat[n * meta_.num_channels + c];
  }
}

Result<void> SigmfReader::verify() const
{
  if (meta_.sha512.empty()) {
    return fail(ErrorCode::not_found, fmt::format("{} has no core:sha512, so its samples cannot be verified{}", paths_.meta,
                                                  meta_.is_unfinished ? " (its recorder was interrupted)" : ""));
  }
  Sha512 hash;
  std::vector<std::byte> bytes(std::size_t{1} << 20U);
  for (std::size_t offset = 0;;) {
    const std::ptrdiff_t num_read = read_at(data_, bytes, offset);
    if (num_read < 0) return fail(ErrorCode::io, fmt::format("{}: {}", paths_.data, system_text(errno)));
    if (num_read == 0) break;
    hash.update(std::span(bytes).first(static_cast<std::size_t>(num_read)));
    offset += static_cast<std::size_t>(num_read);
  }
  const auto is_same_digit = [](unsigned char a, unsigned char b) { return a == std::tolower(b); };
  const std::string found = hash.finish();
  if (!std::equal(found.begin(), found.end(), meta_.sha512.begin(), meta_.sha512.end(), is_same_digit)) {
    return fail(ErrorCode::bad_input, fmt::format("{} was changed after it was recorded: its SHA-512 is not the one in {}", paths_.data, paths_.meta));
  }
  return {};
}

}  // namespace ravi::recording
