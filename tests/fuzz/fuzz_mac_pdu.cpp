// Any octets as a MAC PDU or a RAR: walked within their bounds; what a RAR says can be written and read again.

#include "stack/mac/mac_ce.h"
#include "stack/mac/mac_pdu.h"
#include "stack/mac/rar.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  namespace mac = ravi::mac;
  const std::span<const std::uint8_t> octets(data, size);
  for (const mac::Direction direction : {mac::Direction::downlink, mac::Direction::uplink}) {
    mac::MacPduReader reader(direction, octets);
    std::vector<std::uint8_t> again(size);
    mac::MacPduWriter writer(direction, again);
    while (const auto sub_pdu = reader.next()) {
      if (!sub_pdu->payload.empty() && !writer.add(sub_pdu->lcid, sub_pdu->payload)) std::abort();
      static_cast<void>(mac::decode_short_bsr(sub_pdu->payload));
      static_cast<void>(mac::decode_long_bsr(sub_pdu->payload));
      static_cast<void>(mac::decode_long_truncated_bsr(sub_pdu->payload));
      static_cast<void>(mac::decode_single_entry_phr(sub_pdu->payload));
      static_cast<void>(mac::decode_timing_advance_command(sub_pdu->payload));
      static_cast<void>(mac::decode_contention_resolution(sub_pdu->payload));
      static_cast<void>(mac::decode_c_rnti(sub_pdu->payload));
    }
    writer.finish();
  }
  if (const auto rar = mac::decode_rar(octets)) {
    std::vector<std::uint8_t> again(mac::rar_size(*rar));
    if (!again.empty()) {
      if (!mac::encode_rar(*rar, again)) std::abort();
      const auto back = mac::decode_rar(again);
      if (!back || back->num_responses != rar->num_responses) std::abort();
    }
  }
  return 0;
}
