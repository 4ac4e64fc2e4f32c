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
      visit_harq(visit, dci);
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
  visit_harq(visit, dci);
  visit.field(dci.tpc, 2);
}

constexpr std::optional<std::uint8_t> identifier_1_0(DciRnti rnti)
{
  return rnti == DciRnti::c || rnti == DciRnti::tc ? std::optional<std::uint8_t>(1) : std::nullopt;
}

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
  return pack_dci(dci, identifier_1_0(rnti), size.num_bits, [&](auto& visitor, auto& fields) { visit_1_0(visitor, fields, rnti, size.fdra_bits); });
}

SmallBits pack_dci_0_0(const Dci00& dci, const DciSize& size) noexcept
{
  return pack_dci(dci, 0, size.num_bits, [&](auto& visitor, auto& fields) { visit_0_0(visitor, fields, size.fdra_bits); });
}

std::optional<Dci10> unpack_dci_1_0(std::span<const std::uint8_t> bits, DciRnti rnti, const DciSize& size) noexcept
{
  return unpack_dci<Dci10>(bits, identifier_1_0(rnti), size.num_bits,
                           [&](auto& visitor, auto& fields) { visit_1_0(visitor, fields, rnti, size.fdra_bits); });
}

std::optional<Dci00> unpack_dci_0_0(std::span<const std::uint8_t> bits, const DciSize& size) noexcept
{
  return unpack_dci<Dci00>(bits, 0, size.num_bits, [&](auto& visitor, auto& fields) { visit_0_0(visitor, fields, size.fdra_bits); });
}

}  // namespace ravi::nr
