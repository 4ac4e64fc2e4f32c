#include "radio/recording/sigmf_reader.h"

#include "tests/radio/recording/temporary_folder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace ravi;
using namespace ravi::recording;
using ravi::testing::TemporaryFolder;
using ravi::testing::write_bytes;
using ravi::testing::write_text;

namespace {

std::string meta_text(const std::string& datatype, const std::string& more = "", const std::string& captures = R"([{"core:sample_start": 0}])")
{
  return R"({"global": {"core:datatype": ")" + datatype + R"(", "core:version": "1.0.0", "core:sample_rate": 1000)" + more +
         R"(}, "captures": )" + captures + R"(, "annotations": []})";
}

/// Writes a recording by hand and opens it.
Result<SigmfReader> open_made(const TemporaryFolder& folder, const std::string& meta, const std::vector<std::uint8_t>& data)
{
  write_text(folder / "r.sigmf-meta", meta);
  write_bytes(folder / "r.sigmf-data", data);
  return SigmfReader::open(folder / "r");
}

std::string error_of(const Result<SigmfReader>& reader) { return reader ? "" : reader.error().message; }
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void check_samples(SigmfReader& reader, std::vector<Cf32> expected)
{
  IqBuffer buffer(1, expected.size() + 3);
  const auto count = reader.read(SampleCount(0), buffer.span());
  REQUIRE(count);
  REQUIRE(*count == expected.size());
  for (std::size_t n = 0; n < expected.size(); ++n) {
    CHECK(std::abs(buffer.channel()[n] - expected[n]) <= 1e-7F);
  }
}

}  // namespace

TEST_CASE("SigMF reader: each format, bytes written by hand")
{
  const TemporaryFolder folder;
  SUBCASE("ci16_le")
  {
    auto reader = open_made(folder, meta_text("ci16_le"), {0xff, 0x7f, 0x01, 0x80, 0x00, 0x01, 0xff, 0xff});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -1.0F}, {256.0F / 32767.0F, -1.0F / 32767.0F}});
  }
  SUBCASE("ci16_be")
  {
    auto reader = open_made(folder, meta_text("ci16_be"), {0x7f, 0xff, 0x80, 0x01, 0x01, 0x00, 0xff, 0xff});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -1.0F}, {256.0F / 32767.0F, -1.0F / 32767.0F}});
  }
  SUBCASE("ci8")
  {
    auto reader = open_made(folder, meta_text("ci8"), {127, 129, 1, 255});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -1.0F}, {1.0F / 127.0F, -1.0F / 127.0F}});
  }
  SUBCASE("cu8")
  {
    auto reader = open_made(folder, meta_text("cu8"), {255, 0, 128, 127});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -1.0F}, {0.5F / 127.5F, -0.5F / 127.5F}});
  }
  SUBCASE("cf32_le")
  {
    auto reader = open_made(folder, meta_text("cf32_le"), {0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -0.5F}});
  }
  SUBCASE("cf32_be")
  {
    auto reader = open_made(folder, meta_text("cf32_be"), {0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0});
    REQUIRE(reader);
    check_samples(*reader, {{1.0F, -0.5F}});
  }
}

TEST_CASE("SigMF reader: a NaN or infinite sample is read as zero and counted")
{
  const TemporaryFolder folder;
  auto reader = open_made(folder, meta_text("cf32_le"), {0, 0, 0xc0, 0x7f, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x7f});
  REQUIRE(reader);
  check_samples(*reader, {{0.0F, 0.0F}, {0.0F, 0.0F}});
  CHECK(reader->num_not_finite() == 2);
}

