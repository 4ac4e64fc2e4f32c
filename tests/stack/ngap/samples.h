#pragma once
// One of every NGAP message, each field set.

#include "stack/ngap/messages.h"

#include <numeric>
#include <vector>

namespace ravi::ngap::test {

inline SessionSetup sample_setup()
{
  return {.id = 5,
          .nas = {0x7e, 2, 9},
          .slice = {1, 0xABCDEF},
          .ambr = Ambr{1'000'000'000, 500'000'000},
          .uplink = {{127, 0, 0, 1}, 0x01020304},
          .flows = {{1, 9, 8}, {2, 5, 1}}};
}

inline std::vector<Message> sample_messages()
{
  const Plmn plmn{"001", "01"};
  const Plmn long_plmn{"310", "410"};
  const UeIds ids{0x12345678AB, 77};
  const Location location{plmn, 0x001234501, {plmn, 100}};
  const std::vector<SessionAdmitted> admitted{{5, {{127, 0, 0, 2}, 9}, {1, 2}}};
  const std::vector<SessionCause> failed{{6, cause::kRadioResourcesNotAvailable}};
  std::array<std::uint8_t, 32> key{};
  std::iota(key.begin(), key.end(), std::uint8_t{1});
  return {
      NgSetupRequest{plmn, 0x12345, 24, "ravi", {{100, {{plmn, {{1, {}}, {2, 7}}}, {long_plmn, {{1, {}}}}}}}},
      NgSetupResponse{"amf", {{plmn, 2, 1, 3}}, 200, {{plmn, {{1, {}}}}}},
      NgSetupFailure{cause::kUnknownPlmn, std::chrono::seconds(10), Diagnostics{21, 0, 0, {{102, 0, true}}}},
      InitialUeMessage{77, {0x7e, 0, 0x41}, location, EstablishmentCause::mo_data, STmsi{1, 2, 0xC0000341}, true},
      UplinkNasTransport{ids, {1, 2, 3}, location},
      DownlinkNasTransport{ids, {4, 5}},
      NasNonDeliveryIndication{ids, {4, 5}, cause::kRadioConnectionLost},
      InitialContextSetupRequest{ids, {plmn, 2, 1, 3}, Ambr{2'000'000'000, 1'000'000'000}, {sample_setup()}, {{1, {}}},
                                 {0xE000, 0x4000, 0x8000, 0xC000}, security::Key256(key), {1, 2, 3}, {9, 9}},
      InitialContextSetupResponse{ids, admitted, failed},
      InitialContextSetupFailure{ids, cause::kRadioFailure, failed},
      SessionSetupRequest{ids, {7}, {sample_setup()}, Ambr{1, 2}},
      SessionSetupResponse{ids, admitted, failed},
      SessionReleaseCommand{ids, {1}, {{5, cause::kNasNormalRelease}}},
      SessionReleaseResponse{ids, {5}},
      UeContextReleaseRequest{ids, {5, 6}, cause::kUserInactivity},
      UeContextReleaseCommand{ids.amf, ids.ran, cause::kNasDeregister},
      UeContextReleaseCommand{ids.amf, {}, cause::kOverload},
      UeContextReleaseComplete{ids, {5}},
      UeRadioCapabilityInfoIndication{ids, {1, 2, 3, 4}},
      Paging{{1, 2, 3}, {{plmn, 100}}},
      ErrorIndication{ids.amf, ids.ran, cause::kUnknownLocalUeId, Diagnostics{4, 0, 1, {{38, 0, false}}}},
      NgReset{cause::kTransportUnavailable, {}},
      NgReset{cause::kTransportUnavailable, {{ids.amf, ids.ran}, {{}, 3}}},
      NgResetAcknowledge{{{ids.amf, {}}}},
      AmfConfigurationUpdate{"new name", {{plmn, {{1, {}}}}}},
      AmfConfigurationUpdateAcknowledge{},
  };
}

}  // namespace ravi::ngap::test
