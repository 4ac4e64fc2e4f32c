#pragma once
// Writing a SigMF recording in real time, so that whatever interrupts it leaves a readable recording up to that point.

#include "radio/iq.h"
#include "radio/recording/file.h"
#include "radio/recording/sha512.h"
#include "radio/recording/sigmf.h"
#include "radio/result.h"
#include "radio/ring.h"
#include "radio/time.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ravi::recording {

/// What `append` does when the disk is slower than the radio.
enum class WhenFull {
  drop,  ///< at once: for hardware, which goes on regardless. Lost samples are counted and marked as a gap
  wait,  ///< up to 100 ms, then returns what was taken: for simulated radios, which can wait. Not real time
};

struct WriterOptions {
  WhenFull when_full = WhenFull::drop;
  /// Between `append` and the disk; rounded up to a power of two. Memory of a writer: this and 6 MiB.
  std::size_t buffer_bytes = std::size_t{128} << 20U;
};

/// Totals, in samples a channel where samples are meant.
struct WriterCounters {
  std::uint64_t accepted = 0;  ///< taken by `append`
  std::uint64_t written = 0;   ///< handed to the system
  std::uint64_t dropped = 0;   ///< refused by `append`: the ring was full, or the disk had failed
  std::uint64_t gaps = 0;      ///< places where time jumped, by a drop or before `append`
  std::uint64_t lost = 0;      ///< samples missing at those places
  std::uint64_t clipped = 0;   ///< components out of the integer format's range
  bool has_failed = false;     ///< the disk takes no more; what is written stays readable
};

/// A recording being written.
///
/// Files    The metadata is valid on disk, marked unfinished, before the first sample; it is replaced at once (old or
///          new, never half) after a gap and at the end. The data file only grows. A full disk or any other failure ends
///          the writing, shows in the counters and in the answer of `close`; the data are cut to whole samples.
/// Threads  `append` from one thread; `annotate` and `close` from one (the same or another); `counters` from any. One
///          thread of its own writes and hashes, one puts what is written beyond a power cut, once a second.
class SigmfWriter {
public:
  /// `meta` gives format, rate, channels, texts, and with its first capture frequency and date. Refuses to overwrite.
  [[nodiscard]] static Result<std::unique_ptr<SigmfWriter>> create(std::string_view name, const SigmfMeta& meta,
                                                                   const WriterOptions& options = {});
  ~SigmfWriter();  ///< closes
  SigmfWriter(const SigmfWriter&) = delete;
  SigmfWriter& operator=(const SigmfWriter&) = delete;

  /// Takes samples whose first has the time `time`; returns how many, always from the front. A time other than the one
  /// after the last accepted sample marks a gap. Takes nothing once the disk has failed. Real time (with WhenFull::drop): converts into the ring, nothing else.
  std::size_t append(ConstIqSpan in, SampleTime time) noexcept;

  /// Positions as in the data file.
  void annotate(SigmfAnnotation annotation);

  /// Writes all that was accepted, the SHA-512 and the annotations. Nothing is appended during it or after. Fails where the
  /// disk did, saying how much is there. A second call returns the first's answer.
  Result<WriterCounters> close();

  [[nodiscard]] WriterCounters counters() const noexcept;
  [[nodiscard]] const SigmfPaths& paths() const { return paths_; }

private:
  struct Mark {  ///< the sample at position `start` has the time `time`, which does not follow from the one before
    std::int64_t start = 0, time = 0;
  };
  struct FreeAligned {
    void operator()(std::byte* memory) const;
  };
  struct Counters {
    std::atomic<std::uint64_t> accepted, written, dropped, gaps, lost, clipped;
  };

  SigmfWriter(SigmfPaths paths, const SigmfMeta& meta, const WriterOptions& options);
  Result<void> create_files();

  // the appending thread
  std::size_t append_piece(ConstIqSpan in, SampleTime time) noexcept;
  bool wait_for_room(std::size_t bytes) noexcept;
  void encode(ConstIqSpan in, const RingSpan<std::byte>& out) noexcept;

  // the writing thread, and `close` after it has ended
  void run();
  enum class Rest { may_wait, now };
  std::size_t write_available(Rest rest);
  std::size_t write_part(const RingSpan<const std::byte>& part);
  void leave_direct();
  void take_marks();
  void add_gap(const Mark& mark, std::int64_t lost);
  void note_unlisted_gaps();
  void take_annotations();
  Result<void> rewrite_meta();
  Result<void> finish();

  const SigmfPaths paths_;
  SigmfMeta meta_;
  const std::size_t frame_;  ///< bytes of one sample of all channels
  const WhenFull when_full_;
  File data_;
  File reserve_;  ///< space on disk for the last metadata, freed just before it is written

  SpscRing<std::byte> ring_;
  SpscRing<Mark> marks_;
  IqBuffer interleaved_;  ///< several channels only
  SampleTime next_time_;  ///< of the next sample if nothing is lost
  bool is_empty_ = true;  ///< nothing accepted yet

  /// Fast recordings go past the page cache, whose writing back may be far slower than the disk: in whole units from an
  /// aligned buffer. Null: through the cache.
  std::unique_ptr<std::byte, FreeAligned> direct_;
  std::size_t direct_unit_ = 0;  ///< bytes: whole pages and whole samples

  Sha512 hash_;
  bool is_meta_stale_ = false;
  std::uint64_t samples_at_rewrite_ = 0;
  Mark last_mark_;
  std::uint64_t unlisted_gaps_ = 0;
  std::int64_t unlisted_start_ = 0;
  std::mutex annotations_mutex_;
  std::vector<SigmfAnnotation> annotations_;  ///< from `annotate`, not yet in meta_

  Counters counters_{};
  std::atomic<int> write_error_{0};  ///< errno
  std::atomic<bool> is_closing_{false};
  bool is_closed_ = false;
  Result<void> outcome_;
  std::thread thread_;

  void flush();  // the flushing thread
  std::mutex flush_mutex_;
  std::condition_variable flush_wanted_;
  std::thread flusher_;
};

}  // namespace ravi::recording
