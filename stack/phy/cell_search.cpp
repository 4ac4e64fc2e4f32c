#include "stack/phy/cell_search.h"

#include "radio/dsp/arithmetic.h"
#include "radio/dsp/fft.h"
#include "radio/dsp/mix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <optional>

namespace ravi::phy {
namespace {

// The search runs at 256 samples a symbol.
constexpr std::size_t kSymbol = 256;
constexpr std::size_t kPrefix = 18;                  ///< 144 of 2048; an SSB never meets the longer prefix
constexpr std::size_t kPitch = kSymbol + kPrefix;
constexpr std::size_t kAdvance = 6;                  ///< of the FFT windows into the cyclic prefix
constexpr std::size_t kBlock = 1024;                 ///< FFT of the correlation: four bins a subcarrier
constexpr std::size_t kHop = kBlock - kSymbol;
constexpr int kBinsPerHypothesis = 2;                ///< offsets half a spacing apart

constexpr double kTwoPi = 2.0 * std::numbers::pi;

struct Peak {
  std::size_t at = 0;      ///< first sample of the PSS after its cyclic prefix
  unsigned n_id_2 = 0;
  int hypothesis = 0;      ///< offset in halves of the spacing
  float metric = 0.0F;
};

/// Correlates with the three PSS at all offsets, block by block.
class PssCorrelator {
public:
  explicit PssCorrelator(int max_hypothesis)
    : max_hypothesis_(max_hypothesis),
      forward_(kBlock, dsp::FftDirection::forward, dsp::FftEffort::estimate),
      backward_(kBlock, dsp::FftDirection::backward, dsp::FftEffort::estimate)
  {
    const dsp::Fft to_time(kSymbol, dsp::FftDirection::backward, dsp::FftEffort::estimate);
    for (unsigned n_id_2 = 0; n_id_2 < 3; ++n_id_2) {
      std::array<Cf32, kSymbol> symbol{};
      const auto pss = pss_sequence(n_id_2);
      for (unsigned n = 0; n < kSyncLength; ++n) {
        symbol[(kSymbol + n + kSyncFirstSubcarrier - nr::kSsbNumSubcarriers / 2) % kSymbol] = pss[n];
      }
      to_time.run(symbol, symbol);
      const auto unit = static_cast<float>(1.0 / std::sqrt(dsp::mean_power(symbol) * static_cast<double>(kSymbol)));
      dsp::scale(symbol, unit, symbol);
      replica_[n_id_2] = symbol;
      std::copy(symbol.begin(), symbol.end(), spectrum_[n_id_2].begin());
      forward_.run(spectrum_[n_id_2], spectrum_[n_id_2]);
    }
  }

