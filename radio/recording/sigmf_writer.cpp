#include "radio/recording/sigmf_writer.h"

#include "radio/log.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <new>
#include <numeric>
#include <utility>

namespace ravi::recording {
namespace {

constexpr std::size_t kPiece = 16384;                  // frames that are taken or dropped together
constexpr std::size_t kWriteBytes = std::size_t{4} << 20U;
constexpr std::size_t kPage = 4096;                    // O_DIRECT wants memory, place and size in multiples of it
constexpr std::size_t kDirectLeast = std::size_t{1} << 20U;  // written at once past the page cache
constexpr std::int64_t kDirectRate = 32'000'000;       // bytes a second from which that is worth it
constexpr std::size_t kMaxListedGaps = 20'000;         // 5 MB of metadata
constexpr std::size_t kReserveBytes = std::size_t{256} << 10U;
constexpr auto kFlushPeriod = std::chrono::seconds(1);
constexpr auto kPause = std::chrono::milliseconds(4);  // of the writing thread when it has caught up

Result<void> check(const SigmfMeta& meta)
{
  if (!is_writable(meta.format)) {
    return fail(ErrorCode::unsupported, fmt::format("recordings are written as cf32, ci16 or ci8, not {}", to_text(meta.format)));
  }
  if (meta.sample_rate.hz() <= 0) return fail(ErrorCode::bad_input, "a recording needs a sample rate above 0");
  if (meta.num_channels < 1 || meta.num_channels > kMaxChannels) {
    return fail(ErrorCode::bad_input, fmt::format("a recording has 1 to {} channels, not {}", kMaxChannels, meta.num_channels));
  }
  return {};
}

/// As it stands on the disk before the first sample: one capture, no annotation.
SigmfMeta initial(SigmfMeta meta)
{
  meta.captures.resize(1);
  meta.captures.front().sample_start = SampleCount(0);
  meta.captures.front().global_index.reset();
  meta.annotations.clear();
  meta.sha512.clear();
  meta.is_unfinished = true;
  return meta;
}

bool exists(const std::string& path) { return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0; }

tl::unexpected<Error> already_there(const std::string& path)
{
  return fail(ErrorCode::bad_input, fmt::format("{} exists, and recordings are never overwritten; choose another name or remove it", path));
}

}  // namespace

Result<std::unique_ptr<SigmfWriter>> SigmfWriter::create(std::string_view name, const SigmfMeta& meta, const WriterOptions& options)
{
  if (auto checked = check(meta); !checked) return tl::unexpected<Error>(checked.error());
  auto paths = sigmf_paths(name);
  if (!paths) return tl::unexpected<Error>(paths.error());
  std::unique_ptr<SigmfWriter> writer;
  try {
    writer.reset(new SigmfWriter(*std::move(paths), meta, options));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::io, fmt::format("no memory for a recording buffer of {} bytes; choose a smaller one", options.buffer_bytes));
  }
  if (auto created = writer->create_files(); !created) {
    writer->is_closed_ = true;
    return tl::unexpected<Error>(created.error());
  }
  writer->thread_ = std::thread([w = writer.get()] { w->run(); });
  writer->flusher_ = std::thread([w = writer.get()] { w->flush(); });
  return writer;
}

SigmfWriter::SigmfWriter(SigmfPaths paths, const SigmfMeta& meta, const WriterOptions& options)
  : paths_(std::move(paths)),
    meta_(initial(meta)),
    frame_(meta.bytes_per_frame()),
    when_full_(options.when_full),
    ring_(std::max(options.buffer_bytes, 2 * kPiece * frame_)),
    marks_(1024),
    interleaved_(1, meta.num_channels > 1 ? kPiece * meta.num_channels : 0)
{
}

SigmfWriter::~SigmfWriter()
{
  if (is_closed_) return;
  if (const auto closed = close(); !closed) log_error(closed.error().message);
}

