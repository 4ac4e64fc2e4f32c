// Octets as an NGAP message that is to be traced, and as changes to one with a key in it: no key that our codec can read out of it is left
// once they are hidden. And as NAS and GTP-U: blocks that end where they say.

#include "stack/ngap/codec.h"
#include "stack/pcap/frame.h"
#include "stack/pcap/hide_keys.h"
#include "stack/pcap/pcapng.h"

#include <algorithm>
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

void check_hidden(std::vector<std::uint8_t> octets)
{
  if (!pcap::hide_keys(octets)) return;
  const auto message = ngap::decode(octets);
  if (!message) return;
  const auto* setup = std::get_if<ngap::InitialContextSetupRequest>(&*message);
  if (setup != nullptr && setup->k_gnb != security::Key256{}) std::abort();
}

/// Each three octets of the script change one of the message, which is longer or shorter as the rest says.
std::vector<std::uint8_t> changed_message_with_key(std::span<const std::uint8_t> script)
{
  ngap::InitialContextSetupRequest request;
  request.allowed_slices = {{}};
  std::ranges::fill(request.k_gnb.writable(), std::uint8_t{0xA5});
  request.nas.assign(script.begin(), script.end());
  std::vector<std::uint8_t> octets = ngap::encode(request);
  constexpr std::size_t kMostChanges = 8;
  for (std::size_t i = 0; i < kMostChanges && script.size() >= 3 && !octets.empty(); ++i, script = script.subspan(3)) {
    octets[(script[0] | static_cast<std::size_t>(script[1]) << 8U) % octets.size()] ^= script[2];
  }
  return octets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::span<const std::uint8_t> octets(data, size);
  check_hidden({octets.begin(), octets.end()});
  check_hidden(changed_message_with_key(octets));
  pcap::Octets packet;
  pcap::append_ngap(octets, packet);
  check_block(packet);
  packet.clear();
  pcap::append_nas(octets, packet);
  check_block(packet);
  packet.clear();
  pcap::append_gtpu({127, 0, 0, 1}, {127, 0, 0, 2}, octets, packet);
  check_block(packet);
  return 0;
}
