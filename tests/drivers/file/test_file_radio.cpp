#include "drivers/file/file_radio.h"

#include "radio/recording/sigmf_reader.h"
#include "tests/radio/recording/temporary_folder.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string>
#include <vector>

using namespace ravi;
using ravi::testing::TemporaryFolder;
using ravi::testing::write_bytes;
using ravi::testing::write_text;

namespace {

/// A ci8 recording whose sample n has I = n % 100, at 1000 samples a second.
void make_ramp(const std::string& name, std::size_t length, const std::string& captures = R"([{"core:sample_start": 0, "core:frequency": 5e8}])")
{
  std::vector<std::uint8_t> bytes;
  for (std::size_t n = 0; n < length; ++n) {
    bytes.push_back(static_cast<std::uint8_t>(n % 100));
    bytes.push_back(0);
  }
  write_bytes(name + ".sigmf-data", bytes);
  write_text(name + ".sigmf-meta", R"({"global": {"core:datatype": "ci8", "core:version": "1.0.0", "core:sample_rate": 1000}, "captures": )" + captures + R"(, "annotations": []})");
}

Result<std::unique_ptr<Radio>> open(const std::string& text)
{
  const auto device = parse_device_string("file:" + text);
  REQUIRE(device);
  return open_file(*device);
}

std::string error_of(const std::string& text)
{
  const auto radio = open(text);
  return radio ? "" : radio.error().message;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Which samples of the ramp these are.
std::vector<int> ramp_of(std::span<const Cf32> samples)
{
  std::vector<int> values;
  for (const Cf32 sample : samples) values.push_back(static_cast<int>(std::lround(sample.real() * 127.0F)));
  return values;
}

std::vector<int> ramp(int begin, int end)
{
  std::vector<int> values;
  for (int n = begin; n < end; ++n) values.push_back(n % 100);
  return values;
}

}  // namespace

TEST_CASE("file radio: receives a recording once, block by block, then ends")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 250);
  const auto radio = open(folder / "r");
  REQUIRE(radio);
  CHECK((*radio)->set_sample_rate(SampleRate(5)) == SampleRate(1000));  // what it is, not what was asked
  CHECK((*radio)->tune(Direction::receive, 0, {.center = Hertz(1.0)})->center == Hertz(5e8));
  CHECK((*radio)->set_gain(Direction::receive, 0, Decibel(1)).error().code == ErrorCode::unsupported);
  CHECK_FALSE((*radio)->describe().is_hardware);
  REQUIRE((*radio)->start(SampleTime(7000)));
  IqBuffer block(1, 200);
  RxResult result = (*radio)->receive(block.span());
  CHECK(result.status == RxStatus::ok);
  CHECK(result.time == SampleTime(7000));
  CHECK(result.num_samples == 200);
  CHECK(ramp_of(block.channel()) == ramp(0, 200));
  result = (*radio)->receive(block.span());
  CHECK(result.time == SampleTime(7200));
  REQUIRE(result.num_samples == 50);
  CHECK(ramp_of(block.channel().first(50)) == ramp(200, 250));
  CHECK((*radio)->receive(block.span()).status == RxStatus::ended);
  CHECK((*radio)->counters().rx_samples == 250);
  (*radio)->stop();
  (*radio)->stop();
  CHECK((*radio)->receive(block.span()).status == RxStatus::ended);
}

TEST_CASE("file radio: offset and duration choose a part, in samples or in time, and a loop repeats it without a pause")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 250);
  for (const char* part : {",offset=30,duration=40,loop=yes", ",offset=30ms,duration=0.04s,loop=yes"}) {
    const auto radio = open(folder / "r" + part);
    REQUIRE(radio);
    REQUIRE((*radio)->start(SampleTime(0)));
    IqBuffer block(1, 100);
    REQUIRE((*radio)->receive(block.span()).num_samples == 100);
    CHECK(ramp_of(block.channel().first(40)) == ramp(30, 70));
    CHECK(ramp_of(block.channel().subspan(40, 40)) == ramp(30, 70));
    CHECK(ramp_of(block.channel().subspan(80, 20)) == ramp(30, 50));
    CHECK((*radio)->receive(block.span()).time == SampleTime(100));
    CHECK(ramp_of(block.channel().first(20)) == ramp(50, 70));
  }
}

