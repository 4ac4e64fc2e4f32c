// Any octets as a NAS message, plain or protected: to the codec, which must agree with itself, and to a UE in the middle of
// registration.

#include "stack/nas/codec.h"
#include "stack/nas/nas_security.h"
#include "stack/nas/ue_nas.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ravi::nas;
  const std::span octets(data, size);
  if (const auto message = decode_mm(octets)) {
    const auto again = decode_mm(encode(*message));
    if (!again || *again != *message) std::abort();
  }
  if (const auto message = decode_sm(octets)) {
    const auto again = decode_sm(encode(*message));
    if (!again || *again != *message) std::abort();
  }
  static_cast<void>(split_protected(octets));

  UeNas ue({});
  ue.start({});
  ue.connection_established();
  ue.downlink_nas(octets);
  UeSessions sessions;
  sessions.establish({}, Time(0));
  sessions.receive(octets, Time(0));
  ue.tick(std::chrono::minutes(20));
  if (ue.take_actions().size() > 40 || sessions.actions.size() > 16) std::abort();
  return 0;
}
