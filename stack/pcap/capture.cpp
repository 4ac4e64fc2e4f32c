#include "stack/pcap/capture.h"

#include "stack/pcap/hide_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <system_error>

namespace ravi::pcap {
namespace {

struct KindText {
  std::string_view interface;
  std::string_view description;
};

KindText text_of(Kind kind)
{
  switch (kind) {
    case Kind::mac:
      return {"Uu", "MAC PDUs in the slots that carry them; each once, however often HARQ sends it"};
    case Kind::rrc:
      return {"RRC", "RRC messages as RRC has them: before ciphering, after deciphering"};
    case Kind::ngap:
      return {"N2", "NGAP; keys are overwritten by zeros"};
    case Kind::nas:
      return {"N1", "NAS messages in plain: before ciphering, after deciphering"};
    case Kind::gtpu:
      break;
  }
  return {"N3", "GTP-U; the IP and UDP headers are added here where the link has none"};
}

/// N2 and N3 lie on the other side of a gNB than Uu does.
bool is_sent(Node node, Kind kind, nr::LinkDirection direction)
{
  const bool is_above = node == Node::ue || (node == Node::gnb && (kind == Kind::ngap || kind == Kind::gtpu));
  return (direction == nr::LinkDirection::uplink) == is_above;
}

std::string comment_of(const RecordHead& head)
{
  if (head.ue == 0) return {};
  return head.kind == Kind::rrc ? fmt::format("C-RNTI {:#06x}", head.ue) : fmt::format("UE {}", head.ue);
}

}  // namespace

Result<std::unique_ptr<Capture>> Capture::open(const CaptureConfig& config)
{
  std::unique_ptr<Capture> capture(new Capture(config));
  std::error_code ignored;
  if (config.file.has_parent_path()) std::filesystem::create_directories(config.file.parent_path(), ignored);
  capture->file_.rdbuf()->pubsetbuf(nullptr, 0);  // so that each write is of whole blocks
  capture->file_.open(config.file, std::ios::binary | std::ios::trunc);
  append_section("ravi", capture->blocks_);
  capture->write_until(-1);
  if (capture->counters_.has_failed) return fail(ErrorCode::io, fmt::format("cannot write '{}'", config.file.string()));
  return capture;
}

Tap& Capture::add_tap(Node node, std::string name)
{
  return *taps_.emplace_back(std::make_unique<Tap>(node, std::move(name), config_.ring_octets));
}

void Capture::drain()
{
  collect();
  write_until(newest_ns_ - std::chrono::nanoseconds(kHoldBack).count());
}

void Capture::finish()
{
  collect();
  write_until(std::numeric_limits<std::int64_t>::max());
}

void Capture::collect()
{
  for (std::size_t tap = 0; tap < taps_.size(); ++tap) {
    Waiting record{.tap = tap};
    while (taps_[tap]->read(record.head, record.octets)) {
      newest_ns_ = std::max(newest_ns_, record.head.time_ns);
      waiting_.push_back(std::move(record));
      record = {.tap = tap};
    }
  }
}

void Capture::write_until(std::int64_t time_ns)
{
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const Waiting& a, const Waiting& b) { return a.head.time_ns < b.head.time_ns; });
  const auto end = std::find_if(waiting_.begin(), waiting_.end(), [time_ns](const Waiting& w) { return w.head.time_ns > time_ns; });
  for (auto record = waiting_.begin(); record != end; ++record) append(*record);
  waiting_.erase(waiting_.begin(), end);
  if (!counters_.has_failed && !blocks_.empty()) {
    file_.write(reinterpret_cast<const char*>(blocks_.data()), static_cast<std::streamsize>(blocks_.size()));
    counters_.has_failed = !file_.good();
  }
  blocks_.clear();
}

void Capture::append(Waiting& record)
{
  const RecordHead& head = record.head;
  const Tap& tap = *taps_[record.tap];
  const bool sent = is_sent(tap.node(), head.kind, head.direction);
  const std::chrono::nanoseconds time(std::max<std::int64_t>(head.time_ns, 0));
  packet_.clear();
  switch (head.kind) {
    case Kind::mac:
      append_mac({.rnti = head.rnti,
                  .rnti_type = head.rnti_type,
                  .direction = head.direction,
                  .slot = head.slot,
                  .harq_process = head.harq_process,
                  .time = time,
                  .octets = record.octets},
                 config_.mac, config_.duplex, tap.name(), sent, packet_);
      break;
    case Kind::rrc:
      append_rrc(head.channel, record.octets, packet_);
      break;
    case Kind::ngap:
      if (!hide_keys(record.octets)) {
        ++counters_.unreadable;
        return;
      }
      append_ngap(record.octets, packet_);
      break;
    case Kind::nas:
      append_nas(record.octets, packet_);
      break;
    case Kind::gtpu:
      append_gtpu(head.from, head.to, record.octets, packet_);
      break;
  }
  const std::uint32_t interface = interface_of(record.tap, head.kind);
  append_packet({.interface = interface, .time = time, .is_sent = sent, .octets = packet_, .comment = comment_of(head)}, blocks_);
  ++counters_.packets;
}

/// Describes the interface in the file when its first packet comes.
std::uint32_t Capture::interface_of(std::size_t tap, Kind kind)
{
  const auto [entry, is_new] = interfaces_.try_emplace({tap, kind}, static_cast<std::uint32_t>(interfaces_.size()));
  if (is_new) {
    const KindText text = text_of(kind);
    append_interface({.link = kind == Kind::gtpu ? LinkType::raw_ip : LinkType::upper_pdu,
                      .name = fmt::format("{} {}", taps_[tap]->name(), text.interface),
                      .description = text.description},
                     blocks_);
  }
  return entry->second;
}

CaptureCounters Capture::counters() const
{
  CaptureCounters counters = counters_;
  for (const auto& tap : taps_) counters.dropped += tap->num_dropped();
  return counters;
}

}  // namespace ravi::pcap
