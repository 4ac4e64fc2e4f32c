// Any grant and any LLRs into the decoder of DL-SCH and UL-SCH.

#include "stack/phy/transport_block.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ravi;
  static const auto decoder = std::make_unique<phy::SchDecoder>();
  static const auto harq = std::make_unique<phy::HarqSoftBuffer>(4000);
  constexpr std::size_t kHeader = 8;
  if (size < kHeader) return 0;
  constexpr nr::Modulation kModulations[] = {nr::Modulation::bpsk, nr::Modulation::qpsk, nr::Modulation::qam16,
                                             nr::Modulation::qam64, nr::Modulation::qam256};
  const nr::SchConfig config = {.modulation = kModulations[data[0] % 5],
                                .tbs_bytes = data[1] * 16U + data[2],
                                .redundancy_version = static_cast<std::uint8_t>(data[3] % 5),
                                .base_graph = static_cast<std::uint8_t>(data[4] % 4),
                                .tbs_lbrm_bytes = data[5] * 16U};
  if (data[6] % 2 == 0) harq->clear();
  const std::span llrs(reinterpret_cast<const std::int8_t*>(data + kHeader), size - kHeader);
  std::vector<std::uint8_t> payload(config.tbs_bytes);
  static_cast<void>(decoder->decode(llrs, config, *harq, payload, data[7] % 4U, 3));
  return 0;
}
