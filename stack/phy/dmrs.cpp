#include "stack/phy/dmrs.h"

#include "stack/nr/dmrs.h"
#include "stack/phy/scrambling.h"

#include <cassert>
#include <optional>

namespace ravi::phy {

void qpsk_sequence(std::uint32_t c_init, std::size_t first, std::span<Cf32> out) noexcept
{
  constexpr float kAmplitude = 0.70710678F;
  GoldSequence gold(c_init);
  gold.skip(2 * first);
  std::uint32_t bits = 0;
  for (std::size_t m = 0; m < out.size(); ++m) {
    if (m % 16 == 0) bits = gold.next32();
    out[m] = {(bits & 1U) != 0 ? -kAmplitude : kAmplitude, (bits & 2U) != 0 ? -kAmplitude : kAmplitude};
    bits >>= 2U;
  }
}

std::uint32_t dmrs_c_init(unsigned slot_in_frame, unsigned symbol, unsigned scrambling_id, unsigned n_scid) noexcept
{
  const std::uint64_t time = 14ULL * slot_in_frame + symbol + 1;
  const std::uint64_t value = (time * (2ULL * scrambling_id + 1) << 17U) + 2ULL * scrambling_id + n_scid;
  return static_cast<std::uint32_t>(value & 0x7FFFFFFFU);
}

std::uint32_t pbch_dmrs_c_init(nr::Pci pci, unsigned i_ssb_bar) noexcept
{
  return ((i_ssb_bar + 1) * (pci.value() / 4 + 1) << 11U) + ((i_ssb_bar + 1) << 6U) + pci.value() % 4;
}

void dmrs_pilots_type1(std::uint32_t c_init, unsigned first_prb, unsigned port, std::span<Cf32> out) noexcept
{
  assert(out.size() % 6 == 0);
  qpsk_sequence(c_init, std::size_t{6} * first_prb, out);
  const std::optional<nr::DmrsPort> known = nr::dmrs_port_type1(port);
  assert(known);
  if (known->w_f[1] > 0) return;
  for (std::size_t m = 1; m < out.size(); m += 2) out[m] = -out[m];
}

}  // namespace ravi::phy
