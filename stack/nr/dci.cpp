#include "stack/nr/dci.h"

#include "stack/nr/dci_fields.h"
#include "stack/nr/resource_allocation.h"

namespace ravi::nr {
namespace {

constexpr unsigned kBitsBesideFdra10 = 28;
constexpr unsigned kBitsBesideFdra00 = 20;

template <class Visitor, class Dci>
void visit_1_0(Visitor& visit, Dci& dci, DciRnti rnti, unsigned fdra_bits)
{
  if (rnti == DciRnti::p) {
    visit.field(dci.short_message_indicator, 2);
    visit.field(dci.short_message, 8);
  }
  visit.field(dci.fdra, fdra_bits);
  visit.field(dci.time_allocation, 4);
  visit.field(dci.is_interleaved);
  visit.field(dci.mcs, 5);
  switch (rnti) {
    case DciRnti::p:
      visit.field(dci.tb_scaling, 2);
      visit.skip(6);
      return;
    case DciRnti::ra:
      visit.field(dci.tb_scaling, 2);
      visit.skip(16);
      return;
    case DciRnti::si:
      visit.field(dci.redundancy_version, 2);
      visit.field(dci.system_information, 1);
      visit.skip(15);
      return;
    case DciRnti::c:
    case DciRnti::tc:
      visit.field(dci.ndi, 1);
      visit.field(dci.redundancy_version, 2);
      visit.field(dci.harq_process, 4);
      visit.field(dci.dai, 2);
      visit.field(dci.tpc, 2);
      visit.field(dci.pucch_resource, 3);
      visit.field(dci.harq_timing, 3);
      return;
  }
}

template <class Visitor, class Dci>
void visit_0_0(Visitor& visit, Dci& dci, unsigned fdra_bits)
{
  visit.field(dci.fdra, fdra_bits);
  visit.field(dci.time_allocation, 4);
  visit.field(dci.is_hopping);
  visit.field(dci.mcs, 5);
  visit.field(dci.ndi, 1);
  visit.field(dci.redundancy_version, 2);
  visit.field(dci.harq_process, 4);
  visit.field(dci.tpc, 2);
}

constexpr bool has_identifier(DciRnti rnti) { return rnti == DciRnti::c || rnti == DciRnti::tc; }

}  // namespace

DciSizes DciSizes::common(const DciBandwidths& bandwidths) noexcept
{
  DciSizes sizes;
  sizes.dl.fdra_bits = riv_bits(bandwidths.initial_dl);
  sizes.dl.num_bits = kBitsBesideFdra10 + sizes.dl.fdra_bits;
  // Format 0_0 is filled up with zeros, or loses the highest bits of its assignment.
  const unsigned room = sizes.dl.num_bits - kBitsBesideFdra00;
  const unsigned wanted = riv_bits(bandwidths.initial_ul);
  sizes.ul.fdra_bits = wanted < room ? wanted : room;
  sizes.ul.num_bits = sizes.dl.num_bits;
  return sizes;
}

DciSizes DciSizes::ue(const DciBandwidths& bandwidths) noexcept
{
  DciSizes sizes;
  sizes.dl.fdra_bits = riv_bits(bandwidths.active_dl);
  sizes.ul.fdra_bits = riv_bits(bandwidths.active_ul);
  const unsigned dl = kBitsBesideFdra10 + sizes.dl.fdra_bits;
  const unsigned ul = kBitsBesideFdra00 + sizes.ul.fdra_bits;
  sizes.dl.num_bits = sizes.ul.num_bits = dl > ul ? dl : ul;
  return sizes;
}

SmallBits pack_dci_1_0(const Dci10& dci, DciRnti rnti, const DciSize& size) noexcept
{
  SmallBits bits;
  if (has_identifier(rnti)) bits.push_back(1);
  DciWriter writer(bits);
  visit_1_0(writer, dci, rnti, size.fdra_bits);
  pad_dci(bits, size.num_bits);
  return bits;
}

SmallBits pack_dci_0_0(const Dci00& dci, const DciSize& size) noexcept
{
  SmallBits bits;
  bits.push_back(0);
  DciWriter writer(bits);
  visit_0_0(writer, dci, size.fdra_bits);
  pad_dci(bits, size.num_bits);
  return bits;
}

std::optional<Dci10> unpack_dci_1_0(std::span<const std::uint8_t> bits, DciRnti rnti, const DciSize& size) noexcept
{
  if (bits.size() != size.num_bits || bits.empty()) return std::nullopt;
  if (has_identifier(rnti) && bits[0] != 1) return std::nullopt;
  DciReader reader(bits.subspan(has_identifier(rnti) ? 1 : 0));
  Dci10 dci;
  visit_1_0(reader, dci, rnti, size.fdra_bits);
  return dci;
}

std::optional<Dci00> unpack_dci_0_0(std::span<const std::uint8_t> bits, const DciSize& size) noexcept
{
  if (bits.size() != size.num_bits || bits.empty() || bits[0] != 0) return std::nullopt;
  DciReader reader(bits.subspan(1));
  Dci00 dci;
  visit_0_0(reader, dci, size.fdra_bits);
  return dci;
}

}  // namespace ravi::nr
