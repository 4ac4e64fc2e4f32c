#include "stack/phy/cell_search.h"

#include "doctest/doctest.h"
#include "radio/dsp/mix.h"
#include "stack/phy/ofdm.h"
#include "tests/stack/phy/foreign_recording.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace ravi::phy {
namespace {

struct Expected {
  const char* recording;
  double frequency_hz;
  nr::Scs scs;
  unsigned l_max;
  unsigned pci;
  unsigned k_ssb;
};

std::vector<FoundCell> search(const ForeignRecording& recording, const SsbCandidate& candidate)
{
  const auto band = SubBand::make(recording.samples, recording.rate);
  REQUIRE(band);
  return search_cells(*band, recording.tuned, candidate);
}

/// Noise, and a 30 kHz or 15 kHz cell's blocks `scale` strong from sample `begin` on, `cfo_hz` off.
struct MadeCell {
  nr::Pci pci;
  std::size_t begin = 0;
  double cfo_hz = 0.0;
  float scale = 1.0F;
};

ForeignRecording made_recording(nr::Scs scs, const std::vector<MadeCell>& cells, float noise_of_element)
{
  ForeignRecording out{.samples = {}, .rate = SampleRate(512 * nr::spacing_hz(scs)), .tuned = Hertz(2e9)};
  out.samples.resize(static_cast<std::size_t>(out.rate.hz() / 200));
  auto modulator = OfdmModulator::make({.carrier = {.scs = scs, .num_prb = 24, .center = out.tuned}, .rate = out.rate});
  REQUIRE(modulator);
  SsbCodec codec;
  for (const MadeCell& cell : cells) {
    ResourceGrid grid(1, 24);
    const nr::SsbPdu pdu{.phys_cell_id = cell.pci, .ssb_block_index = 1, .l_max = 4, .scs = scs, .first_subcarrier = 24,
                         .first_symbol = 8, .half_frame = 1, .sfn = 777, .k_ssb = 21, .mib = 0x125456};
    REQUIRE(codec.encode(pdu, 0, grid.span()));
    std::vector<Cf32> slot(modulator->timing().samples_per_slot());
    modulator->modulate_slot(grid.span(), 0, 0, slot);
    dsp::FrequencyShift(Hertz(cell.cfo_hz), out.rate).process(slot, slot);
    for (std::size_t n = 0; n < slot.size(); ++n) out.samples[cell.begin + n] += cell.scale * slot[n];
  }
  std::mt19937 random(1);
  const auto fft_size = static_cast<float>(512);
  std::normal_distribution<float> noise(0.0F, std::sqrt(noise_of_element * fft_size / 2.0F));
  for (Cf32& sample : out.samples) sample += Cf32(noise(random), noise(random));
  return out;
}

TEST_CASE("Cell search: every recorded foreign cell is found and its MIB read")
{
  constexpr Expected kCells[] = {
      {"n78-tdd-usrp-x300", 3512.64e6, nr::Scs::khz30, 8, 500, 31},
      {"n3-fdd-pci500-sib1", 1842.05e6, nr::Scs::khz15, 4, 500, 6},
      {"foreign-n78-20m", 3594.72e6, nr::Scs::khz30, 8, 42, 20},
      {"foreign-n1-20m", 2132.65e6, nr::Scs::khz15, 4, 200, 2},
      {"foreign-attach-dl", 1842.05e6, nr::Scs::khz15, 4, 1, 6},
  };
  for (const Expected& expected : kCells) {
    CAPTURE(expected.recording);
    const auto recording = load_recording(expected.recording, 0, 600'000);
    if (!recording) return;
    const auto cells = search(*recording, {Hertz(expected.frequency_hz), expected.scs, expected.l_max});
    REQUIRE(cells.size() == 1);
    CHECK(cells[0].pci.value() == expected.pci);
    CHECK(cells[0].pbch.k_ssb == expected.k_ssb);
    CHECK(std::abs(cells[0].cfo_hz) < 300.0F);
  }
}

TEST_CASE("Cell search: timing, SFN, MIB and SNR of a real transmitter agree with what a foreign receiver read")
{
  const auto recording = load_recording("n78-tdd-usrp-x300");
  if (!recording) return;
  const auto cells = search(*recording, {Hertz(3512.64e6), nr::Scs::khz30, 8});
  REQUIRE(cells.size() == 1);
  CHECK(std::abs(cells[0].sample_offset - 357802) < 1.5);
  CHECK(cells[0].pbch.sfn == 978);
  CHECK(cells[0].pbch.half_frame == 0);
  CHECK(cells[0].pbch.ssb_block_index == 0);
  CHECK(cells[0].pbch.mib == 0x7AF000);
  CHECK(std::abs(cells[0].pbch.snr_db - 28.6F) < 2.0F);
}

TEST_CASE("Cell search: the block of a slot recording lies where its annotation says")
{
  const auto recording = load_recording("n3-fdd-pci500-sib1");
  if (!recording) return;
  const auto cells = search(*recording, {Hertz(1842.05e6), nr::Scs::khz15, 4});
  REQUIRE(cells.size() == 1);
  CHECK(std::abs(cells[0].sample_offset - 2200) < 1.0);
}

TEST_CASE("Cell search: blind in timing and carrier offset at 0 dB")
{
  for (const nr::Scs scs : {nr::Scs::khz15, nr::Scs::khz30}) {
    const double spacing = static_cast<double>(nr::spacing_hz(scs));
    for (const double offset : {-2.3, -0.5, 0.0, 0.26, 1.75}) {
      CAPTURE(offset);
      const auto recording = made_recording(scs, {{nr::Pci(1007), 12'345, offset * spacing}}, 1.0F);
      const auto cells = search(recording, {recording.tuned, scs, 4});
      REQUIRE(cells.size() == 1);
      const FoundCell& cell = cells[0];
      CHECK(cell.pci.value() == 1007);
      CHECK(std::abs(static_cast<double>(cell.cfo_hz) - offset * spacing) < 0.02 * spacing);  // of one block; compilers draw its noise in different orders
      const SymbolTiming timing(scs, recording.rate);
      CHECK(std::abs(cell.sample_offset - static_cast<double>(12'345 + timing.prefix_begin(0, 8))) < 8.0);  // under a quarter of a cyclic prefix
      CHECK(cell.pbch.sfn == 777);
      CHECK(cell.pbch.half_frame == 1);
      CHECK(cell.pbch.ssb_block_index == 1);
      CHECK(cell.pbch.k_ssb == 21);
      CHECK((cell.pbch.mib & ~0x7E0000U) == (0x125456U & ~0x7E0000U));  // all but the SFN
      CHECK(std::abs(cell.pbch.snr_db) < 2.5F);
    }
  }
}

TEST_CASE("Cell search: two cells on one frequency are both found")
{
  const auto recording =
      made_recording(nr::Scs::khz15, {{nr::Pci(300), 3000, 100.0, 1.0F}, {nr::Pci(301), 19'000, -200.0, 0.5F}}, 0.01F);
  const auto cells = search(recording, {recording.tuned, nr::Scs::khz15, 4});
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].pci.value() == 300);
  CHECK(cells[1].pci.value() == 301);
  CHECK(10.0F * std::log10(cells[0].pbch.ss_rsrp / cells[1].pbch.ss_rsrp) == doctest::Approx(6.02).epsilon(0.05));
}

TEST_CASE("Cell search: noise, silence and a stretch shorter than a block hold no cell")
{
  const auto noise = made_recording(nr::Scs::khz15, {}, 1.0F);
  CHECK(search(noise, {noise.tuned, nr::Scs::khz15, 4}).empty());
  CHECK(search({.samples = std::vector<Cf32>(100'000), .rate = noise.rate, .tuned = noise.tuned},
               {noise.tuned, nr::Scs::khz15, 4}).empty());
  for (const std::size_t length : {1U, 100U, 600U, 2000U}) {
    const ForeignRecording cut{.samples = {noise.samples.begin(), noise.samples.begin() + static_cast<std::ptrdiff_t>(length)},
                               .rate = noise.rate, .tuned = noise.tuned};
    CHECK(search(cut, {noise.tuned, nr::Scs::khz15, 4}).empty());
  }
}

TEST_CASE("PBCH: silence holds no block, though the CRC of zeros is right")
{
  SsbCodec codec;
  CHECK_FALSE(codec.decode(SsbBlock{}, nr::Pci(1), 4, nr::Scs::khz15));
}

TEST_CASE("Sub-band: a tone comes out at its place, size and phase, at any rate")
{
  for (const std::int64_t rate_hz : {11'520'000, 25'000'000, 61'440'000}) {
    std::vector<Cf32> samples(50'000, Cf32(1.0F, 0.0F));
    dsp::FrequencyShift(Hertz(3'123'456.0), SampleRate(rate_hz)).process(samples, samples);
    const auto band = SubBand::make(samples, SampleRate(rate_hz));
    REQUIRE(band);
    const auto part = band->extract(Hertz(3e6), Hertz(1.8e6), SampleRate(3'840'000));
    REQUIRE(part.size() == 50'000ULL * 3'840'000ULL / static_cast<std::uint64_t>(rate_hz));
    std::vector<Cf32> expected(part.size(), Cf32(1.0F, 0.0F));
    dsp::FrequencyShift(Hertz(123'456.0), SampleRate(3'840'000)).process(expected, expected);
    for (std::size_t n = 200; n + 200 < part.size(); ++n) REQUIRE(std::abs(part[n] - expected[n]) < 0.01F);
  }
  CHECK_FALSE(SubBand::make(std::vector<Cf32>(100), SampleRate(11'520'001)));
  CHECK_FALSE(SubBand::make({}, SampleRate(11'520'000)));
}

}  // namespace
}  // namespace ravi::phy
