#include "radio/air/port_history.h"

#include "tests/radio/air/air_runner.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <span>
#include <vector>

using namespace ravi;
using namespace ravi::air;

TEST_CASE("port history: a window holds what was sent, however far back and however it was appended")
{
  constexpr std::size_t kLookback = 300;
  constexpr std::size_t kWindow = 100;
  PortHistory history(kLookback, kWindow);
  std::vector<Cf32> model(kLookback);  // before time 0: zeros
  std::mt19937 random(6);
  for (int round = 0; round < 2'000; ++round) {
    const std::size_t count = random() % kWindow;
    const bool is_absent = random() % 8 == 0;
    const std::vector<Cf32> samples =
        is_absent ? std::vector<Cf32>() : testing::white(count, static_cast<std::uint32_t>(round));
    history.append(samples, count);
    model.insert(model.end(), samples.begin(), samples.end());
    if (is_absent) model.resize(model.size() + count);
    const auto end = static_cast<std::int64_t>(model.size() - kLookback);
    const std::int64_t begin = end - static_cast<std::int64_t>(count) - static_cast<std::int64_t>(random() % kLookback);
    const ConstPlanes window = history.window(begin);
    for (std::size_t i = 0; i < kWindow && begin + static_cast<std::int64_t>(i) < end; ++i) {
      const Cf32 want = model[static_cast<std::size_t>(begin + static_cast<std::int64_t>(kLookback + i))];
      REQUIRE(Cf32{window.re[i], window.im[i]} == want);
    }
  }
}

TEST_CASE("port history: silence is known from the end of the last samples that came")
{
  PortHistory history(100, 50);
  CHECK(history.is_silent_since(0));
  history.append(testing::white(30, 1), 30);
  history.append({}, 20);
  CHECK_FALSE(history.is_silent_since(29));
  CHECK(history.is_silent_since(30));
}
