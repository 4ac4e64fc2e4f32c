#pragma once
// Where a node hands in what passes it, on its slot thread: records go into a ring and wait there for `Capture`.

#include "radio/ring.h"
#include "stack/pcap/frame.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace ravi::pcap {

enum class Node : std::uint8_t { gnb, ue, core };
enum class Kind : std::uint8_t { mac, rrc, ngap, nas, gtpu };

/// What a record says of its octets.
struct RecordHead {
  std::int64_t time_ns = 0;
  std::uint32_t size = 0;
  std::uint32_t ue = 0;             ///< rrc: C-RNTI; nas: AMF UE NGAP ID; 0: not known
  Kind kind = Kind::mac;
  nr::LinkDirection direction = nr::LinkDirection::downlink;
  RntiType rnti_type = RntiType::none;
  RrcChannel channel = RrcChannel::bcch_bch;
  nr::Rnti rnti;
  std::uint8_t harq_process = 0;
  nr::Slot slot;
  Ipv4 from{};
  Ipv4 to{};
};

/// One node's. One thread writes, another reads. Writing neither allocates nor locks nor waits: what finds no room is dropped and
/// counted.
class Tap {
public:
  static constexpr std::size_t kMaxRecord = 1U << 17U;  ///< octets; longer ones are dropped

  /// `ring_octets` hold what comes between two readings.
  Tap(Node node, std::string name, std::size_t ring_octets) : node_(node), name_(std::move(name)), ring_(ring_octets) {}

  // -- the node's thread -------------------------------------------------------------------------------------------------
  /// Network time of the records to come, MAC's apart.
  void set_time(std::chrono::nanoseconds now) noexcept { now_ = now; }
  /// Transport blocks, each once however often it is sent. BCH's too, as 3 octets.
  void mac(const MacPdu& pdu) noexcept;
  /// `c_rnti`: 0 if it is for all.
  void rrc(RrcChannel channel, nr::Rnti c_rnti, std::span<const std::uint8_t> message) noexcept;
  void ngap(nr::LinkDirection direction, std::span<const std::uint8_t> message) noexcept;
  /// As it is before it is ciphered, or after it was deciphered.
  void nas(nr::LinkDirection direction, std::uint32_t ue, std::span<const std::uint8_t> message) noexcept;
  void gtpu(nr::LinkDirection direction, const Ipv4& from, const Ipv4& to, std::span<const std::uint8_t> datagram) noexcept;

  // -- the reader's ------------------------------------------------------------------------------------------------------
  /// The oldest record's head, its octets to `octets`. False: there is none.
  [[nodiscard]] bool read(RecordHead& head, Octets& octets);

  [[nodiscard]] Node node() const noexcept { return node_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Records for which there was no room. Any thread.
  [[nodiscard]] std::uint64_t num_dropped() const noexcept { return num_dropped_.load(std::memory_order_relaxed); }

private:
  using HeadOctets = std::array<std::uint8_t, sizeof(RecordHead)>;
  void write(const RecordHead& head, std::span<const std::uint8_t> octets) noexcept;

  Node node_;
  std::string name_;
  SpscRing<std::uint8_t> ring_;
  std::chrono::nanoseconds now_{0};
  RecordHead head_;                  ///< the reader's: of the record whose octets come next
  bool has_head_ = false;
  std::atomic<std::uint64_t> num_dropped_{0};
};

}  // namespace ravi::pcap