Result<void> SigmfWriter::create_files()
{
  if (exists(paths_.meta)) return already_there(paths_.meta);
  data_ = open_new(paths_.data);
  if (!data_.is_open()) {
    const int error = errno;
    if (error == EEXIST) return already_there(paths_.data);
    return fail(ErrorCode::io, fmt::format("cannot make {}: {}", paths_.data, system_text(error)));
  }
  if (auto written = replace_file(paths_.meta, to_json(meta_)); !written) {
    ::unlink(paths_.data.c_str());
    return written;
  }
  const bool is_fast = meta_.sample_rate.hz() >= kDirectRate / static_cast<std::int64_t>(frame_);
  if (is_fast && set_direct(data_, true)) {
    direct_.reset(static_cast<std::byte*>(std::aligned_alloc(kPage, kWriteBytes)));
    direct_unit_ = std::lcm(kPage, frame_);
    if (!direct_) leave_direct();
  }
  const std::string reserve = paths_.data + ".reserve";
  reserve_ = open_new(reserve);
  if (!reserve_.is_open()) return {};
  ::unlink(reserve.c_str());  // has no name, so nothing is left of it whatever happens
  static_cast<void>(::posix_fallocate(reserve_.get(), 0, kReserveBytes));
  return {};
}

std::size_t SigmfWriter::append(ConstIqSpan in, SampleTime time) noexcept
{
  assert(in.num_channels() == meta_.num_channels);
  std::size_t done = 0;
  while (done < in.num_samples()) {
    const std::size_t count = std::min(kPiece, in.num_samples() - done);
    const std::size_t accepted = append_piece(in.subspan(done, count), time + SampleCount(static_cast<std::int64_t>(done)));
    if (accepted == 0) break;
    done += accepted;
  }
  counters_.accepted.fetch_add(done, std::memory_order_relaxed);
  if (when_full_ == WhenFull::drop || write_error_.load(std::memory_order_relaxed) != 0) {
    counters_.dropped.fetch_add(in.num_samples() - done, std::memory_order_relaxed);
  }
  return done;
}

std::size_t SigmfWriter::append_piece(ConstIqSpan in, SampleTime time) noexcept
{
  const std::size_t bytes = in.num_samples() * frame_;
  if (write_error_.load(std::memory_order_relaxed) != 0 || !wait_for_room(bytes)) return 0;
  if (is_empty_ || time != next_time_) {
    const auto start = static_cast<std::int64_t>(counters_.accepted.load(std::memory_order_relaxed));
    const Mark mark{.start = start, .time = time.value()};
    if (!marks_.write(std::span(&mark, 1))) return 0;
  }
  encode(in, ring_.reserve(bytes));
  ring_.publish(bytes);
  is_empty_ = false;
  next_time_ = time + SampleCount(static_cast<std::int64_t>(in.num_samples()));
  return in.num_samples();
}

