#include "tests/stack/asn1/root_types.h"

#include <algorithm>

namespace ravi::asn1 {
namespace {

template <class T>
RootType unaligned()
{
  return {"rrc", Rules::unaligned, &T::descriptor, &value_ops<T>, sizeof(T)};
}

template <class T>
RootType aligned()
{
  return {"ngap", Rules::aligned, &T::descriptor, &value_ops<T>, sizeof(T)};
}

}  // namespace

std::span<const RootType> root_types()
{
  static const RootType types[] = {
      unaligned<rrc::BcchBchMessage>(),
      unaligned<rrc::BcchDlSchMessage>(),
      unaligned<rrc::PcchMessage>(),
      unaligned<rrc::UlCcchMessage>(),
      unaligned<rrc::DlCcchMessage>(),
      unaligned<rrc::UlDcchMessage>(),
      unaligned<rrc::DlDcchMessage>(),
      unaligned<rrc::CellGroupConfig>(),
      unaligned<rrc::RadioBearerConfig>(),
      unaligned<rrc::MeasConfig>(),
      unaligned<rrc::UeNrCapability>(),
      unaligned<rrc::UeCapabilityRequestFilterNr>(),
      aligned<ngap::NgapPdu>(),
      aligned<ngap::PduSessionResourceSetupRequestTransfer>(),
      aligned<ngap::PduSessionResourceSetupResponseTransfer>(),
      aligned<ngap::PduSessionResourceSetupUnsuccessfulTransfer>(),
      aligned<ngap::PduSessionResourceModifyRequestTransfer>(),
      aligned<ngap::PduSessionResourceModifyResponseTransfer>(),
      aligned<ngap::PduSessionResourceModifyUnsuccessfulTransfer>(),
      aligned<ngap::PduSessionResourceModifyIndicationTransfer>(),
      aligned<ngap::PduSessionResourceModifyConfirmTransfer>(),
      aligned<ngap::PduSessionResourceReleaseCommandTransfer>(),
      aligned<ngap::PduSessionResourceReleaseResponseTransfer>(),
      aligned<ngap::PduSessionResourceNotifyTransfer>(),
  };
  return types;
}

const RootType* find_root_type(std::string_view protocol, std::string_view name)
{
  const auto types = root_types();
  const auto found =
      std::ranges::find_if(types, [&](const RootType& t) { return t.protocol == protocol && t.type->name == name; });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace ravi::asn1
