#pragma once
// Declarations of the tables of PRACH configurations, read through prach_config.h.

#include "stack/nr/prach_config.h"

#include <array>

namespace ravi::nr::tables {

extern const std::array<PrachConfig, 256> kPrachConfigsPaired;
extern const std::array<PrachConfig, 263> kPrachConfigsUnpaired;

}  // namespace ravi::nr::tables
