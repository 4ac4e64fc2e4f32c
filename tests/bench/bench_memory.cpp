// What the machine can do at best: every other figure is read against these.

#include "radio/iq.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>

namespace {

/// Copies `range` complex float samples; 8192 fit in any second-level cache, 4 Mi in none.
void copy_samples(benchmark::State& state)
{
  const auto length = static_cast<std::size_t>(state.range(0));
  ravi::IqBuffer from(1, length);
  ravi::IqBuffer to(1, length);
  for (auto _ : state) {
    ravi::copy(from.span(), to.span());
    benchmark::DoNotOptimize(to.channel().data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(length));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(length * sizeof(ravi::Cf32) * 2));
}
BENCHMARK(copy_samples)->Arg(8192)->Arg(4 << 20);

}  // namespace
