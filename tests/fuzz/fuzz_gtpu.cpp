// Any octets as a GTP-U datagram: read within their bounds; a header that was understood can be written and read again.

#include "stack/gtpu/gtpu.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  namespace gtpu = ravi::gtpu;
  const std::span<const std::uint8_t> octets(data, size);
  static_cast<void>(gtpu::read_error_indication(octets));
  const gtpu::Decoded read = gtpu::decode(octets);
  if (read.payload.size() > size) std::abort();
  static_cast<void>(gtpu::read_error_indication(read.payload));
  if (read.verdict != gtpu::Verdict::ok) return 0;
  gtpu::Header header = read.header;
  if (header.session) header.session->paging_policy.reset();
  std::vector<std::uint8_t> again(gtpu::kMaxHeaderOctets);
  again.resize(gtpu::write_header(header, read.payload.size(), again));
  if (again.empty()) return 0;
  again.insert(again.end(), read.payload.begin(), read.payload.end());
  const gtpu::Decoded back = gtpu::decode(again);
  if (back.verdict != gtpu::Verdict::ok || back.header.teid != header.teid || back.header.session != header.session ||
      back.payload.size() != read.payload.size()) {
    std::abort();
  }
  return 0;
}
