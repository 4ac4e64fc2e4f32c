#include "stack/rlc/am_receiver.h"

#include <algorithm>

namespace ravi::rlc {

using State = ReassemblyWindow::State;

AmReceiver::AmReceiver(const AmConfig& config)
  : config_(config), window_(config.sn_size, config.capacity.num_reassemblies, config.capacity.max_sdu_octets)
{
}

std::span<const std::uint8_t> AmReceiver::receive(std::span<const std::uint8_t> pdu, Time now) noexcept
{
  const auto read = read_am_pdu(config_.sn_size, pdu);
  if (!read) {
    ++counters_.malformed;
    return {};
  }
  const std::uint32_t sn = read->header.sn;
  std::span<const std::uint8_t> sdu;
  auto added = ReassemblyWindow::Added::nothing_new;
  if (distance(sn, rx_next_) < window_size(config_.sn_size)) added = window_.add(rx_next_, *read);
  const bool is_dropped = added == ReassemblyWindow::Added::nothing_new;
  if (is_dropped) {
    ++counters_.dropped;
  } else {
    if (distance(sn, rx_next_) >= distance(rx_next_highest_, rx_next_)) rx_next_highest_ = after(sn);
    if (added == ReassemblyWindow::Added::completed) {
      ++counters_.sdus;
      sdu = window_.completed();
      complete(sn);
    }
    update_timer(now);
  }
  if (read->header.has_poll) take_poll(sn, is_dropped);
  check_delayed_poll();
  return sdu;
}

/// The first SN from `sn` on of which not all octets have been received.
std::uint32_t AmReceiver::first_incomplete(std::uint32_t sn) const noexcept
{
  while (sn != rx_next_highest_ && window_.state(sn) == State::complete) sn = after(sn);
  return sn;
}

/// TS 38.322 §5.2.3.2.3.
void AmReceiver::complete(std::uint32_t sn) noexcept
{
  if (sn == rx_highest_status_) rx_highest_status_ = first_incomplete(sn);
  if (sn != rx_next_) return;
  const std::uint32_t next = first_incomplete(sn);
  for (; rx_next_ != next; rx_next_ = after(rx_next_)) window_.forget(rx_next_);
}

/// An octet of SDU `sn` is missing before the last one received of it.
bool AmReceiver::has_gap_at(std::uint32_t sn) const noexcept
{
  return window_.state(sn) == State::partial && window_.partial(sn).has_gap();
}

/// RX_Next_Highest > sn + 1, or equal with a gap in SDU `sn`.
bool AmReceiver::has_gap_before(std::uint32_t sn) const noexcept
{
  const std::uint32_t ahead = distance(rx_next_highest_, sn);
  return ahead > 1 ? ahead <= window_size(config_.sn_size) : ahead == 1 && has_gap_at(sn);
}

void AmReceiver::update_timer(Time now) noexcept
{
  if (t_reassembly_.is_running()) {
    const std::uint32_t trigger = distance(rx_next_status_trigger_, rx_next_);
    const bool is_outside = trigger > window_size(config_.sn_size);  // the upper edge itself is allowed
    if (trigger == 0 || (trigger == 1 && !has_gap_at(rx_next_)) || is_outside) t_reassembly_.stop();
  }
  if (!t_reassembly_.is_running() && has_gap_before(rx_next_)) {
    t_reassembly_.start(now, config_.t_reassembly);
    rx_next_status_trigger_ = rx_next_highest_;
  }
}

/// TS 38.322 §5.3.4: at once if all before has been received or given up, else later.
void AmReceiver::take_poll(std::uint32_t sn, bool is_dropped) noexcept
{
  if (is_dropped) {
    is_status_due_ = true;
  } else if (!delayed_poll_ || distance(sn, rx_next_) > distance(*delayed_poll_, rx_next_)) {
    delayed_poll_ = sn;
  }
}

void AmReceiver::check_delayed_poll() noexcept
{
  if (!delayed_poll_) return;
  const std::uint32_t window = window_size(config_.sn_size);
  const bool is_below_window = distance(*delayed_poll_, rx_next_) >= window;
  if (!is_below_window && distance(*delayed_poll_, rx_next_) >= distance(rx_highest_status_, rx_next_)) return;
  delayed_poll_.reset();
  is_status_due_ = true;
}

/// t-Reassembly, TS 38.322 §5.2.3.2.4.
void AmReceiver::tick(Time now) noexcept
{
  (void)t_status_prohibit_.expires(now);
  if (!t_reassembly_.expires(now)) return;
  rx_highest_status_ = first_incomplete(rx_next_status_trigger_);
  if (has_gap_before(rx_highest_status_)) {
    t_reassembly_.start(now, config_.t_reassembly);
    rx_next_status_trigger_ = rx_next_highest_;
  }
  is_status_due_ = true;
  check_delayed_poll();
}

/// Calls `add(nack)` for what is missing from RX_Next up to RX_Highest_Status, in order, until it says false.
/// Returns ACK_SN: the first SN that is neither received nor named. TS 38.322 §5.3.4.
template <class Add>
std::uint32_t AmReceiver::visit_nacks(Add add) const noexcept
{
  for (std::uint32_t sn = rx_next_; sn != rx_highest_status_;) {
    if (window_.state(sn) == State::complete) {
      sn = after(sn);
      continue;
    }
    if (window_.state(sn) == State::partial) {
      const Reassembly& r = window_.partial(sn);
      for (std::size_t i = 0; i < r.num_missing(); ++i) {
        const Reassembly::Piece gap = r.missing(i);
        const auto last = gap.end == Reassembly::kOpen ? Nack::kToEnd : static_cast<std::uint16_t>(gap.end - 1);
        if (!add(Nack{sn, 1, static_cast<std::uint16_t>(gap.begin), last})) return sn;
      }
      sn = after(sn);
      continue;
    }
    Nack nack{sn, 1, 0, Nack::kToEnd};
    for (sn = after(sn); sn != rx_highest_status_ && window_.state(sn) == State::none && nack.range < 255; sn = after(sn)) {
      ++nack.range;
    }
    if (!add(nack)) return nack.sn;
  }
  return rx_highest_status_;
}

std::size_t AmReceiver::status_octets() const noexcept
{
  if (!is_status_due_ || t_status_prohibit_.is_running()) return 0;
  std::size_t octets = StatusWriter::kMinSize;
  visit_nacks([&](const Nack& nack) {
    octets += nack_size(config_.sn_size, nack);
    return true;
  });
  return octets;
}

std::size_t AmReceiver::pull_status(std::span<std::uint8_t> out, Time now) noexcept
{
  if (!is_status_due_ || t_status_prohibit_.is_running() || out.size() < StatusWriter::kMinSize) return 0;
  StatusWriter writer(config_.sn_size, out);
  const std::uint32_t ack_sn = visit_nacks([&](const Nack& nack) { return writer.add(nack); });
  is_status_due_ = false;
  if (config_.t_status_prohibit > Time{0}) t_status_prohibit_.start(now, config_.t_status_prohibit);
  return writer.finish(ack_sn);
}

void AmReceiver::reestablish() noexcept
{
  window_.forget_all();
  rx_next_ = rx_next_status_trigger_ = rx_highest_status_ = rx_next_highest_ = 0;
  t_reassembly_.stop();
  t_status_prohibit_.stop();
  is_status_due_ = false;
  delayed_poll_.reset();
}

}  // namespace ravi::rlc
