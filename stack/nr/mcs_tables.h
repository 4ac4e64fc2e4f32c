#pragma once
// Declarations of the MCS and CQI tables, read through mcs.h.

#include "stack/nr/mcs.h"

#include <array>

namespace ravi::nr::tables {

extern const std::array<Mcs, 32> kMcsQam64;
extern const std::array<Mcs, 32> kMcsQam256;
extern const std::array<Mcs, 32> kMcsQam64LowSe;
extern const std::array<Mcs, 32> kMcsTransformQam64;
extern const std::array<Mcs, 32> kMcsTransformQam64LowSe;
extern const std::array<Mcs, 15> kCqi1;
extern const std::array<Mcs, 15> kCqi2;
extern const std::array<Mcs, 15> kCqi3;

}  // namespace ravi::nr::tables
