#pragma once
// NAS messages that commercial phones and modules sent to other networks, as their octets were published. Facts of the air: nothing
// else was taken from where they stand.

#include "tests/stack/security/vectors.h"

#include <cstdint>
#include <vector>

namespace ravi::nas::test {

/// A phone comes back with another core's 5G-GUTI: cleartext IEs, and the whole message in its container in the clear (NEA0):
/// 5GMM capability, requested NSSAI, last visited TAI, S1 UE network capability, voice centric, LADN indication, slicing
/// indication, update type (SMS over NAS, new radio capability). From an InitialUEMessage in the tests of a trace decoder (a
/// public Java project, found by searching for the octets of the S1 capability).
inline const char* const kPhoneRegistration =
    "7e0194bbdaf0087e004119000bf200f110020040c00007ec2e04f070f0707100387e004119000bf200f110020040c00007ec1001032e04f070f0702f0201015200"
    "f1100000641707f070c0401180b0180100740000905301" "03";

/// The same phone's Security Mode Complete, plain: IMEISV, and the Registration Request once more.
inline const char* const kPhoneSecurityModeComplete =
    "7e005e7700098596610526864009f07100387e004119000bf200f110020040c00007ec1001032e04f070f0702f0201015200f1100000641707f070c0401180b018"
    "010074000090530103";

/// The same phone asks for its IMS session, plain: IPv4v6, 5GSM capability, and of extended options IPCP with two DNS servers,
/// DNS by IPv4 and IPv6, P-CSCF of both and its reselection, address by NAS, bearer control, MTU, local addresses in filters,
/// reliable data, the support of long QoS rules and flow descriptions; DNN ims.
inline const char* const kPhoneImsSession =
    "7e00670100492e0112c1ffff932801007b003c8080211001000010810600000000830600000000000d00000300000100000c00001200000200000a000005000010"
    "0000110000170101002300002400120181250403696d73";

/// An RRCSetupComplete of another phone at a 208-99 network, from the unit tests of an open gNB (also in /ocudu/tests): its
/// Registration Request asks for three slices with differentiators and mapped ones.
inline const char* const kPhoneSetupComplete =
    "10c01000082727e01c3ff100c047e004139000bf202f8998000410000000f2e04f070f0707100517e004139000bf202f8998000410000000f1001032e04f070f070"
    "2f1b08010027db00000000080101b669000000000801000001000000005202f8990000011707f070c0401980b0180101740000905301" "01000000000";

/// A module's Security Mode Complete with a 5GMM capability of three octets, from srsgNB's tests.
inline const char* const kModuleSecurityModeComplete =
    "7e005e7700093535940096783351f37100237e004179000d0100f11000000000103254760810030000002e02e0602f020101530100";

}  // namespace ravi::nas::test
