#include "radio/recording/sigmf_writer.h"

#include "radio/realtime.h"
#include "radio/recording/sigmf_reader.h"
#include "tests/radio/recording/temporary_folder.h"
#include "tests/realtime_guard.h"

#include <doctest/doctest.h>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace ravi;
using namespace ravi::recording;
using ravi::testing::read_text;
using ravi::testing::TemporaryFolder;
using ravi::testing::write_text;

namespace {

SigmfMeta meta_of(SampleFormat format, std::size_t num_channels = 1)
{
  SigmfMeta meta;
  meta.format = format;
  meta.sample_rate = SampleRate(1'000'000);
  meta.num_channels = num_channels;
  meta.recorder = "test";
  return meta;
}

constexpr WriterOptions kWait{.when_full = WhenFull::wait, .buffer_bytes = 1 << 20};

/// Sample n of channel c, exact in every format: whole steps of 1/127.
Cf32 sample_of(std::size_t n, std::size_t c)
{
  return {static_cast<float>(n % 120) / 127.0F, -static_cast<float>(c + n % 7) / 127.0F};
}

void append_all(SigmfWriter& writer, ConstIqSpan in, SampleTime time)
{
  std::size_t done = 0;
  while (done < in.num_samples() && !writer.counters().has_failed) {
    done += writer.append(in.subspan(done, in.num_samples() - done), time + SampleCount(static_cast<std::int64_t>(done)));
  }
}

/// Lowers the largest file this process may write, until it goes.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes)
  {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &lower);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
  rlimit before_{};
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("SigMF writer: the bytes on disk are those of the format, little-endian, channels interleaved")
{
  const TemporaryFolder folder;
  const std::vector<Cf32> first = {{1.0F, -1.0F}, {0.0F, 2.0F}};
  IqBuffer two(2, 2);
  std::copy(first.begin(), first.end(), two.channel(0).begin());
  two.channel(1)[0] = {1.0F / 127.0F, 0.0F};
  const auto bytes_of = [&](SampleFormat format, ConstIqSpan in) {
    const std::string name = folder / std::string(to_text(format)) + std::to_string(in.num_channels());
    auto writer = SigmfWriter::create(name, meta_of(format, in.num_channels()), kWait);
    REQUIRE(writer);
    CHECK((*writer)->append(in, SampleTime(0)) == in.num_samples());
    const auto closed = (*writer)->close();
    REQUIRE(closed);
    CHECK(closed->clipped == (format == SampleFormat::cf32_le ? 0 : 1));  // the 2.0
    return read_text(name + ".sigmf-data");
  };
  const auto one = ConstIqSpan(std::span(first));
  CHECK(bytes_of(SampleFormat::ci8, one) == std::string("\x7f\x81\x00\x7f", 4));
  CHECK(bytes_of(SampleFormat::ci16_le, one) == std::string("\xff\x7f\x01\x80\x00\x00\xff\x7f", 8));
  CHECK(bytes_of(SampleFormat::cf32_le, one) == std::string("\x00\x00\x80\x3f\x00\x00\x80\xbf\x00\x00\x00\x00\x00\x00\x00\x40", 16));
  CHECK(bytes_of(SampleFormat::ci8, two.span()) == std::string("\x7f\x81\x01\x00\x00\x7f\x00\x00", 8));
}

TEST_CASE("SigMF writer: what was appended in blocks of any size is read back, and its SHA-512 is right")
{
  const TemporaryFolder folder;
  std::mt19937 random(1);
  for (const SampleFormat format : {SampleFormat::cf32_le, SampleFormat::ci16_le, SampleFormat::ci8}) {
    for (const std::size_t num_channels : {1U, 3U}) {  // three: samples of all channels lie across the ring's end
      constexpr std::size_t kLength = 600'000;
      IqBuffer all(num_channels, kLength);
      for (std::size_t c = 0; c < num_channels; ++c) {
        for (std::size_t n = 0; n < kLength; ++n) all.channel(c)[n] = sample_of(n, c);
      }
      const std::string name = folder / (std::string(to_text(format)) + std::to_string(num_channels));
      auto writer = SigmfWriter::create(name, meta_of(format, num_channels), kWait);
      REQUIRE(writer);
      for (std::size_t n = 0; n < kLength;) {
        const std::size_t count = std::min<std::size_t>(random() % 40'000, kLength - n);
        append_all(**writer, all.span().subspan(n, count), SampleTime(static_cast<std::int64_t>(n)));
        n += count;
      }
      REQUIRE((*writer)->close());

      auto reader = SigmfReader::open(name);
      REQUIRE(reader);
      CHECK(reader->verify());
      CHECK_FALSE(reader->meta().is_unfinished);
      CHECK(reader->meta().captures.size() == 1);
      REQUIRE(reader->length() == SampleCount(kLength));
      IqBuffer back(num_channels, kLength);
      REQUIRE(reader->read(SampleCount(0), back.span()));
      float worst = 0.0F;
      for (std::size_t c = 0; c < num_channels; ++c) {
        for (std::size_t n = 0; n < kLength; ++n) worst = std::max(worst, std::abs(back.channel(c)[n] - all.channel(c)[n]));
      }
      CHECK(worst <= (format == SampleFormat::ci16_le ? 0.75F / 32767.0F : 1e-7F));
    }
  }
}

TEST_CASE("SigMF writer: the recording is valid, and marked unfinished, from before the first sample")
{
  const TemporaryFolder folder;
  SigmfMeta meta = meta_of(SampleFormat::ci16_le);
  meta.captures.push_back({.sample_start = {}, .frequency = Hertz(3.5e9), .datetime = "2026-01-02T03:04:05Z", .global_index = {}});
  auto writer = SigmfWriter::create(folder / "r", meta, kWait);
  REQUIRE(writer);
  auto early = SigmfReader::open(folder / "r");
  REQUIRE(early);
  CHECK(early->length() == SampleCount(0));
  CHECK(early->meta().is_unfinished);
  CHECK(early->meta().captures.at(0).frequency == Hertz(3.5e9));
  CHECK(early->meta().captures.at(0).datetime == "2026-01-02T03:04:05Z");
  REQUIRE((*writer)->close());
  CHECK(folder.names().size() == 2);  // nothing is left behind
}

TEST_CASE("SigMF writer: never overwrites, and leaves what is there alone")
{
  const TemporaryFolder folder;
  write_text(folder / "a.sigmf-meta", "mine");
  write_text(folder / "b.sigmf-data", "mine");
  for (const char* name : {"a", "b"}) {
    const auto writer = SigmfWriter::create(folder / name, meta_of(SampleFormat::ci8));
    REQUIRE_FALSE(writer);
    CHECK(has(writer.error().message, "never overwritten"));
    CHECK(writer.error().code == ErrorCode::bad_input);
  }
  CHECK(read_text(folder / "a.sigmf-meta") == "mine");
  CHECK(read_text(folder / "b.sigmf-data") == "mine");
  CHECK(folder.names().size() == 2);
  CHECK(has(SigmfWriter::create(folder / "no/such/r", meta_of(SampleFormat::ci8)).error().message, "No such file or directory"));
  CHECK(SigmfWriter::create(folder / "c", meta_of(SampleFormat::cu8)).error().code == ErrorCode::unsupported);
}

TEST_CASE("SigMF writer: a jump of time is a gap: a capture with its global index, and a remark")
{
  const TemporaryFolder folder;
  const IqBuffer block(1, 1000);
  auto writer = SigmfWriter::create(folder / "r", meta_of(SampleFormat::ci8), kWait);
  REQUIRE(writer);
  append_all(**writer, block.span(), SampleTime(5000));
  append_all(**writer, block.span(), SampleTime(6000));
  append_all(**writer, block.span(), SampleTime(7300));
  (*writer)->annotate({.sample_start = SampleCount(10), .sample_count = SampleCount(20), .freq_lower_edge = {}, .freq_upper_edge = {}, .label = "mine"});
  const auto closed = (*writer)->close();
  REQUIRE(closed);
  CHECK(closed->gaps == 1);
  CHECK(closed->lost == 300);
  CHECK(closed->dropped == 0);

  const auto reader = SigmfReader::open(folder / "r");
  REQUIRE(reader);
  const SigmfMeta& meta = reader->meta();
  REQUIRE(meta.captures.size() == 2);
  CHECK(meta.captures[0].global_index == SampleTime(5000));
  CHECK(meta.captures[1].sample_start == SampleCount(2000));
  CHECK(meta.captures[1].global_index == SampleTime(7300));
  REQUIRE(meta.annotations.size() == 2);
  CHECK(meta.annotations[0].label == "mine");
  CHECK(meta.annotations[1].label == "gap");
  CHECK(meta.annotations[1].sample_start == SampleCount(2000));
  CHECK(meta.annotations[1].comment == "300 samples are missing before this one");
}

TEST_CASE("SigMF writer: a recorder that is killed leaves its gaps and its samples [a copy of the files, mid-way]")
{
  const TemporaryFolder folder;
  SigmfMeta slow = meta_of(SampleFormat::ci8);
  slow.sample_rate = SampleRate(1000);  // so that the metadata is renewed every 1000 samples
  auto writer = SigmfWriter::create(folder / "r", slow, kWait);
  REQUIRE(writer);
  const IqBuffer block(1, 1000);
  append_all(**writer, block.span(), SampleTime(0));
  append_all(**writer, block.span(), SampleTime(2000));
  for (int n = 0; n < 1000 && read_text(folder / "r.sigmf-meta").find("3000") == std::string::npos; ++n) {
    append_all(**writer, block.span(), SampleTime(3000 + n * 1000));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (has(read_text(folder / "r.sigmf-meta"), "\"gap\"")) break;
  }
  std::filesystem::copy_file(folder / "r.sigmf-meta", folder / "k.sigmf-meta");
  std::filesystem::copy_file(folder / "r.sigmf-data", folder / "k.sigmf-data");
  const auto killed = SigmfReader::open(folder / "k");
  REQUIRE(killed);
  CHECK(killed->meta().is_unfinished);
  CHECK(killed->length() >= SampleCount(2000));
  REQUIRE(killed->meta().captures.size() == 2);
  CHECK(killed->meta().captures[1].sample_start == SampleCount(1000));
  CHECK(killed->meta().captures[1].global_index == SampleTime(2000));
}

TEST_CASE("SigMF writer: a full ring drops and counts, and the recording says where")
{
  const TemporaryFolder folder;
  auto writer = SigmfWriter::create(folder / "r", meta_of(SampleFormat::cf32_le), {.when_full = WhenFull::drop, .buffer_bytes = 1 << 18});
  REQUIRE(writer);
  IqBuffer block(1, 16'384);
  std::int64_t time = 0;
  std::uint64_t accepted = 0;
  for (int n = 0; n < 400; ++n, time += 16'384) {  // 52 MB through a ring of 256 KiB, as fast as memory goes
    std::fill(block.channel().begin(), block.channel().end(), Cf32(static_cast<float>(n), 0.0F));
    accepted += (*writer)->append(block.span(), SampleTime(time));
    if (n % 40 == 39) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  // Once more when there is room, so that the last drop is a gap too.
  while ((*writer)->append(block.span().first(1), SampleTime(time)) == 0) std::this_thread::yield();
  const auto closed = (*writer)->close();
  REQUIRE(closed);
  CHECK(closed->accepted == accepted + 1);
  CHECK(closed->written == closed->accepted);
  CHECK(closed->lost + closed->accepted == static_cast<std::uint64_t>(time) + 1);
  MESSAGE("dropped ", closed->dropped, " of ", time, " samples in ", closed->gaps, " gaps");

  auto reader = SigmfReader::open(folder / "r");
  REQUIRE(reader);
  CHECK(reader->verify());
  CHECK(reader->meta().captures.size() == closed->gaps + 1);
  bool is_right = true;  // the sample after each gap is the one its global index names
  for (const SigmfCapture& capture : reader->meta().captures) {
    IqBuffer one(1, 1);
    REQUIRE(reader->read(capture.sample_start, one.span()));
    REQUIRE(capture.global_index);
    const auto expected = static_cast<float>(std::min<std::int64_t>(capture.global_index->value() / 16'384, 399));
    is_right = is_right && one.channel()[0].real() == expected;
  }
  CHECK(is_right);
}

TEST_CASE("SigMF writer: when the disk takes no more, all that was written stays readable")
{
  const TemporaryFolder folder;
  for (const std::size_t num_channels : {1U, 3U}) {
    const std::string name = folder / std::to_string(num_channels);
    auto writer = SigmfWriter::create(name, meta_of(SampleFormat::cf32_le, num_channels), kWait);
    REQUIRE(writer);
    IqBuffer block(num_channels, 10'000);
    {
      const FileSizeLimit limit(1'000'003);  // inside a sample
      for (int n = 0; n < 100 && !(*writer)->counters().has_failed; ++n) append_all(**writer, block.span(), SampleTime(n * 10'000));
      const auto closed = (*writer)->close();
      REQUIRE_FALSE(closed);
      CHECK(closed.error().code == ErrorCode::io);
      CHECK(has(closed.error().message, "File too large; it is readable and holds"));
      CHECK((*writer)->append(block.span(), SampleTime(0)) == 0);
    }
    auto reader = SigmfReader::open(name);
    REQUIRE(reader);
    CHECK(reader->length() == SampleCount(static_cast<std::int64_t>(1'000'003 / (8 * num_channels))));
    CHECK_FALSE(reader->meta().is_unfinished);
    CHECK(reader->verify());
  }
}

TEST_CASE("SigMF writer: append neither allocates nor locks, with room and without")
{
  const TemporaryFolder folder;
  auto writer = SigmfWriter::create(folder / "r", meta_of(SampleFormat::ci16_le, 2), {.when_full = WhenFull::drop, .buffer_bytes = 1 << 18});
  REQUIRE(writer);
  const IqBuffer block(2, 20'000);
  testing::reset_realtime_violations();
  {
    const RealtimeScope scope;
    for (int n = 0; n < 50; ++n) (*writer)->append(block.span(), SampleTime(n * 30'000));
  }
  const auto violations = testing::realtime_violations();
  CHECK(violations.allocations == 0);
  CHECK(violations.frees == 0);
  CHECK(violations.locks == 0);
  CHECK((*writer)->counters().accepted > 0);
}

TEST_CASE("SigMF writer: a storm of gaps is listed up to a bound and counted beyond it")
{
  const TemporaryFolder folder;
  auto writer = SigmfWriter::create(folder / "r", meta_of(SampleFormat::ci8), kWait);
  REQUIRE(writer);
  const IqBuffer one(1, 1);
  constexpr std::int64_t kGaps = 21'000;
  for (std::int64_t n = 0; n <= kGaps;) {
    n += static_cast<std::int64_t>((*writer)->append(one.span(), SampleTime(n * 10)));
  }
  const auto closed = (*writer)->close();
  REQUIRE(closed);
  CHECK(closed->gaps == kGaps);
  CHECK(closed->lost == kGaps * 9);
  const auto reader = SigmfReader::open(folder / "r");
  REQUIRE(reader);
  CHECK(reader->meta().captures.size() == 20'001);
  CHECK(reader->meta().annotations.back().comment == "from here on 1000 more gaps are not listed");
}
