// A script of PDCP PDUs and waiting times: SDUs come out with rising COUNT, within their bound.

#include "stack/pdcp/receiver.h"
#include "stack/sdap/sdap.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  namespace pdcp = ravi::pdcp;
  if (size == 0) return 0;
  const pdcp::Config config{.bearer = (data[0] & 1) != 0 ? pdcp::Bearer::srb : pdcp::Bearer::drb_am,
                            .sn_size = (data[0] & 2) != 0 ? pdcp::SnSize::bits18 : pdcp::SnSize::bits12,
                            .sdap_header_octets = static_cast<std::uint8_t>((data[0] >> 2) & 1),
                            .t_reordering = pdcp::Time(10),
                            .max_sdu_octets = 64,
                            .num_stored = 4};
  pdcp::Receiver rx(config, ravi::security::Direction::uplink);
  if ((data[0] & 8) != 0) rx.activate_ciphering(ravi::security::CipheringAlgorithm::nea2, {});
  if ((data[0] & 16) != 0) rx.set_rx_next(0xFFFFFFF0);
  std::span<const std::uint8_t> script(data + 1, size - 1);
  pdcp::Time now{0};
  std::int64_t last = -1;
  while (!script.empty()) {
    const std::uint8_t what = script[0];
    script = script.subspan(1);
    if (what >= 0x80) {
      now += pdcp::Time(what & 0x7F);
      rx.tick(now);
    } else {
      const std::size_t count = std::min<std::size_t>(what, script.size());
      rx.receive(script.first(count), now);
      script = script.subspan(count);
    }
    while (const auto sdu = rx.next()) {
      if (sdu->octets.size() > config.max_sdu_octets + 7 || static_cast<std::int64_t>(sdu->count) <= last) std::abort();
      last = sdu->count;
      static_cast<void>(ravi::sdap::read_uplink(true, sdu->octets));
      static_cast<void>(ravi::sdap::read_downlink(true, sdu->octets));
    }
  }
  return 0;
}
