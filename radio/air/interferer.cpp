#include "radio/air/interferer.h"

#include "radio/air/phase.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace ravi::air {
namespace {

/// Phase after `n` samples of a sweep: n * increment + step * n (n - 1) / 2, modulo a turn.
std::uint64_t sweep_phase(std::uint64_t n, std::uint64_t increment, std::uint64_t step)
{
  const std::uint64_t triangle = n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
  return n * increment + step * triangle;
}

}  // namespace

Interferer::Interferer(const InterfererConfig& config, SampleRate rate, std::vector<Cf32> recording)
    : kind_(config.kind),
      amplitude_(static_cast<float>(to_amplitude(config.level - DbFs(0.0)))),
      start_(to_sample(config.start, rate)),
      stop_(config.stop ? to_sample(*config.stop, rate) : std::numeric_limits<std::uint64_t>::max()),
      increment_(phase_increment(config.frequency, rate)),
      recording_(std::move(recording))
{
  if (kind_ != InterfererKind::chirp) return;
  sweep_length_ = std::max<std::uint64_t>(1, to_sample(config.sweep_time, rate));
  sweep_step_ =
      phase_increment((config.sweep_end - config.frequency) * (1.0 / static_cast<double>(sweep_length_)), rate);
}

void Interferer::add(std::uint64_t begin, std::size_t count, LinkScratch& scratch, Planes sum) const noexcept
{
  const std::uint64_t first = std::max(begin, start_);
  const std::uint64_t last = std::min(begin + count, stop_);
  if (first >= last) return;
  const auto length = static_cast<std::size_t>(last - first);
  const std::uint64_t since = first - start_;
  const Planes at{sum.re + (first - begin), sum.im + (first - begin)};
  switch (kind_) {
    case InterfererKind::tone:
      fill_phases(since * increment_, increment_, length, scratch.phases.data());
      add_tone(amplitude_, scratch.phases.data(), length, at);
      break;
    case InterfererKind::chirp:
      fill_chirp(since, length, scratch.phases.data());
      add_tone(amplitude_, scratch.phases.data(), length, at);
      break;
    case InterfererKind::recording:
      add_recording(since, length, scratch, at);
      break;
  }
}

void Interferer::fill_chirp(std::uint64_t since, std::size_t count, Phase* phases) const noexcept
{
  // The phase goes on from sweep to sweep; only the frequency jumps back.
  std::uint64_t in_sweep = since % sweep_length_;
  std::uint64_t phase = since / sweep_length_ * sweep_phase(sweep_length_, increment_, sweep_step_) +
                        sweep_phase(in_sweep, increment_, sweep_step_);
  for (std::size_t i = 0; i < count; ++i) {
    phases[i] = static_cast<Phase>(phase >> 32);
    phase += increment_ + in_sweep * sweep_step_;
    if (++in_sweep == sweep_length_) in_sweep = 0;
  }
}

void Interferer::add_recording(std::uint64_t since, std::size_t count, LinkScratch& scratch, Planes sum) const noexcept
{
  std::size_t done = 0;
  while (done < count) {
    const auto position = static_cast<std::size_t>((since + done) % recording_.size());
    const std::size_t length = std::min(count - done, recording_.size() - position);
    split(std::span(recording_).subspan(position, length), {scratch.re.data() + done, scratch.im.data() + done});
    done += length;
  }
  fill_phases(since * increment_, increment_, count, scratch.phases.data());
  add_rotated({scratch.re.data(), scratch.im.data()}, amplitude_, scratch.phases.data(), count, sum);
}

}  // namespace ravi::air