  /// Peaks over `least`, highest first, at most `max_peaks`, no two of one root within a symbol of each other.
  std::vector<Peak> find(std::span<const Cf32> samples, float least, std::size_t max_peaks)
  {
    std::vector<Peak> peaks;
    const std::vector<float> energy = energies(samples);
    for (std::size_t begin = 0; begin + kSymbol <= samples.size(); begin += kHop) {
      const std::size_t count = std::min(kBlock, samples.size() - begin);
      std::fill(std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(begin), count, block_.begin()), block_.end(), Cf32{});
      forward_.run(block_, block_);
      for (unsigned n_id_2 = 0; n_id_2 < 3; ++n_id_2) {
        for (int hypothesis = -max_hypothesis_; hypothesis <= max_hypothesis_; ++hypothesis) {
          correlate(n_id_2, hypothesis);
          collect(begin, std::min(kHop, count - kSymbol + 1), {0, n_id_2, hypothesis, least}, energy, peaks);
        }
      }
    }
    std::sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.metric > b.metric; });
    std::vector<Peak> kept;
    for (const Peak& peak : peaks) {
      const auto is_near = [&](const Peak& other) {
        const std::size_t distance = peak.at > other.at ? peak.at - other.at : other.at - peak.at;
        return other.n_id_2 == peak.n_id_2 && distance < kSymbol;
      };
      if (std::none_of(kept.begin(), kept.end(), is_near)) kept.push_back(peak);
      if (kept.size() == max_peaks) break;
    }
    return kept;
  }

  /// Offset beyond the hypothesis in spacings, from the phase between the halves of the symbol.
  [[nodiscard]] double fine_offset(std::span<const Cf32> symbol, const Peak& peak) const
  {
    std::array<Cf32, kSymbol> derotated{};
    for (std::size_t n = 0; n < kSymbol; ++n) {
      const double angle = -kTwoPi * 0.5 * peak.hypothesis * static_cast<double>(n) / static_cast<double>(kSymbol);
      derotated[n] = symbol[n] * Cf32(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
    }
    const std::span<const Cf32> replica = replica_[peak.n_id_2];
    const std::span<const Cf32> received = derotated;
    const auto first = dsp::dot_conjugate(received.first(kSymbol / 2), replica.first(kSymbol / 2));
    const auto last = dsp::dot_conjugate(received.last(kSymbol / 2), replica.last(kSymbol / 2));
    return std::arg(last * std::conj(first)) / std::numbers::pi;
  }

private:
  /// Energy of the symbol-long stretch from each sample on.
  static std::vector<float> energies(std::span<const Cf32> samples)
  {
    std::vector<float> energy(samples.size() - kSymbol + 1);
    double sum = 0.0;
    for (std::size_t n = 0; n < samples.size(); ++n) {
      sum += static_cast<double>(std::norm(samples[n]));
      if (n + 1 < kSymbol) continue;
      energy[n + 1 - kSymbol] = static_cast<float>(sum);
      sum -= static_cast<double>(std::norm(samples[n + 1 - kSymbol]));
    }
    // Where a TDD cell is silent the correlation holds but rounding: 60 dB below the strongest nothing is looked for.
    const float least = 1e-6F * *std::max_element(energy.begin(), energy.end());
    for (float& e : energy) e = std::max(e, least);
    return energy;
  }

  void correlate(unsigned n_id_2, int hypothesis)
  {
    const int shift = hypothesis * kBinsPerHypothesis;
    const std::span<const Cf32> block = block_;
    const std::span<const Cf32> pss = spectrum_[n_id_2];
    const auto turn = static_cast<std::size_t>((shift + static_cast<int>(kBlock)) % static_cast<int>(kBlock));
    dsp::multiply_conjugate(block.subspan(turn), pss.first(kBlock - turn), std::span(correlation_).subspan(turn));
    dsp::multiply_conjugate(block.first(turn), pss.last(turn), std::span(correlation_).first(turn));
    backward_.run(correlation_, correlation_);
  }

  /// Adds the local maxima over `like.metric`.
  void collect(std::size_t begin, std::size_t count, const Peak& like, std::span<const float> energy, std::vector<Peak>& peaks) const
  {
    constexpr float kUnscaled = 1.0F / (static_cast<float>(kBlock) * static_cast<float>(kBlock));
    std::optional<Peak> best;
    for (std::size_t n = 0; n < count; ++n) {
      const float e = energy[begin + n];
      const float power = std::norm(correlation_[n]) * kUnscaled;
      if (!(power > like.metric * e) || !(e > 0.0F)) continue;
      Peak peak = like;
      peak.at = begin + n;
      peak.metric = power / e;
      if (best && peak.at - best->at < kSymbol) {
        if (peak.metric > best->metric) best = peak;
        continue;
      }
      if (best) peaks.push_back(*best);
      best = peak;
    }
    if (best) peaks.push_back(*best);
  }

  int max_hypothesis_;
  dsp::Fft forward_;
  dsp::Fft backward_;
  std::array<std::array<Cf32, kSymbol>, 3> replica_{};   ///< unit energy
  std::array<std::array<Cf32, kBlock>, 3> spectrum_{};
  std::array<Cf32, kBlock> block_{};
  std::array<Cf32, kBlock> correlation_{};
};

/// Takes one block out of the samples: derotated by `cfo_hz`, with the phase compensation of TS 38.211 §5.4 for `center`.
class BlockReader {
public:
  BlockReader(std::span<const Cf32> samples, nr::Scs scs, Hertz center)
    : samples_(samples), scs_(scs), center_(center), fft_(kSymbol, dsp::FftDirection::forward, dsp::FftEffort::estimate)
  {
  }

