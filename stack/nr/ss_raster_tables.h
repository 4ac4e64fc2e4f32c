#pragma once
// Declaration of the synchronization raster's table, read through gscn.h.

#include "stack/nr/gscn.h"

#include <array>

namespace ravi::nr::tables {

extern const std::array<SsRaster, 60> kSsRasters;

}  // namespace ravi::nr::tables
