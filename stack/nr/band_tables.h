#pragma once
// Declarations of the tables of bands, rasters and bandwidths, read through band.h and channel_bandwidth.h.

#include "stack/nr/band.h"
#include "stack/nr/channel_bandwidth.h"

#include <array>

namespace ravi::nr::tables {

extern const std::array<Band, 60> kBands;
extern const std::array<ChannelRaster, 69> kChannelRasters;
extern const std::array<TransmissionBandwidth, 15> kTransmissionBandwidths;
extern const std::array<BandBandwidths, 60> kBandBandwidths;

}  // namespace ravi::nr::tables
