#include "stack/phy/prach.h"

#include "radio/realtime.h"
#include "stack/nr/prach_config.h"
#include "tests/stack/phy/foreign_recording.h"

#include "doctest/doctest.h"

#include <limits>
#include <random>

namespace ravi::phy {
namespace {

constexpr SampleRate kRate(23'040'000);

nr::Carrier carrier(nr::Scs scs) { return {.scs = scs, .num_prb = scs == nr::Scs::khz15 ? 106U : 51U}; }

void add_noise(std::span<Cf32> samples, float variance, std::mt19937& random)
{
  std::normal_distribution<float> normal(0.0F, std::sqrt(variance / 2.0F));
  for (Cf32& s : samples) s += Cf32(normal(random), normal(random));
}

/// What is heard of `preamble` sent `delay` samples late.
std::vector<Cf32> heard(Prach& prach, unsigned preamble, std::size_t delay, float amplitude = 0.1F)
{
  std::vector<Cf32> sent(prach.num_samples());
  prach.encode(preamble, amplitude, sent);
  std::vector<Cf32> samples(sent.size());
  std::copy(sent.begin(), sent.end() - static_cast<std::ptrdiff_t>(delay), samples.begin() + static_cast<std::ptrdiff_t>(delay));
  return samples;
}

const nr::PrachPdu kFormats[] = {
    {.format = nr::PrachFormat::f0, .root_sequence_index = 1, .n_cs = 0, .first_crb = 8},
    {.format = nr::PrachFormat::f0, .root_sequence_index = 30, .n_cs = 46, .first_crb = 8},
    {.format = nr::PrachFormat::f1, .root_sequence_index = 1, .n_cs = 119, .first_crb = 8},
    {.format = nr::PrachFormat::f3, .root_sequence_index = 5, .n_cs = 46, .first_crb = 4},
    {.format = nr::PrachFormat::a1, .scs = nr::Scs::khz30, .root_sequence_index = 9, .n_cs = 23, .first_crb = 2},
    {.format = nr::PrachFormat::a2, .scs = nr::Scs::khz30, .root_sequence_index = 9, .n_cs = 23, .first_crb = 2},
    {.format = nr::PrachFormat::a3, .scs = nr::Scs::khz30, .root_sequence_index = 9, .n_cs = 23, .first_crb = 2, .first_symbol = 6},
    {.format = nr::PrachFormat::b4, .scs = nr::Scs::khz30, .root_sequence_index = 1, .n_cs = 13, .first_crb = 2, .first_symbol = 2},
    {.format = nr::PrachFormat::c0, .scs = nr::Scs::khz30, .root_sequence_index = 1, .n_cs = 0, .first_crb = 2},
    {.format = nr::PrachFormat::c2, .scs = nr::Scs::khz30, .root_sequence_index = 1, .n_cs = 69, .first_crb = 2},
};

nr::Carrier carrier_of(const nr::PrachPdu& pdu)
{
  return carrier(pdu.scs == nr::Scs::khz30 ? nr::Scs::khz30 : nr::Scs::khz15);
}

}  // namespace

TEST_CASE("PRACH: every format's preambles are found, with their delay and power, in noise 10 dB above them")
{
  std::mt19937 random(1);
  for (const nr::PrachPdu& pdu : kFormats) {
    Prach prach(pdu, carrier_of(pdu), kRate);
    const double sequence_us = pdu.format == nr::PrachFormat::f3 ? 200.0 : (pdu.scs == nr::Scs::khz30 ? 1e3 / 30 : 800.0);
    for (const unsigned preamble : {0U, 1U, 17U, 63U}) {
      const std::size_t delay = prach.num_samples() / 300;
      auto samples = heard(prach, preamble, delay);
      add_noise(samples, 0.1F, random);
      PrachPreambles found;
      prach.detect(samples, found);
      CAPTURE(static_cast<int>(pdu.format));
      CAPTURE(preamble);
      REQUIRE(found.size() == 1);
      CHECK(found[0].index == preamble);
      const double expected_us = 1e6 * static_cast<double>(delay) / static_cast<double>(kRate.hz());
      const double sample_us = sequence_us / (nr::is_long(pdu.format) ? 839 : 139);
      CHECK(std::abs(found[0].timing_advance_us - expected_us) < 0.3 * sample_us);
      CHECK(std::abs(found[0].power_dbfs + 20.0) < 2.5);
    }
  }
}

TEST_CASE("PRACH: the preamble's cyclic prefix is the end of its sequence, and its power is the amplitude's")
{
  for (const nr::PrachPdu& pdu : kFormats) {
    Prach prach(pdu, carrier_of(pdu), kRate);
    std::vector<Cf32> sent(prach.num_samples());
    prach.encode(5, 0.5F, sent);
    double power = 0;
    for (const Cf32& s : sent) power += std::norm(s);
    CHECK(power / static_cast<double>(sent.size()) == doctest::Approx(0.25).epsilon(0.02));
    const std::size_t part = static_cast<std::size_t>(kRate.hz()) /
                             (pdu.format == nr::PrachFormat::f3 ? 5000 : (pdu.scs == nr::Scs::khz30 ? 30'000 : 1250));
    float worst = 0;
    for (std::size_t i = 0; i + part < sent.size(); ++i) worst = std::max(worst, std::abs(sent[i] - sent[i + part]));
    CHECK(worst < 1e-3F);
  }
}

TEST_CASE("PRACH: durations in samples [TS 38.211 Tables 6.3.3.1-1 and 6.3.3.1-2, §5.3.2]")
{
  const auto length = [](nr::PrachFormat format, unsigned first_symbol, nr::Scs scs) {
    const Prach prach({.format = format, .scs = scs, .first_symbol = first_symbol}, carrier(scs), SampleRate(30'720'000));
    return std::pair(prach.begin().value(), prach.num_samples());
  };
  CHECK(length(nr::PrachFormat::f0, 0, nr::Scs::khz15) == std::pair<std::int64_t, std::size_t>(0, 24576 + 3168));
  CHECK(length(nr::PrachFormat::f1, 0, nr::Scs::khz15).second == 49152 + 21024);
  // A1 lasts exactly two symbols, the longer prefix of symbol 0 included, and A3 at symbol 6 begins where symbol 6 does.
  CHECK(length(nr::PrachFormat::a1, 0, nr::Scs::khz30).second == 2 * (1024 + 72) + 16);
  CHECK(length(nr::PrachFormat::a1, 2, nr::Scs::khz30) == std::pair<std::int64_t, std::size_t>(2 * (1024 + 72) + 16, 2 * (1024 + 72)));
  CHECK(length(nr::PrachFormat::a3, 0, nr::Scs::khz15).second == 6 * (2048 + 144) + 16);
  CHECK(length(nr::PrachFormat::b4, 0, nr::Scs::khz15).second == 24576 + 936 + 2 * 16);
  CHECK(length(nr::PrachFormat::a1, 7, nr::Scs::khz15).first == 7 * (2048 + 144) + 16);
}

TEST_CASE("PRACH: noise alone is almost never a preamble, silence and rubbish never")
{
  std::mt19937 random(2);
  for (const nr::PrachPdu& pdu : {kFormats[1], kFormats[4]}) {
    Prach prach(pdu, carrier_of(pdu), SampleRate(7'680'000 * 2));
    std::vector<Cf32> samples(prach.num_samples());
    PrachPreambles found;
    prach.detect(samples, found);
    CHECK(found.empty());
    std::size_t num_false = 0;
    for (unsigned occasion = 0; occasion < 200; ++occasion) {
      fill_zero(std::span<Cf32>(samples));
      add_noise(samples, 1.0F, random);
      prach.detect(samples, found);
      num_false += found.size();
    }
    CHECK(num_false <= 1);
    std::fill(samples.begin(), samples.end(), Cf32(std::numeric_limits<float>::quiet_NaN(), 0.0F));
    prach.detect(samples, found);
    CHECK(found.empty());
    std::fill(samples.begin(), samples.end(), Cf32(std::numeric_limits<float>::max(), 0.0F));
    prach.detect(samples, found);
    CHECK(found.empty());
  }
}

TEST_CASE("PRACH: preambles sent at the same time are all found, and nothing beside them")
{
  std::mt19937 random(3);
  const nr::PrachPdu pdu{.format = nr::PrachFormat::f0, .root_sequence_index = 30, .n_cs = 46, .first_crb = 8};
  Prach prach(pdu, carrier(nr::Scs::khz15), kRate);
  auto samples = heard(prach, 3, 5);
  for (const auto& [preamble, delay, amplitude] :
       {std::tuple(4U, std::size_t{200}, 0.03F), std::tuple(40U, std::size_t{700}, 0.06F)}) {
    const auto other = heard(prach, preamble, delay, amplitude);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] += other[i];
  }
  add_noise(samples, 1e-6F, random);
  PrachPreambles found;
  {
    const RealtimeScope scope;
    prach.detect(samples, found);
  }
  REQUIRE(found.size() == 3);
  CHECK(found[0].index == 3);
  CHECK(found[1].index == 4);
  CHECK(found[2].index == 40);
}

TEST_CASE("PRACH: a foreign UE's preamble is found where the foreign gNB found it, and nowhere else")
{
  // SFN 65 slot 4 of the recording, configuration in iq/README.md. PRB 8 is where all of the preamble's power lies.
  constexpr std::size_t kSlot = 11'520;
  const auto recording = load_recording("foreign-attach-ul", 0, 40 * kSlot);
  if (!recording) return;
  const nr::PrachPdu pdu{.format = nr::PrachFormat::f0, .root_sequence_index = 1, .n_cs = 0, .first_crb = 8};
  Prach prach(pdu, {.scs = nr::Scs::khz15, .num_prb = 52}, recording->rate);
  for (std::size_t slot = 0; slot < 40; ++slot) {
    PrachPreambles found;
    prach.detect(std::span(recording->samples).subspan(slot * kSlot, prach.num_samples()), found);
    CAPTURE(slot);
    REQUIRE(found.size() == (slot == 14 ? 1 : 0));
    if (slot != 14) continue;
    CHECK(found[0].index == 0);
    CHECK(std::abs(found[0].timing_advance_us) < 0.01F);
    CHECK(found[0].metric > 838.0F);
  }
}

}  // namespace ravi::phy
