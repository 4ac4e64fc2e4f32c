#pragma once
// Declarations of the DM-RS position and port tables, read through dmrs.h.

#include "stack/nr/dmrs.h"

#include <array>
#include <cstdint>

namespace ravi::nr::tables {

inline constexpr std::uint16_t kNoDmrs = 0xFFFF;  ///< no such entry in the table

/// [dmrs-AdditionalPosition][l_d]
using SingleSymbolDmrs = std::array<std::array<std::uint16_t, 15>, 4>;
using DoubleSymbolDmrs = std::array<std::array<std::uint16_t, 15>, 2>;

extern const SingleSymbolDmrs kPdschDmrsASingle;
extern const SingleSymbolDmrs kPdschDmrsBSingle;
extern const DoubleSymbolDmrs kPdschDmrsADouble;
extern const DoubleSymbolDmrs kPdschDmrsBDouble;
extern const SingleSymbolDmrs kPuschDmrsASingle;
extern const SingleSymbolDmrs kPuschDmrsBSingle;
extern const DoubleSymbolDmrs kPuschDmrsADouble;
extern const DoubleSymbolDmrs kPuschDmrsBDouble;
extern const std::array<DmrsPort, 8> kDmrsPortsType1;

}  // namespace ravi::nr::tables