TEST_CASE("file radio: a gap in the recording is a gap in time")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 100, R"([{"core:sample_start": 0, "core:global_index": 500}, {"core:sample_start": 60, "core:global_index": 860}])");
  const auto radio = open(folder / "r");
  REQUIRE(radio);
  REQUIRE((*radio)->start(SampleTime(0)));
  IqBuffer block(1, 100);
  RxResult result = (*radio)->receive(block.span());
  CHECK(result.num_samples == 60);
  CHECK(result.lost == SampleCount(0));
  result = (*radio)->receive(block.span());
  CHECK(result.num_samples == 40);
  CHECK(result.lost == SampleCount(300));
  CHECK(result.time == SampleTime(360));
  CHECK(ramp_of(block.channel().first(40)) == ramp(60, 100));
  CHECK((*radio)->counters().lost_samples == 300);
}

TEST_CASE("file radio: another rate gives the same signal: a tone keeps its frequency, amplitude and phase")
{
  const TemporaryFolder folder;
  constexpr double kTone = 1234.0;
  std::vector<std::uint8_t> bytes(8 * 40'000);
  for (std::size_t n = 0; n < 40'000; ++n) {
    const auto phase = 2.0 * std::numbers::pi * kTone * static_cast<double>(n) / 40'000.0;
    const float parts[2] = {static_cast<float>(std::cos(phase)), static_cast<float>(std::sin(phase))};
    std::memcpy(&bytes[8 * n], parts, 8);
  }
  write_bytes(folder / "t.sigmf-data", bytes);
  write_text(folder / "t.sigmf-meta", R"({"global": {"core:datatype": "cf32_le", "core:version": "1.0.0", "core:sample_rate": 40000}, "captures": [], "annotations": []})");
  for (const int rate : {60'000, 30'000}) {
    const auto radio = open(folder / "t" + ",rate=" + std::to_string(rate));
    REQUIRE(radio);
    CHECK((*radio)->set_sample_rate(SampleRate(40'000)) == SampleRate(rate));
    REQUIRE((*radio)->start(SampleTime(0)));
    IqBuffer out(1, 100'000);
    const RxResult result = (*radio)->receive(out.span());
    CHECK(result.num_samples == static_cast<std::size_t>(rate));  // one second
    CHECK((*radio)->receive(out.span()).status == RxStatus::ended);
    // The first sample may lie up to one output sample before the recording's first: allow that much phase, constant.
    const auto expected = [&](std::size_t n) { return std::polar(1.0, 2.0 * std::numbers::pi * kTone * static_cast<double>(n) / rate); };
    const std::complex<double> first = std::complex<double>(out.channel()[5000]) / expected(5000);
    CHECK(std::abs(std::arg(first)) <= 2.0 * std::numbers::pi * kTone / rate);
    double worst = 0.0;
    for (std::size_t n = 1000; n < result.num_samples - 1000; ++n) {
      worst = std::max(worst, std::abs(std::complex<double>(out.channel()[n]) / expected(n) - first));
    }
    CHECK(worst < 2e-4);
    CHECK(std::abs(std::abs(first) - 1.0) < 2e-4);
  }
  make_ramp(folder / "g", 100, R"([{"core:sample_start": 0, "core:global_index": 0}, {"core:sample_start": 60, "core:global_index": 100}])");
  CHECK(has(error_of(folder / "g" + ",rate=2000"), "has gaps, so it is played only at its own rate, 1 kS/s"));
  CHECK(has(error_of(folder / "t" + ",rate=100MHz"), "within a factor of 100"));
}

TEST_CASE("file radio: what is transmitted becomes a recording, with zeros where nothing was sent")
{
  const TemporaryFolder folder;
  IqBuffer block(2, 10);
  for (Cf32& sample : block.channel(0)) sample = {0.5F, 0.0F};
  for (Cf32& sample : block.channel(1)) sample = {0.0F, -0.25F};
  {
    const auto radio = open("tx=" + (folder / "t") + ",format=cf32,channels=2");
    REQUIRE(radio);
    CHECK((*radio)->start(SampleTime(0)).error().code == ErrorCode::bad_input);  // no rate yet
    CHECK((*radio)->set_sample_rate(SampleRate(2000)) == SampleRate(2000));
    CHECK((*radio)->tune(Direction::transmit, 1, {.center = Hertz(1e9)})->center == Hertz(1e9));
    REQUIRE((*radio)->start(SampleTime(100)));
    CHECK((*radio)->transmit(block.span(), SampleTime(100), Burst::goes_on).status == TxStatus::ok);
    CHECK((*radio)->transmit(block.span(), SampleTime(115), Burst::ends).status == TxStatus::ok);
    CHECK((*radio)->transmit(block.span(), SampleTime(124), Burst::ends).status == TxStatus::late);
    CHECK((*radio)->counters().tx_samples == 20);
    CHECK((*radio)->counters().lates == 1);
    (*radio)->stop();
    CHECK((*radio)->transmit(block.span(), SampleTime(125), Burst::ends).status == TxStatus::failed);
    CHECK((*radio)->start(SampleTime(0)).error().code == ErrorCode::busy);
  }
  auto reader = recording::SigmfReader::open(folder / "t");
  REQUIRE(reader);
  CHECK(reader->verify());
  CHECK(reader->meta().sample_rate == SampleRate(2000));
  CHECK(reader->meta().captures.at(0).frequency == Hertz(1e9));
  CHECK(reader->meta().captures.at(0).global_index == SampleTime(100));
  REQUIRE(reader->length() == SampleCount(25));
  IqBuffer back(2, 25);
  REQUIRE(reader->read(SampleCount(0), back.span()));
  for (std::size_t n = 0; n < 25; ++n) {
    const bool is_sent = n < 10 || n >= 15;
    CHECK(back.channel(0)[n] == (is_sent ? Cf32(0.5F, 0.0F) : Cf32()));
    CHECK(back.channel(1)[n] == (is_sent ? Cf32(0.0F, -0.25F) : Cf32()));
  }
}

TEST_CASE("file radio: full duplex keeps rule A: what was not transmitted up to the end of a received block is zeros, then late")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 100);
  IqBuffer block(1, 40);
  const IqBuffer sent(1, 10);
  {
    const auto radio = open(folder / "r" + ",tx=" + (folder / "t") + ",format=ci8");
    REQUIRE(radio);
    REQUIRE((*radio)->start(SampleTime(0)));
    REQUIRE((*radio)->receive(block.span()).num_samples == 40);
    CHECK((*radio)->transmit(sent.span(), SampleTime(39), Burst::goes_on).status == TxStatus::late);
    CHECK((*radio)->transmit(sent.span(), SampleTime(40), Burst::goes_on).status == TxStatus::ok);
    REQUIRE((*radio)->receive(block.span()).num_samples == 40);
  }
  CHECK(recording::SigmfReader::open(folder / "t")->length() == SampleCount(80));
}

TEST_CASE("file radio: a very long silence is a gap, not a full disk")
{
  const TemporaryFolder folder;
  const IqBuffer sent(1, 10);
  {
    const auto radio = open("tx=" + (folder / "t") + ",rate=1000");
    REQUIRE(radio);
    REQUIRE((*radio)->start(SampleTime(0)));
    CHECK((*radio)->transmit(sent.span(), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
    CHECK((*radio)->transmit(sent.span(), SampleTime(1LL << 50), Burst::ends).status == TxStatus::ok);
  }
  const auto reader = recording::SigmfReader::open(folder / "t");
  REQUIRE(reader);
  CHECK(reader->length() == SampleCount(20));
  CHECK(reader->meta().captures.at(1).global_index == SampleTime(1LL << 50));
}

TEST_CASE("file radio: pace=realtime delivers no faster than the samples' rate")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 250);
  const auto radio = open(folder / "r" + ",pace=realtime");
  REQUIRE(radio);
  REQUIRE((*radio)->start(SampleTime(0)));
  IqBuffer block(1, 50);
  const auto begin = std::chrono::steady_clock::now();
  CHECK((*radio)->receive(block.span()).num_samples == 50);  // 50 ms
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(50));
  IqBuffer long_block(1, 200);
  CHECK((*radio)->receive(long_block.span()).status == RxStatus::timeout);  // 200 ms more: not within 100
}

TEST_CASE("file radio: a wrong radio string is refused with a reason")
{
  const TemporaryFolder folder;
  make_ramp(folder / "r", 10);
  const std::string r = folder / "r";
  CHECK(has(error_of(""), "name a recording"));
  CHECK(has(error_of(folder / "none"), "does not exist"));
  CHECK(has(error_of(r + ",lop=yes"), "lop"));
  CHECK(has(error_of(r + ",loop=maybe"), "maybe"));
  CHECK(has(error_of(r + ",offset=10"), "cannot begin at sample 10"));
  CHECK(has(error_of(r + ",offset=-1"), "neither a number of samples nor a time"));
  CHECK(has(error_of(r + ",duration=0"), "longer than 0"));
  CHECK(has(error_of(r + ",duration=10 dB"), "neither a number"));
  CHECK(has(error_of(r + ",pace=slow"), "pace=slow"));
  CHECK(has(error_of(r + ",rate=0"), "0"));
  CHECK(has(error_of("tx=x,format=cu8"), "is not written"));
  CHECK(has(error_of("tx=x,format=mp3"), "mp3"));
  CHECK(has(error_of("tx=x,channels=0"), "1 to 64"));
  const auto taken = open("rate=1000,tx=" + r);
  REQUIRE(taken);
  CHECK(has((*taken)->start(SampleTime(0)).error().message, "never overwritten"));
}
