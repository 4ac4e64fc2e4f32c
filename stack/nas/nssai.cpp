#include "stack/nas/nssai.h"

namespace ravi::nas {

bool read(Reader& in, SNssai& out)
{
  const std::size_t length = in.left();  // the length says which parts there are, Table 9.11.2.8.1
  const bool has_sd = length == 4 || length == 5 || length == 8;
  const bool has_mapped_sst = length == 2 || length == 5 || length == 8;
  if (length != 1 && !has_sd && !has_mapped_sst) return false;
  out.sst = in.u8();
  if (has_sd) out.sd = in.u24();
  if (has_mapped_sst) out.mapped_sst = in.u8();
  if (length == 8) out.mapped_sd = in.u24();
  return in.is_ok();
}

void write(Writer& out, const SNssai& slice)
{
  out.u8(slice.sst);
  if (slice.sd) out.u24(*slice.sd);
  if (slice.mapped_sst) out.u8(*slice.mapped_sst);
  if (slice.sd && slice.mapped_sst && slice.mapped_sd) out.u24(*slice.mapped_sd);
}

bool read(Reader& in, Nssai& out)
{
  while (in.left() > 0) {
    Reader slice(in.take(in.u8()));
    if (!in.is_ok() || !read(slice, out.slices.emplace_back())) return false;
  }
  return in.is_ok() && !out.slices.empty();
}

void write(Writer& out, const Nssai& nssai)
{
  for (const SNssai& slice : nssai.slices) {
    const std::size_t at = out.size();
    out.u8(0);
    write(out, slice);
    out.patch(at, out.size() - at - 1);
  }
}

bool read(Reader& in, RejectedNssai& out)
{
  while (in.left() > 0) {
    const std::uint8_t head = in.u8();
    const unsigned length = head >> 4;
    if (length != 1 && length != 4) return false;
    auto& slice = out.slices.emplace_back();
    slice.cause = static_cast<NssaiRejection>(head & 0x0F);
    slice.sst = in.u8();
    if (length == 4) slice.sd = in.u24();
    if (!in.is_ok()) return false;
  }
  return !out.slices.empty();
}

void write(Writer& out, const RejectedNssai& nssai)
{
  for (const RejectedSNssai& slice : nssai.slices) {
    out.u8((slice.sd ? 4U : 1U) << 4 | static_cast<unsigned>(slice.cause));
    out.u8(slice.sst);
    if (slice.sd) out.u24(*slice.sd);
  }
}

}  // namespace ravi::nas
