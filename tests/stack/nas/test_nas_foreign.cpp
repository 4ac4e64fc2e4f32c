// NAS messages of a foreign UE and a foreign core network.

#include "stack/nas/codec.h"

#include "tests/stack/nas/foreign_nas.h"

#include <doctest/doctest.h>

namespace ravi::nas {

using test::hex_of;

namespace {

/// Decodes, compares the encoding, and goes on with what the message carries.
void check_again(std::span<const std::uint8_t> octets, std::vector<std::string>& names)
{
  CAPTURE(hex_of(octets));
  if (octets[0] == kEpdSm) {
    const auto message = decode_sm(octets);
    REQUIRE(message.has_value());
    CHECK(hex_of(encode(*message)) == hex_of(octets));
    names.emplace_back(name_of(*message));
    return;
  }
  const auto message = decode_mm(octets);
  REQUIRE(message.has_value());
  CHECK(hex_of(encode(*message)) == hex_of(octets));
  names.emplace_back(name_of(*message));
  if (const auto* uplink = std::get_if<UplinkNasTransport>(&*message)) check_again(uplink->payload, names);
  if (const auto* downlink = std::get_if<DownlinkNasTransport>(&*message)) check_again(downlink->payload, names);
  const auto* complete = std::get_if<SecurityModeComplete>(&*message);
  if (complete != nullptr && complete->nas_message) check_again(*complete->nas_message, names);
}

}  // namespace

TEST_CASE("NAS: every message of the foreign attach decodes and encodes again to the same octets")
{
  const auto messages = test::read_foreign_nas();
  if (messages.empty()) return;
  std::vector<std::string> names;
  for (const auto& foreign : messages) check_again(test::plain_of(foreign.message), names);
  const std::vector<std::string> expected = {
      "Registration request", "Authentication request", "Authentication response", "Security mode command",
      "Security mode complete", "Registration request", "Registration accept", "Registration complete",
      "UL NAS transport", "PDU session establishment request", "Configuration update command",
      "Configuration update complete", "DL NAS transport", "PDU session establishment accept"};
  CHECK(names == expected);
}

TEST_CASE("NAS: the messages in the NGAP PDUs of other core networks decode and encode again to the same octets")
{
  const auto messages = test::read_foreign_ngap_nas();
  std::vector<std::string> names;
  for (const auto& message : messages) check_again(message, names);
  if (messages.empty()) {
    MESSAGE("skipped: no reference data");
    return;
  }
  const std::vector<std::string> expected = {"Registration request", "Authentication request", "Authentication response",
                                             "DL NAS transport", "PDU session establishment accept", "Authentication request"};
  CHECK(names == expected);
}

}  // namespace ravi::nas
