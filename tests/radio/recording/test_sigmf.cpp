#include "radio/recording/sigmf.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace ravi;
using namespace ravi::recording;

namespace {

/// Metadata with `global` and `captures` members put in by hand.
std::string document(const std::string& global, const std::string& captures = "[]", const std::string& annotations = "[]")
{
  return R"({"global": {"core:datatype": "ci16_le", "core:version": "1.0.0", "core:sample_rate": 1e6)" +
         (global.empty() ? "" : ", " + global) + R"(}, "captures": )" + captures + R"(, "annotations": )" + annotations + "}";
}

std::string error_of(const std::string& json)
{
  const auto meta = parse_sigmf_meta(json, "x.sigmf-meta");
  return meta ? "" : meta.error().message;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const char* const kFull = R"({
  "global": {"core:datatype": "cf32_le", "core:sample_rate": 46080000.0, "core:version": "1.0.0", "core:num_channels": 2,
             "core:description": "d", "core:author": "a", "core:recorder": "r", "core:hw": "h", "antenna:gain": 3,
             "core:geolocation": {"type": "Point", "coordinates": [1, 2]}},
  "captures": [{"core:sample_start": 0, "core:frequency": 3502800000.0, "core:datetime": "2026-01-02T03:04:05Z"},
               {"core:sample_start": 1e3, "core:global_index": 9000000000}],
  "annotations": [{"core:sample_start": 50, "core:sample_count": 7, "core:label": "SSB", "core:comment": "c",
                   "core:freq_lower_edge": -1.5, "core:freq_upper_edge": 2.5, "core:generator": "g"},
                  {"core:sample_start": 20}], "other": []})";

}  // namespace

