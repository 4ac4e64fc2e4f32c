#pragma once
// PUCCH format 1: one or two bits, or a scheduling request by its mere presence. TS 38.211 §6.3.2.4, §6.4.1.3.1.

#include "stack/nr/phy_mac.h"
#include "stack/nr/slot.h"
#include "stack/phy/resource_grid.h"

#include <span>

namespace ravi::phy {

/// phi(m) of the orthogonal sequence `index` of `length` symbols: w(m) = exp(j 2 pi phi(m) / length). length 1..7,
/// index < length, m < length. TS 38.211 Table 6.3.2.4.1-2.
[[nodiscard]] constexpr unsigned occ_phi(unsigned length, unsigned index, unsigned m)
{
  constexpr unsigned kLength4[4][4] = {{0, 0, 0, 0}, {0, 2, 0, 2}, {0, 0, 2, 2}, {0, 2, 2, 0}};
  return length == 4 ? kLength4[index][m] : index * m % length;
}

/// Adds the transmission to port 0 of `grid` (the carrier's, subcarrier 0 at CRB `offset_to_carrier`), magnitude 1 a resource
/// element. Without HARQ-ACK bits it is a positive SR. False, nothing written: the resource lies outside the grid, or the PDU
/// is no format 1. Thread: slot worker, real time.
bool encode_pucch_format1(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier,
                          std::span<const std::uint8_t> harq_ack, GridSpan grid) noexcept;

/// Finds the transmission in `antenna` of `grid`, or that there is none (DTX): the most likely bits' power, both hops
/// together, against the power in the PRB's cyclic shifts that nobody uses; noise alone passes once in some 1000 receptions.
/// Up to six of the twelve cyclic shifts may be in use. With `num_sr_bits` 1 a detection says SR 1.
[[nodiscard]] nr::UciResult decode_pucch_format1(const nr::PucchPdu& pdu, nr::Slot slot, unsigned offset_to_carrier,
                                                 ConstGridSpan grid, unsigned antenna) noexcept;

}  // namespace ravi::phy
