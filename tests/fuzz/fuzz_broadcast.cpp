// What a foreign cell may broadcast: any MIB with any reading of its SS/PBCH block, and any SIB1 behind it. A CORESET#0 that is taken lies
// within its own carrier; a cell that is taken can be used: its SIB1 can be written and read again.

#include "stack/phy/sib1.h"
#include "stack/rrc/broadcast.h"
#include "stack/rrc/derive_ue_config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

using namespace ravi;

namespace {

constexpr std::size_t kReadingOctets = 12;

struct Reading {
  phy::FoundCell found;
  rrc::SsbReading ssb;
  std::uint32_t mib = 0;
};

Reading reading_of(std::span<const std::uint8_t> octets)
{
  Reading reading;
  std::memcpy(&reading.mib, octets.data(), sizeof(reading.mib));
  const auto number = [&octets](std::size_t at) { return static_cast<unsigned>(octets[at]) | static_cast<unsigned>(octets[at + 1]) << 8U; };
  const unsigned pci = number(4) % nr::Pci::kCount;
  const unsigned gscn = nr::Gscn::kMin + number(6) % (nr::Gscn::kMax - nr::Gscn::kMin + 1);
  const unsigned ssb_case = octets[8] / 2U % 3U;
  reading.ssb = {.pci = nr::Pci(pci), .gscn = nr::Gscn(gscn), .ssb_case = static_cast<nr::SsbCase>(ssb_case), .k_ssb = octets[9] % 32U,
                 .mib = reading.mib};
  reading.found.pci = nr::Pci(pci);
  reading.found.pbch.mib = reading.mib;
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  if (size < kReadingOctets) return 0;
  const std::span<const std::uint8_t> octets(data, size);
  const Reading reading = reading_of(octets);
  if (const auto mib = phy::parse_mib(reading.mib)) {
    const auto again = phy::parse_mib(phy::to_bits(*mib));
    if (!again || *again != *mib) std::abort();
    for (const auto minimum : {nr::MinimumBandwidth::mhz5_or_10, nr::MinimumBandwidth::mhz40}) {
      static_cast<void>(phy::coreset0_reception(reading.found, *mib, minimum));
    }
  }
  const auto sib1 = octets.subspan(kReadingOctets);
  static_cast<void>(rrc::read_sib1_identity(sib1));
  const auto cell = rrc::read_cell(reading.ssb, sib1);
  if (!cell) return 0;
  static_cast<void>(rrc::derive_ue_config(*cell, nr::Rnti(0x4601), 0));
  const auto written = rrc::sib1_of(*cell);
  if (written && !rrc::read_cell(reading.ssb, *written)) std::abort();
  return 0;
}
