// A foreign UE's attach to a foreign gNB, followed with nothing but the two recordings and the subscriber's K, OPc and IMSI: blind search,
// SIB1, PRACH, RAR, Msg3, Msg4 with the UE's configuration, every DCI, PDSCH, PUSCH and PUCCH from then on by that configuration, RLC,
// PDCP, RRC, 5G-AKA, NAS and AS keys. Held against what the foreign gNB logged of each transmission and its own capture of the MAC
// PDUs. The recordings end before the session stands; from there on the capture's PDUs are read, to the session and its packets.

#include "stack/nr/timing.h"
#include "stack/ue/find_cell.h"
#include "tests/stack/foreign_attach.h"
#include "tests/stack/nas/foreign_nas.h"
#include "tests/stack/phy/foreign_recording.h"
#include "tests/stack/phy/foreign_truth.h"
#include "tests/stack/ue/message_monitor.h"
#include "tests/stack/ue/radio_monitor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace ravi::ue {
namespace {

using security::test::array_of;

/// A line of the foreign log in the monitor's words: the facts that a receiver can know.
std::string text_of(const phy::TruthLine& line)
{
  std::string out = fmt::format("{}.{} {}", line.sfn, line.slot, line.channel);
  const auto add = [&](const char* key) { out += fmt::format(" {}={}", key, line.text(key)); };
  const auto add_prb = [&] { out += fmt::format(" prb=[{}, {})", line.range("prb").first, line.range("prb").second); };
  if (line.channel == "PRACH") return out + " idx=" + line.what.substr(line.what.find("idx=") + 4, 1);
  if (line.channel == "PDCCH") {
    for (const char* key : {"rnti", "ss_id", "format", "cce", "al"}) add(key);
  } else if (line.channel == "PDSCH") {
    add("rnti");
    add_prb();
    for (const char* key : {"mod", "tbs"}) add(key);
  } else if (line.channel == "PUSCH") {
    for (const char* key : {"rnti", "harq_id"}) add(key);
    add_prb();
    for (const char* key : {"mod", "tbs"}) add(key);
    if (line.has("ack")) add("ack");
    if (line.has("csi1")) add("csi1");
  } else if (line.number("format") == 2) {
    add("format");
    add_prb();
    if (line.has("ack")) add("ack");
    add("csi1");
  } else {
    for (const char* key : {"format", "prb1", "prb2"}) add(key);
    add(line.has("sr") ? "sr" : "ack");
  }
  return out;
}

/// All that was logged of slots that begin before the sample `end`, sorted.
std::vector<std::string> logged_before(std::size_t end)
{
  std::vector<std::string> out;
  for (const char* channel : {"PRACH", "PDCCH", "PDSCH", "PUSCH", "PUCCH"}) {
    const auto lines = phy::load_truth(channel);
    REQUIRE(lines);
    for (const phy::TruthLine& line : *lines) {
      if (line.sample_start < end) out.push_back(text_of(line));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The capture's MAC PDUs of one direction without broadcast, as many as were heard.
void check_pdus(const std::vector<MonitoredPdu>& heard, bool is_downlink)
{
  std::vector<std::vector<std::uint8_t>> captured, mine;
  for (const auto& pdu : test::read_foreign_attach()) {
    if (pdu.is_downlink == is_downlink && pdu.rnti_type != test::RntiType::si) captured.push_back(pdu.pdu);
  }
  for (const MonitoredPdu& pdu : heard) {
    if (pdu.is_downlink == is_downlink) mine.push_back(pdu.octets);
  }
  REQUIRE(captured.size() >= mine.size());
  captured.resize(mine.size());
  CHECK(mine == captured);
}

/// The recordings end before the session stands; the gNB's capture of the same run goes on. Its PDUs from there on.
void read_rest(const std::vector<MonitoredPdu>& heard, MessageMonitor& messages)
{
  auto num_down = static_cast<std::size_t>(std::ranges::count_if(heard, &MonitoredPdu::is_downlink));
  std::size_t num_up = heard.size() - num_down;
  for (const auto& pdu : test::read_foreign_attach()) {
    if (pdu.rnti_type == test::RntiType::si) continue;
    std::size_t& num = pdu.is_downlink ? num_down : num_up;
    if (num > 0) {
      --num;
    } else if (pdu.rnti_type == test::RntiType::c) {
      (void)messages.read(pdu.is_downlink, nr::Rnti(pdu.rnti), pdu.pdu);
    }
  }
}

TEST_CASE("A foreign attach is followed from PRACH to traffic, with all keys, from recordings and the subscriber's key")
{
  const auto downlink = phy::load_recording("foreign-attach-dl");
  const auto uplink = phy::load_recording("foreign-attach-ul");
  if (!downlink || !uplink) return;

  // The cell, and where its slots lie in the recordings.
  constexpr unsigned kSearchMs = 45;
  const auto length = static_cast<std::size_t>(downlink->rate.hz() / 1000);
  const auto service = find_cell(std::span(downlink->samples).first(kSearchMs * length), downlink->rate, {.band = 3, .tuned = downlink->tuned});
  REQUIRE_MESSAGE(service, (service ? "" : service.error().message));
  const nr::Cell& cell = service->cell;
  CHECK(cell.pci == nr::Pci(1));
  CHECK(cell.uplink.center.value() == uplink->tuned.value());
  const std::int64_t advance = cell.n_ta_offset_tc * downlink->rate.hz() / nr::kTcPerSecond;
  const std::int64_t found = std::lround(service->slot_begin);
  const std::int64_t num_before = found / static_cast<std::int64_t>(length);
  const auto first = static_cast<std::size_t>(found - num_before * static_cast<std::int64_t>(length));
  const nr::Slot begin = service->slot + (-num_before);

  const nr::Plmn home{.mcc = "001", .mnc = "01"};
  RadioMonitor radio(cell, downlink->rate);
  MessageMonitor messages(cell, {.home = home,
                                 .msin = nas::test::kForeignMsin,
                                 .subscriber = {security::Key128(array_of<16>(nas::test::kForeignK)),
                                                security::Key128(array_of<16>(nas::test::kForeignOpc))}});
  REQUIRE(radio.samples_per_slot() == length);
  std::vector<Cf32> samples = downlink->samples;
  samples.resize(samples.size() + length);  // the last slot's end is missing
  std::vector<MonitoredPdu> pdus;
  const std::size_t num_slots = uplink->samples.size() / length;
  for (std::size_t n = 0; n < num_slots; ++n) {
    const nr::Slot slot = begin + static_cast<std::int64_t>(n);
    CAPTURE(slot.sfn());
    CAPTURE(slot.slot_in_frame());
    const std::size_t at = first + n * length;
    const std::size_t up = std::max(at, static_cast<std::size_t>(advance)) - static_cast<std::size_t>(advance);
    if (up + length > uplink->samples.size()) break;
    for (MonitoredPdu& pdu : radio.hear(slot, std::span(samples).subspan(at, length), std::span(uplink->samples).subspan(up, length))) {
      const auto config = pdu.is_response ? std::nullopt : messages.read(pdu.is_downlink, radio.rnti().value(), pdu.octets);
      if (config) radio.configure(*config);
      pdus.push_back(std::move(pdu));
    }
  }

  // The radio: all that the foreign gNB sent and received, and nothing else.
  CHECK(radio.num_crc_failures() == 0);
  std::vector<std::string> journal = radio.journal();
  std::sort(journal.begin(), journal.end());
  const std::vector<std::string> logged = logged_before(num_slots * length);
  CHECK(journal.size() == logged.size());
  for (const std::string& line : logged) CHECK_MESSAGE(std::binary_search(journal.begin(), journal.end(), line), "not heard: " << line);
  for (const std::string& line : journal) CHECK_MESSAGE(std::binary_search(logged.begin(), logged.end(), line), "not sent: " << line);
  check_pdus(pdus, true);
  check_pdus(pdus, false);

  // The messages and their keys.
  CHECK(messages.as_security().has_value());  // from what was heard alone
  read_rest(pdus, messages);
  const std::vector<std::string> expected = {
      "> rrcSetupRequest", "< rrcSetup", "> rrcSetupComplete", "> Registration request", "< Authentication request",
      "> Authentication response", "< Security mode command", "> Security mode complete", "< securityModeCommand",
      "> securityModeComplete", "< ueCapabilityEnquiry", "> ueCapabilityInformation", "< Registration accept",
      "> Registration complete", "> UL NAS transport", "> PDU session establishment request", "< Configuration update command",
      "> Configuration update complete", "< rrcReconfiguration", "< DL NAS transport", "< PDU session establishment accept",
      "> rrcReconfigurationComplete"};
  CHECK(messages.messages() == expected);
  CHECK(messages.is_res_star_right());
  CHECK(messages.num_verified_nas() == 8);
  CHECK(messages.num_verified_rrc() == 11);
  REQUIRE(messages.as_security());
  MESSAGE("AS: NEA", static_cast<int>(messages.as_security()->ciphering), ", NIA", static_cast<int>(messages.as_security()->integrity));
  CHECK(messages.address().has_value());
  MESSAGE(journal.size(), " events, ", pdus.size(), " MAC PDUs heard, ", messages.packets().size(), " packets");
  REQUIRE(messages.address());
  std::size_t num_up = 0;
  std::size_t num_down = 0;
  for (const MessageMonitor::Packet& packet : messages.packets()) {
    if (packet.octets[0] >> 4U == 6) continue;  // the UE's search for an IPv6 router
    REQUIRE(packet.octets.size() >= 20);
    const auto address = std::span(packet.octets).subspan(packet.is_downlink ? 16 : 12, 4);
    CHECK(std::ranges::equal(address, *messages.address()));
    ++(packet.is_downlink ? num_down : num_up);
  }
  CHECK(num_up > 0);
  CHECK(num_down > 0);
}

}  // namespace
}  // namespace ravi::ue
