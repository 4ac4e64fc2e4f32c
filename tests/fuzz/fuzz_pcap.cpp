// Any octets as an NGAP message that is to be traced: no key that our codec can read out of it is left once they are hidden. And as MAC PDU,
// RRC, NAS and GTP-U: blocks that end where they say.

#include "stack/ngap/codec.h"
#include "stack/pcap/frame.h"
#include "stack/pcap/hide_keys.h"
#include "stack/pcap/pcapng.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>
#include <vector>

using namespace ravi;

namespace {

void check_block(std::span<const std::uint8_t> octets)
{
  pcap::Octets file;
  pcap::append_packet({.interface = 0, .time = std::chrono::nanoseconds(1), .is_sent = true, .octets = octets, .comment = "UE 1"}, file);
  const auto word = [&](std::size_t at) {
    return file[at] | static_cast<std::uint32_t>(file[at + 1]) << 8U | static_cast<std::uint32_t>(file[at + 2]) << 16U |
           static_cast<std::uint32_t>(file[at + 3]) << 24U;
  };
  if (file.size() % 4 != 0 || word(4) != file.size() || word(file.size() - 4) != file.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::span<const std::uint8_t> octets(data, size);
  std::vector<std::uint8_t> hidden(octets.begin(), octets.end());
  if (pcap::hide_keys(hidden)) {
    if (const auto message = ngap::decode(hidden)) {
      const auto* setup = std::get_if<ngap::InitialContextSetupRequest>(&*message);
      if (setup != nullptr && setup->k_gnb != security::Key256{}) std::abort();
    }
  }
  pcap::Octets packet;
  pcap::append_ngap(hidden, packet);
  check_block(packet);
  packet.clear();
  pcap::append_nas(octets, packet);
  check_block(packet);
  packet.clear();
  pcap::append_gtpu({127, 0, 0, 1}, {127, 0, 0, 2}, octets, packet);
  check_block(packet);
  return 0;
}
