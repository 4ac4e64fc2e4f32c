#include "stack/rlc/am_transmitter.h"

#include <algorithm>

namespace ravi::rlc {

AmTransmitter::AmTransmitter(const AmConfig& config)
  : config_(config), queue_(config.capacity.queue_sdus, config.capacity.queue_octets)
{
  ranges_.reserve(kMaxRanges);
}

bool AmTransmitter::push(std::span<const std::uint8_t> sdu, std::uint32_t tag) noexcept
{
  const bool is_taken = sdu.size() <= 0xFFFF && queue_.push(sdu, tag);  // SO has 16 bits
  if (is_taken) unsent_octets_ += sdu.size();
  ++(is_taken ? counters_.sdus : counters_.sdus_refused);
  return is_taken;
}

bool AmTransmitter::discard(std::uint32_t tag) noexcept
{
  bool has_found = false;
  for (std::size_t i = queue_.size(); i > num_in_flight(); --i) {
    const QueuedSdu& sdu = queue_[i - 1];
    if (sdu.tag != tag) continue;
    unsent_octets_ -= sdu.size;
    queue_.remove(i - 1);
    ++counters_.sdus_discarded;
    has_found = true;
  }
  return has_found;
}

QueuedSdu* AmTransmitter::next_new() noexcept
{
  const std::size_t in_flight = num_in_flight();
  if (in_flight > 0 && queue_[in_flight - 1].sent < queue_[in_flight - 1].size) return &queue_[in_flight - 1];
  if (in_flight == window_size(config_.sn_size)) return nullptr;
  return in_flight < queue_.size() ? &queue_[in_flight] : nullptr;
}

std::size_t AmTransmitter::pull(std::span<std::uint8_t> out, Time now) noexcept
{
  const std::size_t written = ranges_.empty() ? pull_new(out, now) : pull_retransmission(out, now);
  if (written > 0) {
    ++counters_.pdus;
    counters_.octets += written;
  }
  return written;
}

/// How far from `begin` towards `end` a PDU of `room` octets reaches; `begin` if not one octet fits.
std::size_t AmTransmitter::fitting_end(const QueuedSdu& sdu, std::uint32_t begin, std::uint32_t end,
                                       std::size_t room) const noexcept
{
  const std::size_t header = am_header_size(config_.sn_size, segmentation_of(begin, end, sdu.size));
  if (header + (end - begin) <= room) return end;  // header sizes do not depend on `end`
  return room <= header ? begin : begin + (room - header);
}

std::size_t AmTransmitter::write(std::span<std::uint8_t> out, const QueuedSdu& sdu, const Range& range, bool has_poll) noexcept
{
  const Segmentation s = segmentation_of(range.begin, range.end, sdu.size);
  const std::size_t header = am_header_size(config_.sn_size, s);
  write_am_header(config_.sn_size, {has_poll, s, range.sn, static_cast<std::uint16_t>(range.begin)}, out);
  const auto octets = queue_.octets(sdu).subspan(range.begin, range.end - range.begin);
  std::copy(octets.begin(), octets.end(), out.begin() + static_cast<std::ptrdiff_t>(header));
  return header + octets.size();
}

std::size_t AmTransmitter::pull_retransmission(std::span<std::uint8_t> out, Time now) noexcept
{
  Range& range = ranges_.front();
  const QueuedSdu& sdu = sdu_of(range.sn);
  const auto end = static_cast<std::uint32_t>(fitting_end(sdu, range.begin, range.end, out.size()));
  if (end == range.begin) return 0;
  const Range part{range.sn, range.begin, end};
  retx_octets_ -= end - range.begin;
  range.begin = end;
  if (range.begin == range.end) ranges_.erase(ranges_.begin());
  ++counters_.retransmissions;
  return write(out, sdu, part, takes_poll(now));
}

std::size_t AmTransmitter::pull_new(std::span<std::uint8_t> out, Time now) noexcept
{
  QueuedSdu* sdu = next_new();
  if (sdu == nullptr) return 0;
  const auto end = static_cast<std::uint32_t>(fitting_end(*sdu, sdu->sent, sdu->size, out.size()));
  if (end == sdu->sent) return 0;
  const std::uint32_t mask = sn_modulus(config_.sn_size) - 1;
  if (sdu->sent == 0) tx_next_ = (tx_next_ + 1) & mask;
  const Range part{(tx_next_ - 1) & mask, sdu->sent, end};
  const std::uint32_t count = end - sdu->sent;
  sdu->sent = end;
  unsent_octets_ -= count;
  ++pdu_without_poll_;
  octets_without_poll_ += count;
  return write(out, *sdu, part, takes_poll(now));
}

/// TS 38.322 §5.3.3.2; called once for each AMD PDU, after the buffers have been brought up to date.
bool AmTransmitter::takes_poll(Time now) noexcept
{
  const bool is_counted = (config_.poll_pdu > 0 && pdu_without_poll_ >= config_.poll_pdu) ||
                          (config_.poll_octets > 0 && octets_without_poll_ >= config_.poll_octets);
  const bool is_last = ranges_.empty() && (unsent_octets_ == 0 || next_new() == nullptr);
  if (!is_counted && !is_last && !is_poll_due_) return false;
  is_poll_due_ = false;
  pdu_without_poll_ = 0;
  octets_without_poll_ = 0;
  poll_sn_ = (tx_next_ - 1) & (sn_modulus(config_.sn_size) - 1);
  t_poll_retransmit_.start(now, config_.t_poll_retransmit);
  ++counters_.polls;
  return true;
}

/// TS 38.322 §5.3.2, §5.3.3.3.
bool AmTransmitter::receive_status(std::span<const std::uint8_t> pdu) noexcept
{
  StatusReader check(config_.sn_size, pdu);
  while (check.next()) {
  }
  if (!check.is_valid() || check.is_truncated()) return false;
  // Everything below ACK_SN has been sent to its last octet, else the peer invents.
  std::uint32_t complete = num_in_flight();
  if (complete > 0 && queue_[complete - 1].sent < queue_[complete - 1].size) --complete;
  const std::uint32_t acknowledged = distance(check.ack_sn(), tx_next_ack_);
  if (acknowledged > num_in_flight()) return false;

  ++nack_round_;
  StatusReader reader(config_.sn_size, pdu);
  bool names_poll_sn = distance(poll_sn_, tx_next_ack_) < acknowledged;
  while (const auto nack = reader.next()) {
    names_poll_sn = names_poll_sn || distance(poll_sn_, nack->sn) < nack->range;
    apply_nack(*nack);
  }
  if (names_poll_sn) t_poll_retransmit_.stop();
  acknowledge(std::min(acknowledged, complete));
  prune_ranges();
  return true;
}

void AmTransmitter::apply_nack(const Nack& nack) noexcept
{
  const std::uint32_t mask = sn_modulus(config_.sn_size) - 1;
  const std::uint32_t range = std::max<std::uint32_t>(nack.range, 1);
  for (std::uint32_t i = 0; i < range; ++i) {
    const std::uint32_t sn = (nack.sn + i) & mask;
    if (distance(sn, tx_next_ack_) >= num_in_flight()) continue;
    QueuedSdu& sdu = sdu_of(sn);
    const bool is_first_of_report = sdu.nack_round != nack_round_;
    sdu.nack_round = nack_round_;
    const std::uint32_t begin = i == 0 ? nack.so_start : 0U;
    const bool has_end = i + 1 == range && nack.so_end != Nack::kToEnd;
    const std::uint32_t end = std::min(sdu.sent, has_end ? nack.so_end + 1U : sdu.size);
    if (sdu.is_acknowledged || begin >= end) continue;
    if (retransmit(sn, begin, end) && is_first_of_report) count_retransmission(sdu);
  }
}

bool AmTransmitter::retransmit(std::uint32_t sn, std::uint32_t begin, std::uint32_t end) noexcept
{
  const auto touches = [&](const Range& r) { return r.sn == sn && r.begin <= end && begin <= r.end; };
  const auto waiting = std::find_if(ranges_.begin(), ranges_.end(), touches);
  if (waiting != ranges_.end()) {
    if (waiting->begin <= begin && end <= waiting->end) return false;
    const Range merged{sn, std::min(begin, waiting->begin), std::max(end, waiting->end)};
    retx_octets_ += (merged.end - merged.begin) - (waiting->end - waiting->begin);
    *waiting = merged;
    return true;
  }
  if (ranges_.size() == kMaxRanges) return false;  // the peer will ask again
  ranges_.push_back({sn, begin, end});
  retx_octets_ += end - begin;
  return true;
}

/// RETX_COUNT of TS 38.322 §5.3.2, counted once a status report.
void AmTransmitter::count_retransmission(QueuedSdu& sdu) noexcept
{
  if (sdu.retx_count <= config_.max_retx_threshold) ++sdu.retx_count;
  if (sdu.retx_count > config_.max_retx_threshold) has_reached_max_retx_ = true;
}

/// Everything of the first `count` SDUs that this report has no NACK for has arrived.
void AmTransmitter::acknowledge(std::uint32_t count) noexcept
{
  for (std::uint32_t i = 0; i < count; ++i) {
    if (queue_[i].nack_round != nack_round_) queue_[i].is_acknowledged = true;
  }
  const std::uint32_t mask = sn_modulus(config_.sn_size) - 1;
  while (num_in_flight() > 0 && queue_[0].is_acknowledged) {
    queue_.pop_front();
    tx_next_ack_ = (tx_next_ack_ + 1) & mask;
  }
}

void AmTransmitter::prune_ranges() noexcept
{
  const auto is_gone = [this](const Range& r) {
    const bool is_done = distance(r.sn, tx_next_ack_) >= num_in_flight() || sdu_of(r.sn).is_acknowledged;
    if (is_done) retx_octets_ -= r.end - r.begin;
    return is_done;
  };
  ranges_.erase(std::remove_if(ranges_.begin(), ranges_.end(), is_gone), ranges_.end());
}

/// t-PollRetransmit, TS 38.322 §5.3.3.4.
void AmTransmitter::tick(Time now) noexcept
{
  if (!t_poll_retransmit_.expires(now)) return;
  is_poll_due_ = true;
  const bool has_nothing = ranges_.empty() && (unsent_octets_ == 0 || next_new() == nullptr);
  if (!has_nothing) return;
  for (std::uint32_t i = num_in_flight(); i > 0; --i) {  // the highest SN not acknowledged
    QueuedSdu& sdu = queue_[i - 1];
    if (sdu.is_acknowledged || sdu.sent == 0) continue;
    const std::uint32_t sn = (tx_next_ack_ + i - 1) & (sn_modulus(config_.sn_size) - 1);
    if (retransmit(sn, 0, sdu.sent)) count_retransmission(sdu);
    return;
  }
}

void AmTransmitter::reestablish() noexcept
{
  queue_.clear();
  ranges_.clear();
  tx_next_ack_ = tx_next_ = poll_sn_ = pdu_without_poll_ = nack_round_ = 0;
  octets_without_poll_ = 0;
  unsent_octets_ = retx_octets_ = 0;
  is_poll_due_ = has_reached_max_retx_ = false;
  t_poll_retransmit_.stop();
}

}  // namespace ravi::rlc