bool SigmfWriter::wait_for_room(std::size_t bytes) noexcept
{
  constexpr int kTries = 100;
  for (int n = 0; ring_.room() < bytes; ++n) {
    if (when_full_ == WhenFull::drop || n == kTries || write_error_.load(std::memory_order_relaxed) != 0) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void SigmfWriter::encode(ConstIqSpan in, const RingSpan<std::byte>& out) noexcept
{
  std::span<const Cf32> flat = in.channel(0);
  if (meta_.num_channels > 1) {
    const std::span<Cf32> interleaved = interleaved_.channel().first(in.num_samples() * meta_.num_channels);
    for (std::size_t c = 0; c < meta_.num_channels; ++c) {
      const std::span<const Cf32> channel = in.channel(c);
      for (std::size_t n = 0; n < channel.size(); ++n) interleaved[n * meta_.num_channels + c] = channel[n];
    }
    flat = interleaved;
  }
  // The ring's size is a power of two, and so is a sample's: the memory ends between two samples.
  const std::size_t num_first = out.first.size() / bytes_per_sample(meta_.format);
  std::size_t clipped = encode_samples(flat.first(num_first), meta_.format, out.first);
  clipped += encode_samples(flat.subspan(num_first), meta_.format, out.second);
  counters_.clipped.fetch_add(clipped, std::memory_order_relaxed);
}

void SigmfWriter::annotate(SigmfAnnotation annotation)
{
  const std::lock_guard lock(annotations_mutex_);
  annotations_.push_back(std::move(annotation));
}

void SigmfWriter::run()
{
  for (;;) {
    const bool is_closing = is_closing_.load(std::memory_order_acquire);  // read first: then nothing comes after
    const std::size_t num_written = write_available(is_closing ? Rest::now : Rest::may_wait);
    take_marks();
    if (write_error_.load(std::memory_order_relaxed) != 0 || (is_closing && num_written == 0)) return;
    const std::uint64_t written = counters_.written.load(std::memory_order_relaxed);
    if (is_meta_stale_ && written - samples_at_rewrite_ >= static_cast<std::uint64_t>(meta_.sample_rate.hz())) {
      samples_at_rewrite_ = written;
      if (auto rewritten = rewrite_meta(); !rewritten) log_warning(rewritten.error().message);
    }
    if (!is_closing && num_written < kWriteBytes / 4) std::this_thread::sleep_for(kPause);
  }
}

/// Writes whole samples from the ring, hashes what was written; returns the bytes.
std::size_t SigmfWriter::write_available(Rest rest)
{
  RingSpan<const std::byte> part = ring_.peek(kWriteBytes / frame_ * frame_);
  if (direct_ && rest == Rest::may_wait && part.size() < kDirectLeast) return 0;
  if (direct_ && part.size() < direct_unit_) leave_direct();  // the last piece
  const std::size_t unit = direct_ ? direct_unit_ : frame_;
  const std::size_t size = part.size() / unit * unit;
  part.first = part.first.first(std::min(part.first.size(), size));
  part.second = part.second.first(size - part.first.size());

  const std::size_t done = write_part(part);
  const int error = done < size ? errno : 0;
  const std::size_t whole = done / frame_ * frame_;
  hash_.update(part.first.first(std::min(whole, part.first.size())));
  hash_.update(part.second.first(whole - std::min(whole, part.first.size())));
  counters_.written.fetch_add(whole / frame_, std::memory_order_relaxed);
  ring_.consume(size);
  if (done < size) {
    const std::uint64_t written = counters_.written.load(std::memory_order_relaxed);
    static_cast<void>(::ftruncate(data_.get(), static_cast<off_t>(written * frame_)));
    write_error_.store(error == 0 ? ENOSPC : error, std::memory_order_relaxed);
    return whole;
  }
  return whole;
}

/// Bytes written from the front; fewer than all on failure, with errno.
std::size_t SigmfWriter::write_part(const RingSpan<const std::byte>& part)
{
  std::size_t done = 0;
  if (direct_ && part.size() > 0) {
    std::copy(part.first.begin(), part.first.end(), direct_.get());
    std::copy(part.second.begin(), part.second.end(), direct_.get() + part.first.size());
    done = write_all(data_, {direct_.get(), part.size()});
    if (done == part.size() || errno != EINVAL) return done;
    leave_direct();  // a file system that does not, or not from here
  }
  const std::size_t from_first = std::min(done, part.first.size());
  done += write_all(data_, part.first.subspan(from_first));
  if (done < part.first.size()) return done;
  return done + write_all(data_, part.second.subspan(done - part.first.size()));
}

void SigmfWriter::leave_direct()
{
  static_cast<void>(set_direct(data_, false));
  direct_.reset();
}

void SigmfWriter::FreeAligned::operator()(std::byte* memory) const { std::free(memory); }

/// Every second what has been written so far is put beyond a power cut. In a thread of its own, because it takes as long
/// as the disk needs, while writing goes on into the system's page cache.
void SigmfWriter::flush()
{
  std::unique_lock lock(flush_mutex_);
  while (!flush_wanted_.wait_for(lock, kFlushPeriod, [this] { return is_closing_.load(std::memory_order_acquire); })) {
    ::fdatasync(data_.get());
  }
}

void SigmfWriter::take_marks()
{
  Mark mark{};
  while (marks_.read(std::span(&mark, 1))) {
    is_meta_stale_ = true;
    const Mark before = std::exchange(last_mark_, mark);
    if (mark.start == 0) {
      meta_.captures.front().global_index = SampleTime(mark.time);
      continue;
    }
    const std::int64_t lost = (mark.time - before.time) - (mark.start - before.start);
    counters_.gaps.fetch_add(1, std::memory_order_relaxed);
    counters_.lost.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(lost, 0)), std::memory_order_relaxed);
    if (meta_.captures.size() <= kMaxListedGaps) {
      add_gap(mark, lost);
    } else {
      if (unlisted_gaps_++ == 0) unlisted_start_ = mark.start;
    }
  }
}