TEST_CASE("SigMF metadata: every key of the core namespace is read, unknown ones are skipped")
{
  const auto meta = parse_sigmf_meta(kFull, "x");
  REQUIRE(meta);
  CHECK(meta->format == SampleFormat::cf32_le);
  CHECK(meta->sample_rate == SampleRate(46'080'000));
  CHECK(meta->num_channels == 2);
  CHECK(meta->bytes_per_frame() == 16);
  CHECK(meta->description + meta->author + meta->recorder + meta->hw == "darh");
  REQUIRE(meta->captures.size() == 2);
  CHECK(meta->captures[0].frequency == Hertz(3502.8e6));
  CHECK(meta->captures[0].datetime == "2026-01-02T03:04:05Z");
  CHECK_FALSE(meta->captures[0].global_index);
  CHECK(meta->captures[1].sample_start == SampleCount(1000));
  CHECK(meta->captures[1].global_index == SampleTime(9'000'000'000));
  REQUIRE(meta->annotations.size() == 2);
  CHECK(meta->annotations[0].sample_start == SampleCount(20));  // sorted
  CHECK(meta->annotations[0].sample_count == SampleCount(0));
  CHECK(meta->annotations[1].sample_count == SampleCount(7));
  CHECK(meta->annotations[1].freq_lower_edge == Hertz(-1.5));
  CHECK(meta->annotations[1].freq_upper_edge == Hertz(2.5));
  CHECK(meta->annotations[1].label + meta->annotations[1].comment + meta->annotations[1].generator == "SSBcg");
}

TEST_CASE("SigMF metadata: its text reads back as it was")
{
  const auto meta = parse_sigmf_meta(kFull, "x");
  REQUIRE(meta);
  const auto again = parse_sigmf_meta(to_json(*meta), "y");
  REQUIRE(again);
  CHECK(to_json(*again) == to_json(*meta));
  CHECK(again->captures[1].global_index == meta->captures[1].global_index);
}

TEST_CASE("SigMF metadata: text that is no UTF-8 is replaced, not thrown")
{
  SigmfMeta meta;
  meta.sample_rate = SampleRate(1);
  meta.description = "caf\xe9";
  CHECK(has(to_json(meta), "caf\xef\xbf\xbd"));
}

TEST_CASE("SigMF metadata: core:offset is taken off every position")
{
  const auto meta = parse_sigmf_meta(document(R"("core:offset": 100)", R"([{"core:sample_start": 130}])",
                                              R"([{"core:sample_start": 100, "core:sample_count": 1}])"), "x");
  REQUIRE(meta);
  CHECK(meta->captures[0].sample_start == SampleCount(30));
  CHECK(meta->annotations[0].sample_start == SampleCount(0));
  CHECK(has(error_of(document(R"("core:offset": 100)", R"([{"core:sample_start": 99}])")), "before the recording's core:offset 100"));
}

TEST_CASE("SigMF metadata: a refusal names the file, the key and what to do")
{
  const std::vector<std::pair<std::string, std::string>> cases = {
    {"", "x.sigmf-meta: not valid JSON, perhaps cut short"},
    {"[]", "no \"global\" object"},
    {"{\"global\": 3}", "no \"global\" object"},
    {document(R"("core:num_channels": 0)"), "global.core:num_channels is 0; 1 to 64"},
    {document(R"("core:num_channels": 65)"), "core:num_channels is 65"},
    {document(R"("core:num_channels": 1.5)"), "core:num_channels is 1.5; write a whole number"},
    {document(R"("core:num_channels": "2")"), "core:num_channels is \"2\"; write a whole number"},
    {document(R"("core:sha512": "abc")"), "core:sha512 is not 128 hexadecimal digits"},
    {document(R"("core:description": 5)"), "core:description is 5; write it as a text"},
    {document(R"("core:metadata_only": true)"), "comes without samples"},
    {document(R"("core:dataset": "../../etc/passwd")"), "core:dataset marks data that is not plain samples"},
    {document(R"("core:trailing_bytes": 4)"), "core:trailing_bytes marks"},
    {document("", "{}"), "captures is missing or no list"},
    {document("", "[]", "null"), "annotations is missing or no list"},
    {document("", "[3]"), "captures[0] is no object"},
    {document("", "[{}]"), "captures[0].core:sample_start is missing"},
    {document("", R"([{"core:sample_start": -1}])"), "captures[0].core:sample_start is -1; write a whole number from 0"},
    {document("", R"([{"core:sample_start": 18446744073709551615}])"), "write a whole number from 0 to 2^60"},
    {document("", R"([{"core:sample_start": 5}, {"core:sample_start": 4}])"), "captures[1].core:sample_start lies before"},
    {document("", R"([{"core:sample_start": 0, "core:frequency": 1e300}])"), "captures[0].core:frequency is 1e+300; write a number of at most"},
    {document("", R"([{"core:sample_start": 0, "core:frequency": "1 GHz"}])"), "captures[0].core:frequency is \"1 GHz\""},
    {document("", R"([{"core:sample_start": 0, "core:header_bytes": 8}])"), "core:header_bytes marks"},
    {document("", "[]", R"([{"core:sample_start": 0, "core:freq_lower_edge": 2, "core:freq_upper_edge": 1}])"), "annotations[0].core:freq_lower_edge lies above"},
  };
  for (const auto& refused : cases) {
    const std::string message = error_of(refused.first);
    CAPTURE(message);
    CHECK(has(message, refused.second));
  }
}

TEST_CASE("SigMF metadata: the keys without which nothing can be read are asked for, absurd ones refused")
{
  const auto global = [](const std::string& members) { return R"({"global": {)" + members + R"(}, "captures": [], "annotations": []})"; };
  CHECK(has(error_of(global("")), "global.core:datatype is missing"));
  CHECK(has(error_of(global(R"("core:datatype": "ci16_le", "core:sample_rate": 1)")), "core:version is missing"));
  CHECK(has(error_of(global(R"("core:datatype": "ci16_le", "core:version": "2.0.0", "core:sample_rate": 1)")), "SigMF 1 is read"));
  CHECK(has(error_of(global(R"("core:datatype": "ci16_le", "core:version": "1.0.0")")), "core:sample_rate is missing"));
  CHECK(has(error_of(global(R"("core:datatype": "ri16_le", "core:version": "1.0.0", "core:sample_rate": 1)")), "\"ri16_le\" is not read"));
  for (const char* rate : {"0", "-1", "1e13", "1e999", "null", "\"1\"", "NaN"}) {
    CAPTURE(rate);
    CHECK_FALSE(error_of(global(std::string(R"("core:datatype": "ci16_le", "core:version": "1.0.0", "core:sample_rate": )") + rate)).empty());
  }
}

TEST_CASE("SigMF metadata: deep nesting and sheer size are refused without harm")
{
  CHECK_FALSE(error_of(std::string(1'000'000, '[')).empty());
  CHECK_FALSE(error_of(document("\"x\": " + std::string(100'000, '[') + std::string(100'000, ']'), "3")).empty());
  CHECK(has(error_of(std::string(kMaxMetaBytes + 1, ' ')), "bytes of metadata are more than"));
}

TEST_CASE("SigMF metadata: every truncation and 20000 random byte flips end in a value or an error")
{
  const std::string whole = kFull;
  for (std::size_t length = 0; length < whole.size() - 1; ++length) {
    CHECK_FALSE(parse_sigmf_meta(std::string_view(whole).substr(0, length), "x"));
  }
  std::mt19937 random(7);
  for (int n = 0; n < 20'000; ++n) {
    std::string flipped = whole;
    for (auto k = random() % 3 + 1; k > 0; --k) flipped[random() % flipped.size()] = static_cast<char>(random());
    if (const auto meta = parse_sigmf_meta(flipped, "x")) CHECK(parse_sigmf_meta(to_json(*meta), "y"));
  }
}

TEST_CASE("SigMF file names: the pair is found from either file, the archive name or the bare name")
{
  for (const char* name : {"dir/a.b", "dir/a.b.sigmf", "dir/a.b.sigmf-meta", "dir/a.b.sigmf-data"}) {
    const auto paths = sigmf_paths(name);
    REQUIRE(paths);
    CHECK(paths->meta == "dir/a.b.sigmf-meta");
    CHECK(paths->data == "dir/a.b.sigmf-data");
  }
  CHECK_FALSE(sigmf_paths(""));
  CHECK_FALSE(sigmf_paths("dir/"));
  CHECK_FALSE(sigmf_paths("dir/.sigmf-meta"));
  CHECK_FALSE(sigmf_paths(std::string_view("a\0b", 3)));
}
