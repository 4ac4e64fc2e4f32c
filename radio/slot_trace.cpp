#include "radio/slot_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace ravi {
namespace {

/// stage and lateness in one word, so that a stamp is four words that are each written atomically.
std::int64_t packed(const Stamp& stamp)
{
  return static_cast<std::int64_t>(stamp.stage) * 2 + (stamp.is_late ? 1 : 0);
}

}  // namespace

SlotTrace::SlotTrace(std::size_t capacity) : entries_(std::bit_ceil(std::max<std::size_t>(capacity, 2))) {}

void SlotTrace::write(const Stamp& stamp) noexcept
{
  const std::uint64_t index = num_written_.load(std::memory_order_relaxed);
  Entry& entry = entries_[index & (entries_.size() - 1)];
  const std::uint64_t version = entry.version.load(std::memory_order_relaxed);
  entry.version.store(version + 1, std::memory_order_relaxed);
  // Each word is released after the odd version and acquired before the version is looked at again: a reader that got a
  // new word sees that the entry has changed.
  entry.words[0].store(stamp.slot, std::memory_order_release);
  entry.words[1].store(stamp.begin_ns, std::memory_order_release);
  entry.words[2].store(stamp.end_ns, std::memory_order_release);
  entry.words[3].store(packed(stamp), std::memory_order_release);
  entry.version.store(version + 2, std::memory_order_release);
  num_written_.store(index + 1, std::memory_order_release);
}

std::vector<Stamp> SlotTrace::snapshot() const
{
  const std::uint64_t end = num_written_.load(std::memory_order_acquire);
  const std::uint64_t begin = end - std::min<std::uint64_t>(end, entries_.size());
  std::vector<Stamp> stamps;
  stamps.reserve(static_cast<std::size_t>(end - begin));
  for (std::uint64_t index = begin; index < end; ++index) {
    const Entry& entry = entries_[index & (entries_.size() - 1)];
    const std::uint64_t before = entry.version.load(std::memory_order_acquire);
    const std::uint64_t expected = 2 * (index / entries_.size() + 1);
    const std::int64_t word = entry.words[3].load(std::memory_order_acquire);
    const Stamp stamp{.slot = entry.words[0].load(std::memory_order_acquire),
                      .begin_ns = entry.words[1].load(std::memory_order_acquire),
                      .end_ns = entry.words[2].load(std::memory_order_acquire),
                      .stage = static_cast<Stage>(word / 2),
                      .is_late = word % 2 != 0};
    if (before == expected && entry.version.load(std::memory_order_relaxed) == expected) stamps.push_back(stamp);
  }
  return stamps;
}

std::optional<Stamp> SlotTrace::longest_of(std::int64_t slot) const
{
  std::optional<Stamp> longest;
  for (const Stamp& stamp : snapshot()) {
    if (stamp.slot != slot) continue;
    if (!longest || stamp.end_ns - stamp.begin_ns > longest->end_ns - longest->begin_ns) longest = stamp;
  }
  return longest;
}

std::string stage_name(Stage stage)
{
  switch (stage) {
    case Stage::receive:
      return "receive";
    case Stage::process:
      return "process";
    case Stage::transmit:
      return "transmit";
    case Stage::procedures:
      return "procedures";
    case Stage::first_of_stack:
      break;
  }
  return fmt::format("stage {}", static_cast<int>(stage));
}

std::string to_perfetto_json(const std::vector<Stamp>& stamps)
{
  std::string json = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const std::int64_t origin = stamps.empty() ? 0 : stamps.front().begin_ns;
  const char* separator = "\n";
  for (const Stamp& stamp : stamps) {
    json += fmt::format("{}{{\"name\":\"{}\",\"cat\":\"{}\",\"ph\":\"X\",\"pid\":1,\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f},"
                        "\"args\":{{\"slot\":{}}}}}",
                        separator, stage_name(stamp.stage), stamp.is_late ? "late" : "slot", static_cast<int>(stamp.stage),
                        static_cast<double>(stamp.begin_ns - origin) / 1e3,
                        static_cast<double>(stamp.end_ns - stamp.begin_ns) / 1e3, stamp.slot);
    separator = ",\n";
  }
  return json + "\n]}\n";
}

}  // namespace ravi
