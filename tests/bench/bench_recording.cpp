// The recorder: what `append` costs the radio's thread, what the disk takes, what hashing costs. Bytes are those on disk.

#include "radio/recording/sha512.h"
#include "radio/recording/sigmf_reader.h"
#include "radio/recording/sigmf_writer.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ravi;
using namespace ravi::recording;

constexpr std::size_t kBlock = 61'440;  // 1 ms at 61.44 MS/s

SigmfMeta meta_of(SampleFormat format)
{
  SigmfMeta meta;
  meta.format = format;
  meta.sample_rate = SampleRate(61'440'000);
  return meta;
}

IqBuffer noise()
{
  IqBuffer block(1, kBlock);
  std::uint32_t state = 1;
  for (Cf32& sample : block.channel()) {
    state = state * 1664525U + 1013904223U;
    sample = {static_cast<float>(state >> 16U) / 65536.0F - 0.5F, static_cast<float>(state & 0xffffU) / 65536.0F - 0.5F};
  }
  return block;
}

/// A folder on the disk to be measured: TMPDIR, else /tmp.
std::string new_folder()
{
  std::string pattern = (std::filesystem::temp_directory_path() / "ravi-bench-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

/// From `append` to the disk, as fast as it goes: 2 GB with close, so the disk itself and not only its cache counts.
void append_to_disk(benchmark::State& state, SampleFormat format)
{
  const IqBuffer block = noise();
  const std::size_t frame = bytes_per_sample(format);
  const auto num_blocks = static_cast<std::int64_t>((std::size_t{2} << 30U) / (kBlock * frame));
  for (auto _ : state) {
    const std::string folder = new_folder();
    {
      const auto writer = SigmfWriter::create(folder + "/r", meta_of(format), {.when_full = WhenFull::wait});
      for (std::int64_t n = 0; n < num_blocks; ++n) {
        std::size_t done = 0;
        while (done < kBlock) {
          const SampleTime at(n * static_cast<std::int64_t>(kBlock) + static_cast<std::int64_t>(done));
          done += (*writer)->append(block.span().subspan(done, kBlock - done), at);
        }
      }
      if (!(*writer)->close()) state.SkipWithError("the disk failed");
    }
    std::filesystem::remove_all(folder);
  }
  state.SetBytesProcessed(state.iterations() * num_blocks * static_cast<std::int64_t>(kBlock * frame));
  state.SetItemsProcessed(state.iterations() * num_blocks * static_cast<std::int64_t>(kBlock));
}
BENCHMARK_CAPTURE(append_to_disk, sc16, SampleFormat::ci16_le)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(append_to_disk, cf32, SampleFormat::cf32_le)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

/// 61.44 Msample/s sc16 for ten seconds, paced like a radio; what could not be kept up with is in `dropped`.
void record_at_61_44_msps(benchmark::State& state)
{
  const IqBuffer block = noise();
  constexpr std::int64_t kBlocks = 10'000;
  WriterCounters counters;
  for (auto _ : state) {
    const std::string folder = new_folder();
    const auto writer = SigmfWriter::create(folder + "/r", meta_of(SampleFormat::ci16_le), {.buffer_bytes = std::size_t{256} << 20U});
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t n = 0; n < kBlocks; ++n) {
      std::this_thread::sleep_until(begin + std::chrono::milliseconds(n));
      (*writer)->append(block.span(), SampleTime(n * static_cast<std::int64_t>(kBlock)));
    }
    if (!(*writer)->close()) state.SkipWithError("the disk failed");
    counters = (*writer)->counters();
    std::filesystem::remove_all(folder);
  }
  state.counters["dropped"] = static_cast<double>(counters.dropped);
  state.counters["written"] = static_cast<double>(counters.written);
}
BENCHMARK(record_at_61_44_msps)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

void hash(benchmark::State& state)
{
  const std::vector<std::byte> bytes(std::size_t{4} << 20U);
  Sha512 sha512;
  for (auto _ : state) sha512.update(bytes);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(hash)->UseRealTime();

/// Reading back, from the page cache, converted.
void read_sc16(benchmark::State& state)
{
  const std::string folder = new_folder();
  IqBuffer block = noise();
  {
    const auto writer = SigmfWriter::create(folder + "/r", meta_of(SampleFormat::ci16_le), {.when_full = WhenFull::wait});
    for (std::int64_t n = 0; n < 100; ++n) (*writer)->append(block.span(), SampleTime(n * static_cast<std::int64_t>(kBlock)));
  }
  auto reader = SigmfReader::open(folder + "/r");
  std::int64_t position = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader->read(SampleCount(position), block.span()));
    position = (position + static_cast<std::int64_t>(kBlock)) % (90 * static_cast<std::int64_t>(kBlock));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlock));
  std::filesystem::remove_all(folder);
}
BENCHMARK(read_sc16);

}  // namespace