void SigmfWriter::add_gap(const Mark& mark, std::int64_t lost)
{
  const SampleCount start(mark.start);
  meta_.captures.push_back({.sample_start = start,
                            .frequency = meta_.captures.front().frequency,
                            .datetime = {},
                            .global_index = SampleTime(mark.time)});
  SigmfAnnotation gap;
  gap.sample_start = start;
  gap.sample_count = SampleCount(1);
  gap.label = "gap";
  gap.comment = lost > 0 ? fmt::format("{} samples are missing before this one", lost)
                              : fmt::format("time goes back by {} samples here", -lost);
  meta_.annotations.push_back(std::move(gap));
}

void SigmfWriter::note_unlisted_gaps()
{
  if (unlisted_gaps_ == 0) return;
  SigmfAnnotation rest;
  rest.sample_start = SampleCount(unlisted_start_);
  rest.label = "gaps";
  rest.comment = fmt::format("from here on {} more gaps are not listed", unlisted_gaps_);
  meta_.annotations.push_back(std::move(rest));
}

void SigmfWriter::take_annotations()
{
  const std::lock_guard lock(annotations_mutex_);
  std::move(annotations_.begin(), annotations_.end(), std::back_inserter(meta_.annotations));
  annotations_.clear();
}

Result<void> SigmfWriter::rewrite_meta()
{
  take_annotations();
  std::stable_sort(meta_.annotations.begin(), meta_.annotations.end(),
                   [](const auto& a, const auto& b) { return a.sample_start < b.sample_start; });
  is_meta_stale_ = false;
  return replace_file(paths_.meta, to_json(meta_));
}

Result<void> SigmfWriter::finish()
{
  const auto length = static_cast<std::int64_t>(counters_.written.load(std::memory_order_relaxed));
  int error = write_error_.load(std::memory_order_relaxed);
  if (::fsync(data_.get()) != 0 && error == 0) error = errno;
  note_unlisted_gaps();
  take_annotations();
  const auto is_beyond = [length](const auto& segment) { return segment.sample_start.value() > length; };
  std::erase_if(meta_.captures, is_beyond);
  std::erase_if(meta_.annotations, is_beyond);
  meta_.sha512 = hash_.finish();
  meta_.is_unfinished = false;
  reserve_.close();
  const Result<void> rewritten = rewrite_meta();
  if (error != 0) {
    write_error_.store(error, std::memory_order_relaxed);
    return fail(ErrorCode::io, fmt::format("writing {} failed: {}; it is readable and holds {} samples a channel", paths_.data,
                                           system_text(error), length));
  }
  return rewritten;
}

Result<WriterCounters> SigmfWriter::close()
{
  if (!is_closed_) {
    is_closed_ = true;
    {
      const std::lock_guard lock(flush_mutex_);
      is_closing_.store(true, std::memory_order_release);
    }
    flush_wanted_.notify_one();
    thread_.join();
    flusher_.join();
    outcome_ = finish();
  }
  if (!outcome_) return tl::unexpected<Error>(outcome_.error());
  return counters();
}

WriterCounters SigmfWriter::counters() const noexcept
{
  return {.accepted = counters_.accepted.load(std::memory_order_relaxed),
          .written = counters_.written.load(std::memory_order_relaxed),
          .dropped = counters_.dropped.load(std::memory_order_relaxed),
          .gaps = counters_.gaps.load(std::memory_order_relaxed),
          .lost = counters_.lost.load(std::memory_order_relaxed),
          .clipped = counters_.clipped.load(std::memory_order_relaxed),
          .has_failed = write_error_.load(std::memory_order_relaxed) != 0};
}

}  // namespace ravi::recording
