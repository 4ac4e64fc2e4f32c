#include "radio/dsp/fft.h"

#include "radio/log.h"

#include <fftw3.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace ravi::dsp {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxWisdomBytes = 4U << 20;

/// FFTW's planner is one for the process and not thread-safe; executing plans is.
std::mutex& planner_mutex()
{
  static std::mutex mutex;
  return mutex;
}

/// Empty when the user has no home.
fs::path wisdom_path()
{
  const auto from_environment = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? fs::path(value) : fs::path();
  };
  const fs::path cache = from_environment("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "ravi" / "fftwf-wisdom";
  const fs::path home = from_environment("HOME");
  if (home.is_absolute()) return home / ".cache" / "ravi" / "fftwf-wisdom";
  return {};
}

/// Adds what the file knows to what the planner knows; a missing, foreign or damaged file adds nothing.
void load_wisdom()
{
  const fs::path path = wisdom_path();
  std::error_code error;
  const std::uintmax_t bytes = path.empty() ? 0 : fs::file_size(path, error);
  if (path.empty() || error || bytes > kMaxWisdomBytes) return;
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || fftwf_import_wisdom_from_string(text.c_str()) == 0) {
    log_info(fmt::format("fft: wisdom file not usable, measuring anew path={}", path.string()));
  }
}

/// Writes beside the file and renames, so that a reader sees the old wisdom or the new, never half of it.
void save_wisdom()
{
  const fs::path path = wisdom_path();
  if (path.empty()) return;
  load_wisdom();  // another process may have measured other sizes meanwhile
  char* const text = fftwf_export_wisdom_to_string();
  if (text == nullptr) return;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const fs::path temporary = path.string() + "." + std::to_string(::getpid());
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) error = std::make_error_code(std::errc::io_error);
  }
  std::free(text);
  if (!error) fs::rename(temporary, path, error);
  if (!error) return;
  log_info(fmt::format("fft: wisdom not kept, the next start measures again path={} cause={}", path.string(), error.message()));
  fs::remove(temporary, error);
}

fftwf_complex* fftw(Cf32* samples) { return reinterpret_cast<fftwf_complex*>(samples); }

/// FFTW does not write to the input of an out-of-place complex transform.
fftwf_complex* fftw(const Cf32* samples) { return fftw(const_cast<Cf32*>(samples)); }

fftwf_plan make_plan(std::size_t size, FftDirection direction, Cf32* in, Cf32* out, unsigned flags)
{
  const int sign = direction == FftDirection::forward ? FFTW_FORWARD : FFTW_BACKWARD;
  return fftwf_plan_dft_1d(static_cast<int>(size), fftw(in), fftw(out), sign, flags);
}

/// Where a sample lies as FFTW's SIMD codelets see it (16-byte vectors): on a vector, on its second half, or neither.
enum Alignment : std::size_t { vector, half_vector, odd };

Alignment alignment_of(const Cf32* samples)
{
  const std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(samples) % 16;
  return offset == 0 ? vector : offset == 8 ? half_vector : odd;
}

}  // namespace

/// A plan is bound to the alignment of its arrays and to whether it works in place, so there is one for each case. An
/// FFTW_UNALIGNED plan would do for all, but runs without SIMD: five times slower. It is kept for odd addresses only.
struct Fft::Plans {
  std::array<std::array<fftwf_plan, 2>, 2> out_of_place{};  ///< [alignment of in][alignment of out]
  std::array<fftwf_plan, 2> in_place{};                     ///< [alignment]
  fftwf_plan odd_out_of_place = nullptr;
  fftwf_plan odd_in_place = nullptr;

  Plans() = default;
  Plans(const Plans&) = delete;
  Plans& operator=(const Plans&) = delete;
  ~Plans()
  {
    const std::lock_guard lock(planner_mutex());
    for (const auto& row : out_of_place) {
      for (const fftwf_plan plan : row) fftwf_destroy_plan(plan);
    }
    for (const fftwf_plan plan : in_place) fftwf_destroy_plan(plan);
    fftwf_destroy_plan(odd_out_of_place);
    fftwf_destroy_plan(odd_in_place);
  }
};

Fft::Fft(std::size_t size, FftDirection direction, FftEffort effort) : size_(size), plans_(std::make_unique<Plans>())
{
  assert(size > 0);
  AlignedBuffer<Cf32> scratch(2, size + 1);
  Cf32* const in = scratch.channel(0).data();
  Cf32* const out = scratch.channel(1).data();

  const std::lock_guard lock(planner_mutex());
  if (effort == FftEffort::measure) {
    static std::once_flag loaded;
    std::call_once(loaded, load_wisdom);
  }
  bool has_measured = false;
  const auto plan = [&](Cf32* from, Cf32* to, FftEffort plan_effort, unsigned flags) {
    if (plan_effort == FftEffort::estimate) return make_plan(size, direction, from, to, flags | FFTW_ESTIMATE);
    const fftwf_plan known = make_plan(size, direction, from, to, flags | FFTW_MEASURE | FFTW_WISDOM_ONLY);
    if (known != nullptr) return known;
    has_measured = true;
    return make_plan(size, direction, from, to, flags | FFTW_MEASURE);
  };
  for (const Alignment a : {vector, half_vector}) {
    for (const Alignment b : {vector, half_vector}) plans_->out_of_place[a][b] = plan(in + a, out + b, effort, 0);
    plans_->in_place[a] = plan(in + a, in + a, effort, 0);
  }
  plans_->odd_out_of_place = plan(in, out, FftEffort::estimate, FFTW_UNALIGNED);
  plans_->odd_in_place = plan(in, in, FftEffort::estimate, FFTW_UNALIGNED);
  if (has_measured) save_wisdom();
}

Fft::~Fft() = default;
Fft::Fft(Fft&&) noexcept = default;
Fft& Fft::operator=(Fft&&) noexcept = default;

void Fft::run(std::span<const Cf32> in, std::span<Cf32> out) const noexcept
{
  assert(in.size() == size_ && out.size() == size_);
  const Alignment a = alignment_of(in.data());
  const Alignment b = alignment_of(out.data());
  const bool is_odd = a == odd || b == odd;
  if (in.data() == out.data()) {
    fftwf_execute_dft(is_odd ? plans_->odd_in_place : plans_->in_place[a], fftw(in.data()), fftw(out.data()));
  } else {
    fftwf_execute_dft(is_odd ? plans_->odd_out_of_place : plans_->out_of_place[a][b], fftw(in.data()),
                      fftw(out.data()));
  }
}

}  // namespace ravi::dsp
