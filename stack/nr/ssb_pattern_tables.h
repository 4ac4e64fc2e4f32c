#pragma once
// Declarations of the SS/PBCH block patterns, read through ssb_pattern.h.

#include <array>
#include <cstdint>

namespace ravi::nr::tables {

extern const std::array<std::uint16_t, 8> kSsbCaseA;
extern const std::array<std::uint16_t, 8> kSsbCaseB;
extern const std::array<std::uint16_t, 8> kSsbCaseC;
extern const std::array<std::uint16_t, 64> kSsbCaseD;
extern const std::array<std::uint16_t, 64> kSsbCaseE;

}  // namespace ravi::nr::tables
