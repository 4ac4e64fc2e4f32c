#pragma once
// Declaration of the table of small transport block sizes, read through tbs.h.

#include <array>
#include <cstdint>

namespace ravi::nr::tables {

extern const std::array<std::uint16_t, 93> kTbs;

}  // namespace ravi::nr::tables