TEST_CASE("SigMF reader: channels are interleaved sample by sample, and any position can be read")
{
  const TemporaryFolder folder;
  constexpr std::size_t kLength = 50'000;  // more than one chunk
  std::vector<std::uint8_t> data;
  for (std::size_t n = 0; n < kLength; ++n) {
    for (std::size_t c = 0; c < 3; ++c) {
      data.push_back(static_cast<std::uint8_t>(n % 100));
      data.push_back(static_cast<std::uint8_t>(c + 1));
    }
  }
  auto reader = open_made(folder, meta_text("ci8", R"(, "core:num_channels": 3)"), data);
  REQUIRE(reader);
  CHECK(reader->length() == SampleCount(kLength));
  IqBuffer buffer(3, 40'000);
  for (const std::int64_t first : {0, 1, 16'383, 20'001, 49'999, 50'000, 60'000}) {
    const auto count = reader->read(SampleCount(first), buffer.span());
    REQUIRE(count);
    const std::int64_t left = std::max<std::int64_t>(50'000 - first, 0);
    REQUIRE(*count == static_cast<std::size_t>(std::min<std::int64_t>(left, 40'000)));
    bool is_right = true;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t n = 0; n < *count; ++n) {
        const auto i = static_cast<float>((static_cast<std::size_t>(first) + n) % 100) / 127.0F;
        is_right = is_right && std::abs(buffer.channel(c)[n] - Cf32(i, static_cast<float>(c + 1) / 127.0F)) < 1e-7F;
      }
    }
    CHECK(is_right);
  }
}

TEST_CASE("SigMF reader: what is missing, cut short or contradictory is refused with a reason")
{
  const TemporaryFolder folder;
  CHECK(has(error_of(SigmfReader::open(folder / "nothing")), "nothing.sigmf-meta does not exist"));

  write_text(folder / "alone.sigmf-meta", meta_text("ci8"));
  CHECK(has(error_of(SigmfReader::open(folder / "alone.sigmf-meta")), "alone.sigmf-data does not exist"));
  CHECK(has(error_of(open_made(folder, meta_text("ci16_le"), {1, 2, 3, 4, 5})), "5 bytes are not a whole number of 4-byte samples"));
  CHECK(has(error_of(open_made(folder, meta_text("ci8", "", R"([{"core:sample_start": 3}])"), {1, 2, 3, 4})), "holds 2 samples a channel, fewer than"));
  CHECK(has(error_of(open_made(folder, "{\"global\": {", {1, 2})), "r.sigmf-meta: not valid JSON"));

  std::filesystem::create_directory(folder / "d.sigmf-meta");
  CHECK(has(error_of(SigmfReader::open(folder / "d")), "no plain file"));
  write_text(folder / "a.sigmf", "a tar archive");
  CHECK(has(error_of(SigmfReader::open(folder / "a.sigmf")), "unpack it first: tar -xf"));
}

TEST_CASE("SigMF reader: of an interrupted recording the whole samples and what is said of them are taken")
{
  const TemporaryFolder folder;
  const std::string meta = meta_text("ci16_le", R"(, "ravi:unfinished": true)", R"([{"core:sample_start": 0}, {"core:sample_start": 1}, {"core:sample_start": 9}])");
  auto reader = open_made(folder, meta, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  REQUIRE(reader);
  CHECK(reader->length() == SampleCount(2));
  CHECK(reader->meta().captures.size() == 2);
}

TEST_CASE("SigMF reader: an annotation that runs over the end ends there")
{
  const TemporaryFolder folder;
  std::string meta = meta_text("ci8");
  meta.replace(meta.find("\"annotations\": []"), 17, R"("annotations": [{"core:sample_start": 1, "core:sample_count": 50}])");
  auto reader = open_made(folder, meta, {1, 2, 3, 4});
  REQUIRE(reader);
  CHECK(reader->meta().annotations.at(0).sample_count == SampleCount(1));
}

TEST_CASE("SigMF reader: the SHA-512 is verified [FIPS 180-4 example: \"abc\"]")
{
  const TemporaryFolder folder;
  const std::string abc =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49F";
  const auto with_hash = [&abc](const std::string& datatype) { return meta_text(datatype, R"(, "core:sha512": ")" + abc + "\""); };
  write_text(folder / "h.sigmf-meta", with_hash("ci8"));
  write_text(folder / "h.sigmf-data", "abcd");
  auto changed = SigmfReader::open(folder / "h");
  REQUIRE(changed);
  CHECK(changed->verify().error().code == ErrorCode::bad_input);

  // Three bytes are no whole sample, but an interrupted recording may end so; the hash covers the file as it lies.
  write_text(folder / "h.sigmf-meta", meta_text("ci8", R"(, "ravi:unfinished": true, "core:sha512": ")" + abc + "\""));
  write_text(folder / "h.sigmf-data", "abc");
  auto good = SigmfReader::open(folder / "h");
  REQUIRE(good);
  CHECK(good->verify());

  auto without = open_made(folder, meta_text("ci8"), {1, 2});
  REQUIRE(without);
  CHECK(without->verify().error().code == ErrorCode::not_found);
}

TEST_CASE("SigMF reader: a file that shrinks while it is read is an error, not silence")
{
  const TemporaryFolder folder;
  auto reader = open_made(folder, meta_text("ci8"), std::vector<std::uint8_t>(200));
  REQUIRE(reader);
  std::filesystem::resize_file(folder / "r.sigmf-data", 100);
  IqBuffer buffer(1, 100);
  const auto count = reader->read(SampleCount(0), buffer.span());
  REQUIRE_FALSE(count);
  CHECK(has(count.error().message, "shrank"));
}

TEST_CASE("SigMF reader: recordings of foreign transmitters open, verify and have the length their description states")
{
  const char* given = std::getenv("RAVI_REFERENCE_DATA");
  const std::filesystem::path folder = std::filesystem::path(given != nullptr ? given : RAVI_SOURCE_DIR "/../shared") / "iq";
  if (!std::filesystem::is_directory(folder)) {
    MESSAGE("skipped: no reference data in ", folder.string());
    return;
  }
  struct Expected {
    const char* name;
    std::int64_t rate, length;
    bool has_hash;
  };
  for (const Expected& e : {Expected{"n78-tdd-usrp-x300", 46'080'000, 460'800, true}, Expected{"n3-fdd-pci500-sib1", 15'360'000, 15'360, true},
                            Expected{"n3-fdd-pci500-rar", 15'360'000, 15'360, true}, Expected{"foreign-n78-20m", 23'040'000, 1'036'800, false},
                            Expected{"foreign-attach-dl", 11'520'000, 3'456'000, false}}) {
    CAPTURE(e.name);
    auto reader = SigmfReader::open((folder / e.name).string());
    REQUIRE(reader);
    CHECK(reader->meta().sample_rate == SampleRate(e.rate));
    CHECK(reader->length() == SampleCount(e.length));
    if (e.has_hash) CHECK(reader->verify());
    IqBuffer buffer(1, 15'360);
    REQUIRE(reader->read(SampleCount(0), buffer.span()));
    double power = 0.0;
    for (const Cf32 sample : buffer.channel()) power += std::norm(sample);
    CHECK(power > 0.0);
  }
}
