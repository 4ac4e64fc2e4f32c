#include "radio/dsp/fft.h"
#include "radio/realtime.h"

#include <doctest/doctest.h>

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv is POSIX
#include <unistd.h>

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace ravi;
using dsp::Fft;
using dsp::FftDirection;
using dsp::FftEffort;

namespace {

namespace fs = std::filesystem;

/// Points the user's cache folder into an empty folder of this test's own, before any plan is made.
class TemporaryCache {
public:
  TemporaryCache()
  {
    std::string name = (fs::temp_directory_path() / "ravi-test-fft-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    if (const char* old = ::getenv("XDG_CACHE_HOME")) old_ = old;
    ::setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  }
  ~TemporaryCache()
  {
    if (old_.empty()) ::unsetenv("XDG_CACHE_HOME");
    else ::setenv("XDG_CACHE_HOME", old_.c_str(), 1);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  TemporaryCache(const TemporaryCache&) = delete;
  TemporaryCache& operator=(const TemporaryCache&) = delete;

  [[nodiscard]] fs::path folder() const { return folder_; }
  [[nodiscard]] fs::path wisdom() const { return folder_ / "ravi" / "fftwf-wisdom"; }

private:
  fs::path folder_;
  std::string old_;
};

std::vector<Cf32> noise(std::size_t n, unsigned seed)
{
  std::mt19937 random(seed);
  std::normal_distribution<float> gaussian;
  std::vector<Cf32> out(n);
  for (Cf32& x : out) x = {gaussian(random), gaussian(random)};
  return out;
}

/// The definition, in double.
std::vector<std::complex<double>> dft(std::span<const Cf32> in, double sign)
{
  const std::size_t n = in.size();
  std::vector<std::complex<double>> out(n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      const double angle = sign * 2.0 * std::numbers::pi * static_cast<double>(k * i % n) / static_cast<double>(n);
      out[k] += std::complex<double>(in[i]) * std::polar(1.0, angle);
    }
  }
  return out;
}

double rms_error(std::span<const Cf32> got, std::span<const std::complex<double>> want)
{
  double error = 0;
  double power = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    error += std::norm(std::complex<double>(got[k]) - want[k]);
    power += std::norm(want[k]);
  }
  return std::sqrt(error / power);
}

std::string contents(const fs::path& path)
{
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("Fft: equals the definition in both directions for powers of two, 3, 5 and primes")
{
  for (const std::size_t n : {1U, 2U, 3U, 12U, 17U, 128U, 256U, 384U, 512U, 1536U}) {
    CAPTURE(n);
    const auto in = noise(n, static_cast<unsigned>(n));
    std::vector<Cf32> out(n);
    Fft(n, FftDirection::forward, FftEffort::estimate).run(in, out);
    CHECK(rms_error(out, dft(in, -1)) < 1e-6);
    Fft(n, FftDirection::backward, FftEffort::estimate).run(in, out);
    CHECK(rms_error(out, dft(in, 1)) < 1e-6);
  }
}

TEST_CASE("Fft: gives the same transform at every alignment, in place or not, and leaves its input alone")
{
  const TemporaryCache cache;
  const std::size_t n = 256;
  const auto signal = noise(n, 5);
  const auto want = dft(signal, -1);
  const Fft fft(n, FftDirection::forward, FftEffort::measure);
  alignas(64) static std::uint8_t in_bytes[(n + 4) * sizeof(Cf32)];
  alignas(64) static std::uint8_t out_bytes[(n + 4) * sizeof(Cf32)];
  for (std::size_t in_offset = 0; in_offset <= 24; in_offset += 4) {
    for (std::size_t out_offset = 0; out_offset <= 24; out_offset += 4) {
      CAPTURE(in_offset);
      CAPTURE(out_offset);
      const std::span<Cf32> in(reinterpret_cast<Cf32*>(in_bytes + in_offset), n);
      const std::span<Cf32> out(reinterpret_cast<Cf32*>(out_bytes + out_offset), n);
      std::memcpy(in_bytes + in_offset, signal.data(), n * sizeof(Cf32));
      fft.run(in, out);
      CHECK(rms_error(out, want) < 1e-6);
      CHECK(std::memcmp(in.data(), signal.data(), in.size_bytes()) == 0);
      fft.run(in, in);
      CHECK(rms_error(in, want) < 1e-6);
    }
  }
}

TEST_CASE("Fft: backward(forward(x)) is N x")
{
  const TemporaryCache cache;
  const std::size_t n = 2048;
  const auto signal = noise(n, 6);
  std::vector<Cf32> x = signal;
  Fft(n, FftDirection::forward).run(x, x);
  Fft(n, FftDirection::backward).run(x, x);
  double error = 0;
  for (std::size_t i = 0; i < n; ++i) error += std::norm(x[i] / static_cast<float>(n) - signal[i]);
  CHECK(std::sqrt(error / static_cast<double>(2 * n)) < 1e-6);
}

TEST_CASE("Fft: running neither allocates nor locks, and a moved plan runs on")
{
  const auto in = noise(600, 7);
  std::vector<Cf32> out(600);
  Fft first(600, FftDirection::forward, FftEffort::estimate);
  Fft fft(std::move(first));
  CHECK(fft.size() == 600);
  const RealtimeScope scope;
  fft.run(in, out);
}

TEST_CASE("Fft: one plan serves several threads while others are planned")
{
  const std::size_t n = 384;
  const auto in = noise(n, 8);
  const Fft fft(n, FftDirection::forward, FftEffort::estimate);
  std::vector<Cf32> want(n);
  fft.run(in, want);
  std::vector<std::thread> threads;
  std::vector<int> num_wrong(4, 0);
  for (std::size_t t = 0; t < num_wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      std::vector<Cf32> out(n);
      for (std::size_t i = 0; i < 50; ++i) {
        const Fft other(8 + 10 * t + i, FftDirection::backward, FftEffort::estimate);
        fft.run(in, out);
        if (out != want) ++num_wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(num_wrong == std::vector<int>(4, 0));
}

TEST_CASE("Fft: what was measured is kept in the user's cache folder, and nothing else is left there")
{
  const TemporaryCache cache;
  const Fft first(96, FftDirection::forward);
  REQUIRE(fs::exists(cache.wisdom()));
  CHECK(contents(cache.wisdom()).find("fftw") != std::string::npos);
  std::size_t num_files = 0;
  for (const auto& entry : fs::directory_iterator(cache.wisdom().parent_path())) num_files += entry.exists() ? 1U : 0U;
  CHECK(num_files == 1);

  fs::remove(cache.wisdom());
  const Fft again(96, FftDirection::forward);
  CHECK_FALSE(fs::exists(cache.wisdom()));  // known already: not measured, so not written
}

TEST_CASE("Fft: a damaged, unreadable or unwritable wisdom cache is no obstacle")
{
  const TemporaryCache cache;
  const auto in = noise(100, 9);
  std::vector<Cf32> out(100);
  const auto transforms_rightly = [&](std::size_t size) {
    const Fft fft(size, FftDirection::forward);
    fft.run(std::span(in).first(size), std::span(out).first(size));
    return rms_error(std::span(out).first(size), dft(std::span(in).first(size), -1)) < 1e-6;
  };
  SUBCASE("damaged")
  {
    fs::create_directories(cache.wisdom().parent_path());
    for (const std::string text : {"", "(fftw-3.3.10 fftwf_wisdom #x0", "no wisdom at all", "((((((((", "\xff\0\x80"}) {
      std::ofstream(cache.wisdom(), std::ios::binary) << text;
      static std::size_t size = 31;
      CHECK(transforms_rightly(++size));
      CHECK(contents(cache.wisdom()).size() > 50);  // replaced by a whole one
    }
  }
  SUBCASE("a folder where the file should be")
  {
    fs::create_directories(cache.wisdom() / "in the way");
    CHECK(transforms_rightly(50));
  }
  SUBCASE("a file where the folder should be")
  {
    std::ofstream(cache.folder() / "ravi") << "in the way";
    CHECK(transforms_rightly(51));
    CHECK(contents(cache.folder() / "ravi") == "in the way");
  }
}