  /// `at`: first sample of the PSS after its cyclic prefix. Nothing where the block does not lie wholly in the samples.
  [[nodiscard]] std::optional<SsbBlock> read(std::size_t at, double cfo_hz)
  {
    if (at < kAdvance || at + 3 * kPitch + kSymbol > samples_.size()) return std::nullopt;
    SsbBlock block{};
    const double rate = static_cast<double>(nr::spacing_hz(scs_)) * static_cast<double>(kSymbol);
    for (unsigned l = 0; l < nr::kSsbNumSymbols; ++l) {
      std::array<Cf32, kSymbol> symbol{};
      const std::size_t begin = at - kAdvance + l * kPitch;
      // The reference of the phases is the block's own start: a common turn does no harm.
      const double compensated = center_.value() * static_cast<double>(l) * reference_pitch_s();
      for (std::size_t n = 0; n < kSymbol; ++n) {
        const double seconds = (static_cast<double>(begin + n) - static_cast<double>(at)) / rate;
        const double turns = compensated - std::floor(compensated) - cfo_hz * seconds;
        const double angle = kTwoPi * turns;
        symbol[n] = samples_[begin + n] * Cf32(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
      }
      fft_.run(symbol, symbol);
      for (unsigned k = 0; k < nr::kSsbNumSubcarriers; ++k) {
        const int offset = static_cast<int>(k) - static_cast<int>(nr::kSsbNumSubcarriers / 2);
        const double angle = kTwoPi * offset * static_cast<double>(kAdvance) / static_cast<double>(kSymbol);
        const float gain = 1.0F / static_cast<float>(kSymbol);
        block[l][k] = gain * symbol[static_cast<std::size_t>(offset + static_cast<int>(kSymbol)) % kSymbol] *
                      Cf32(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
      }
    }
    return block;
  }

private:
  /// From one symbol's reference time to the next, exact.
  [[nodiscard]] double reference_pitch_s() const
  {
    return (2048.0 + 144.0) / 2048.0 / static_cast<double>(nr::spacing_hz(scs_));
  }

  std::span<const Cf32> samples_;
  nr::Scs scs_;
  Hertz center_;
  dsp::Fft fft_;
};

void keep_best(std::vector<FoundCell>& cells, const FoundCell& cell)
{
  const auto same = std::find_if(cells.begin(), cells.end(), [&](const FoundCell& other) { return other.pci == cell.pci; });
  if (same == cells.end()) {
    cells.push_back(cell);
  } else if (cell.pbch.ss_rsrp > 1.05F * same->pbch.ss_rsrp ||
             (cell.pbch.ss_rsrp > 0.95F * same->pbch.ss_rsrp && cell.sample_offset < same->sample_offset)) {
    *same = cell;  // the strongest block, and of equals the first
  }
}

}  // namespace

std::vector<FoundCell> search_cells(const SubBand& stretch, Hertz tuned, const SsbCandidate& candidate,
                                    const CellSearchConfig& config)
{
  const double spacing = static_cast<double>(nr::spacing_hz(candidate.scs));
  const SampleRate rate(nr::spacing_hz(candidate.scs) * static_cast<std::int64_t>(kSymbol));
  const std::vector<Cf32> samples = stretch.extract(candidate.frequency - tuned, Hertz(120.5 * spacing), rate);
  std::vector<FoundCell> cells;
  if (samples.size() < kSymbol) return cells;

  PssCorrelator correlator(static_cast<int>(std::ceil(2.0 * config.max_cfo_spacings)));
  BlockReader reader(samples, candidate.scs, candidate.frequency);
  SsbCodec codec;
  const double samples_per_sample = static_cast<double>(stretch.rate().hz()) / static_cast<double>(rate.hz());
  for (const Peak& peak : correlator.find(samples, config.min_pss_metric, config.max_peaks)) {
    const std::span<const Cf32> pss = std::span(samples).subspan(peak.at, kSymbol);
    const double coarse_hz = (0.5 * peak.hypothesis + correlator.fine_offset(pss, peak)) * spacing;
    const std::optional<SsbBlock> block = reader.read(peak.at, coarse_hz);
    if (!block) continue;
    for (const SssMatch& match : detect_sss(*block, peak.n_id_2)) {
      if (match.metric < config.min_sss_metric) break;
      const std::optional<PbchResult> pbch = codec.decode(*block, match.pci, candidate.l_max, candidate.scs);
      if (!pbch) continue;
      FoundCell cell{.candidate = candidate, .pci = match.pci, .pbch = *pbch};
      cell.cfo_hz = static_cast<float>(coarse_hz) + pbch->cfo_hz;
      cell.pbch.cfo_hz = cell.cfo_hz;
      const double begin = static_cast<double>(peak.at) - static_cast<double>(kPrefix) +
                           static_cast<double>(pbch->delay_s) * static_cast<double>(rate.hz());
      cell.sample_offset = begin * samples_per_sample;
      cell.pbch.delay_s = 0.0F;
      keep_best(cells, cell);
    }
  }
  std::sort(cells.begin(), cells.end(),
            [](const FoundCell& a, const FoundCell& b) { return a.pbch.ss_rsrp > b.pbch.ss_rsrp; });
  return cells;
}

}  // namespace ravi::phy
