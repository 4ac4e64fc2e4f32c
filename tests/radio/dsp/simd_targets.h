#pragma once
// Runs a check once for every instruction set of this CPU that the kernels were compiled for.

#include <doctest/doctest.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace ravi::test {

/// Twice the widest vector (512 bit) in floats: lengths 0..this pass every whole, partial and missing tail.
inline constexpr std::size_t kLongestShort = 32;

template <class Check>
void for_each_simd_target(const Check& check)
{
  const std::int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    const std::string name = hwy::TargetName(target);
    CAPTURE(name);
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace ravi::test
