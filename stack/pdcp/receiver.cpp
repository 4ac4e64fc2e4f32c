#include "stack/pdcp/receiver.h"

#include "stack/pdcp/pdcp_pdu.h"

#include <algorithm>
#include <limits>

namespace ravi::pdcp {

Receiver::Receiver(const Config& config, security::Direction direction)
  : config_(config),
    direction_(direction),
    slot_octets_(kMaxHeaderOctets + config.max_sdu_octets + kMacIOctets),
    stored_(std::clamp<std::size_t>(config.num_stored, 2, std::min(window_size(config.sn_size), 32'000U))),
    slots_(window_size(config.sn_size), kNone),
    table_mask_(window_size(config.sn_size) - 1)
{
  memory_.resize(stored_.size() * slot_octets_);
  free_.reserve(stored_.size());
  forget_all(0);
}

void Receiver::forget_all(std::uint32_t count) noexcept
{
  free_.clear();
  for (std::size_t i = stored_.size(); i > 0; --i) free_.push_back(static_cast<std::uint16_t>(i - 1));
  std::fill(stored_.begin(), stored_.end(), Stored{});
  std::fill(slots_.begin(), slots_.end(), kNone);
  next_out_ = rx_next_ = rx_deliv_ = rx_reord_ = count;
  handed_out_ = kNone;
  reordering_end_.reset();
}

void Receiver::set_rx_next(std::uint32_t count) noexcept { forget_all(count); }

bool Receiver::is_stored(std::uint32_t count) noexcept
{
  const std::int16_t slot = slot_of(count);
  return slot != kNone && stored_[static_cast<std::size_t>(slot)].count == count;
}

RxVerdict Receiver::receive(std::span<const std::uint8_t> pdu, Time now) noexcept
{
  release_delivered();
  if (!pdu.empty() && is_control_pdu(config_.bearer, pdu)) {
    ++counters_.control;
    return RxVerdict::control;
  }
  const std::size_t overhead = header_octets(config_.sn_size) + (config_.has_mac_i() ? kMacIOctets : 0);
  std::optional<std::uint32_t> count;
  if (pdu.size() > overhead && pdu.size() <= slot_octets_) {
    count = received_count(config_.sn_size, read_sn(config_.sn_size, pdu), rx_deliv_);
  }
  if (!count || *count == std::numeric_limits<std::uint32_t>::max()) {
    ++counters_.malformed;
    return RxVerdict::malformed;
  }
  if (free_.empty() || (slot_of(*count) != kNone && !is_stored(*count))) {  // only if the caller has not called `next`
    ++counters_.store_overflows;
    return RxVerdict::duplicate;
  }
  const std::uint16_t slot = free_.back();
  const auto memory = memory_of(slot).first(pdu.size());
  std::copy(pdu.begin(), pdu.end(), memory.begin());
  if (!decipher_and_verify(memory, *count)) {
    ++counters_.integrity_failures;
    return RxVerdict::integrity_failure;
  }
  if (*count < rx_deliv_ || is_stored(*count)) {
    ++counters_.duplicates;
    return RxVerdict::duplicate;
  }
  free_.pop_back();
  stored_[slot] = {*count, static_cast<std::uint32_t>(pdu.size()), config_.has_mac_i() && security_.integrity.has_value()};
  slot_of(*count) = static_cast<std::int16_t>(slot);
  rx_next_ = std::max(rx_next_, *count + 1);
  if (*count == rx_deliv_) advance_deliv(*count);
  if (free_.empty()) deliver_past_hole();
  update_timer(now);
  return RxVerdict::accepted;
}

bool Receiver::decipher_and_verify(std::span<std::uint8_t> pdu, std::uint32_t count) noexcept
{
  const auto bearer = static_cast<std::uint8_t>(config_.identity - 1);
  if (security_.ciphering) {
    const std::size_t clear = std::min(header_octets(config_.sn_size) + config_.sdap_header_octets, pdu.size());
    security_.ciphering->apply(count, bearer, direction_, pdu.subspan(clear));
  }
  return !config_.has_mac_i() || !security_.integrity || has_right_mac(pdu, count);
}

bool Receiver::has_right_mac(std::span<const std::uint8_t> pdu, std::uint32_t count) noexcept
{
  const auto bearer = static_cast<std::uint8_t>(config_.identity - 1);
  const auto mac = security_.integrity->compute(count, bearer, direction_, pdu.first(pdu.size() - kMacIOctets));
  return security::equal_in_constant_time(mac, pdu.last(kMacIOctets));
}

/// RX_DELIV becomes the first COUNT from `to` on that is not stored; `next` hands out all below.
void Receiver::advance_deliv(std::uint32_t to) noexcept
{
  while (is_stored(to)) ++to;
  rx_deliv_ = to;
}

/// The lowest COUNT stored in [begin, end), else `end`. A search of the store, for a hole may be as long as the window.
std::uint32_t Receiver::first_stored(std::uint32_t begin, std::uint32_t end) const noexcept
{
  std::uint32_t lowest = end;
  for (const Stored& s : stored_) {
    if (s.size > 0 && s.count >= begin) lowest = std::min(lowest, s.count);
  }
  return lowest;
}

/// No memory is left to wait: as if t-Reordering had run out for the first hole.
void Receiver::deliver_past_hole() noexcept
{
  const std::uint32_t lowest = first_stored(rx_deliv_, rx_next_);
  if (lowest == rx_next_) return;
  ++counters_.store_overflows;
  advance_deliv(lowest);
}

void Receiver::update_timer(Time now) noexcept
{
  if (reordering_end_ && rx_deliv_ >= rx_reord_) reordering_end_.reset();
  if (!reordering_end_ && rx_deliv_ < rx_next_ && config_.t_reordering) {
    rx_reord_ = rx_next_;
    reordering_end_ = now + *config_.t_reordering;
  }
}

/// TS 38.323 §5.2.2.2.
void Receiver::tick(Time now) noexcept
{
  if (!reordering_end_ || now < *reordering_end_) return;
  release_delivered();
  reordering_end_.reset();
  ++counters_.reordering_expired;
  advance_deliv(rx_reord_);
  update_timer(now);
}

std::optional<Receiver::Sdu> Receiver::next() noexcept
{
  release_delivered();
  if (next_out_ < rx_deliv_ && !is_stored(next_out_)) next_out_ = first_stored(next_out_, rx_deliv_);
  if (next_out_ < rx_deliv_) {
    handed_out_ = slot_of(next_out_);
    const auto slot = static_cast<std::size_t>(handed_out_);
    const Stored& s = stored_[slot];
    const std::size_t header = header_octets(config_.sn_size);
    const std::size_t size = s.size - header - (config_.has_mac_i() ? kMacIOctets : 0);
    ++counters_.sdus;
    counters_.octets += size;
    ++next_out_;
    return Sdu{memory_of(slot).subspan(header, size), s.count, s.is_verified};
  }
  return std::nullopt;
}

void Receiver::release_delivered() noexcept
{
  if (handed_out_ == kNone) return;
  Stored& s = stored_[static_cast<std::size_t>(handed_out_)];
  slot_of(s.count) = kNone;
  s = {};
  free_.push_back(static_cast<std::uint16_t>(handed_out_));
  handed_out_ = kNone;
}

bool Receiver::verify_last() noexcept
{
  if (handed_out_ == kNone || !config_.has_mac_i() || !security_.integrity) return false;
  const auto slot = static_cast<std::size_t>(handed_out_);
  const bool is_right = has_right_mac(memory_of(slot).first(stored_[slot].size), stored_[slot].count);
  if (!is_right) ++counters_.integrity_failures;
  return is_right;
}

void Receiver::activate_integrity(security::IntegrityAlgorithm algorithm, const security::Key128& key)
{
  security_.integrity.emplace(algorithm, key);
}

void Receiver::activate_ciphering(security::CipheringAlgorithm algorithm, const security::Key128& key)
{
  security_.ciphering.emplace(algorithm, key);
}

void Receiver::flush() noexcept
{
  release_delivered();
  rx_deliv_ = rx_next_;
  reordering_end_.reset();
}

void Receiver::reestablish() noexcept
{
  if (config_.bearer != Bearer::drb_am) forget_all(0);
}

}  // namespace ravi::pdcp
