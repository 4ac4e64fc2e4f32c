#include "stack/rlc/um.h"

#include <algorithm>

namespace ravi::rlc {

UmEntity::UmEntity(const UmConfig& config)
  : config_(config),
    queue_(config.capacity.queue_sdus, config.capacity.queue_octets),
    window_(config.sn_size, config.capacity.num_reassemblies, config.capacity.max_sdu_octets)
{
}

bool UmEntity::push(std::span<const std::uint8_t> sdu, std::uint32_t tag) noexcept
{
  const bool is_taken = sdu.size() <= 0xFFFF && queue_.push(sdu, tag);  // SO has 16 bits
  if (is_taken) waiting_octets_ += sdu.size();
  ++(is_taken ? tx_.sdus : tx_.sdus_refused);
  return is_taken;
}

bool UmEntity::discard(std::uint32_t tag) noexcept
{
  bool has_found = false;
  for (std::size_t i = queue_.size(); i > 0; --i) {
    const QueuedSdu& sdu = queue_[i - 1];
    if (sdu.tag != tag || sdu.sent > 0) continue;
    waiting_octets_ -= sdu.size;
    queue_.remove(i - 1);
    ++tx_.sdus_discarded;
    has_found = true;
  }
  return has_found;
}

std::size_t UmEntity::pull(std::span<std::uint8_t> out) noexcept
{
  if (queue_.size() == 0) return 0;
  QueuedSdu& sdu = queue_[0];
  // Whole, or the last segment, if it fits; else the first or a middle one.
  std::size_t end = sdu.size;
  Segmentation s = segmentation_of(sdu.sent, end, sdu.size);
  if (um_header_size(config_.sn_size, s) + (end - sdu.sent) > out.size()) {
    s = segmentation_of(sdu.sent, sdu.size - 1U, sdu.size);
    if (um_header_size(config_.sn_size, s) >= out.size()) return 0;
    end = sdu.sent + std::min<std::size_t>(out.size() - um_header_size(config_.sn_size, s), sdu.size - 1U - sdu.sent);
    if (end == sdu.sent) return 0;
  }
  const std::size_t header = um_header_size(config_.sn_size, s);
  const std::size_t count = end - sdu.sent;
  write_um_header(config_.sn_size, {.segmentation = s, .sn = tx_next_, .offset = static_cast<std::uint16_t>(sdu.sent)}, out);
  const auto octets = queue_.octets(sdu).subspan(sdu.sent, count);
  std::copy(octets.begin(), octets.end(), out.begin() + static_cast<std::ptrdiff_t>(header));
  sdu.sent += static_cast<std::uint32_t>(count);
  waiting_octets_ -= count;
  ++tx_.pdus;
  tx_.octets += header + count;
  if (sdu.sent == sdu.size) {
    // TX_Next counts the SDUs that were segmented, TS 38.322 §5.2.2.1.1.
    if (s == Segmentation::last) tx_next_ = (tx_next_ + 1) % sn_modulus(config_.sn_size);
    queue_.pop_front();
  }
  return header + count;
}

std::span<const std::uint8_t> UmEntity::receive(std::span<const std::uint8_t> pdu, Time now) noexcept
{
  ++rx_.pdus;
  rx_.octets += pdu.size();
  const auto read = read_um_pdu(config_.sn_size, pdu);
  if (!read) {
    ++rx_.malformed;
    return {};
  }
  if (read->header.segmentation == Segmentation::whole) {
    ++rx_.sdus;
    return read->data;
  }
  const std::uint32_t sn = read->header.sn;
  const SnSize size = config_.sn_size;
  const std::uint32_t lowest = (rx_next_highest_ - window_size(size)) & (sn_modulus(size) - 1);
  const bool is_old = sn_distance(size, sn, lowest) < sn_distance(size, rx_next_reassembly_, lowest);
  if (is_old) {  // (RX_Next_Highest - UM_Window_Size) <= SN < RX_Next_Reassembly
    ++rx_.dropped;
    return {};
  }
  if (!is_in_window(sn)) move_window(sn);
  const auto added = window_.add(rx_next_reassembly_, *read);
  if (added == ReassemblyWindow::Added::nothing_new) ++rx_.dropped;
  std::span<const std::uint8_t> sdu;
  if (added == ReassemblyWindow::Added::completed) {
    ++rx_.sdus;
    sdu = window_.completed();
    if (sn == rx_next_reassembly_) advance_next_reassembly(rx_next_reassembly_);
  }
  update_timer(now);
  return sdu;
}

bool UmEntity::is_in_window(std::uint32_t sn) const noexcept
{
  return sn_distance(config_.sn_size, rx_next_highest_ - 1, sn) < window_size(config_.sn_size);
}

/// TS 38.322 §5.2.2.2.3: an SN outside the window becomes its upper end; what falls out below is given up.
void UmEntity::move_window(std::uint32_t sn) noexcept
{
  const SnSize size = config_.sn_size;
  const std::uint32_t mask = sn_modulus(size) - 1;
  const std::uint32_t highest = (sn + 1) & mask;
  const std::uint32_t new_lowest = (highest - window_size(size)) & mask;
  const std::uint32_t advance = std::min(sn_distance(size, highest, rx_next_highest_), window_size(size));
  std::uint32_t leaving = (rx_next_highest_ - window_size(size)) & mask;
  for (std::uint32_t i = 0; i < advance; ++i, leaving = (leaving + 1) & mask) {
    if (window_.state(leaving) == ReassemblyWindow::State::partial) ++rx_.sdus_lost;
    window_.forget(leaving);
  }
  rx_next_highest_ = highest;
  if (!is_in_window(rx_next_reassembly_) && rx_next_reassembly_ != rx_next_highest_) advance_next_reassembly(new_lowest);
}

/// To the first SN from `to` on that has not been reassembled.
void UmEntity::advance_next_reassembly(std::uint32_t to) noexcept
{
  const std::uint32_t mask = sn_modulus(config_.sn_size) - 1;
  while (to != rx_next_highest_ && window_.state(to) == ReassemblyWindow::State::complete) to = (to + 1) & mask;
  rx_next_reassembly_ = to;
}

/// RX_Next_Highest > RX_Next_Reassembly + 1, or equal with an octet missing before the last one received.
bool UmEntity::is_missing_some() const noexcept
{
  const std::uint32_t ahead = sn_distance(config_.sn_size, rx_next_highest_, rx_next_reassembly_);
  if (ahead != 1) return ahead > 1;
  return window_.state(rx_next_reassembly_) == ReassemblyWindow::State::partial &&
         window_.partial(rx_next_reassembly_).has_gap();
}

void UmEntity::update_timer(Time now) noexcept
{
  const SnSize size = config_.sn_size;
  if (t_reassembly_.is_running()) {
    const bool is_passed = sn_distance(size, rx_next_reassembly_, rx_timer_trigger_) < window_size(size);
    const bool is_outside = !is_in_window(rx_timer_trigger_) && rx_timer_trigger_ != rx_next_highest_;
    const bool is_whole_so_far =
        sn_distance(size, rx_next_highest_, rx_next_reassembly_) == 1 && !is_missing_some();
    if (is_passed || is_outside || is_whole_so_far) t_reassembly_.stop();
  }
  if (!t_reassembly_.is_running() && is_missing_some()) {
    t_reassembly_.start(now, config_.t_reassembly);
    rx_timer_trigger_ = rx_next_highest_;
  }
}

/// TS 38.322 §5.2.2.2.4.
void UmEntity::tick(Time now) noexcept
{
  if (!t_reassembly_.expires(now)) return;
  const std::uint32_t mask = sn_modulus(config_.sn_size) - 1;
  const std::uint32_t from = rx_next_reassembly_;
  advance_next_reassembly(rx_timer_trigger_);
  for (std::uint32_t sn = from; sn != rx_next_reassembly_; sn = (sn + 1) & mask) {
    if (window_.state(sn) == ReassemblyWindow::State::complete) continue;
    ++rx_.sdus_lost;
    window_.forget(sn);
  }
  if (is_missing_some()) {
    t_reassembly_.start(now, config_.t_reassembly);
    rx_timer_trigger_ = rx_next_highest_;
  }
}

void UmEntity::reestablish() noexcept
{
  queue_.clear();
  waiting_octets_ = 0;
  tx_next_ = 0;
  window_.forget_all();
  rx_next_reassembly_ = rx_next_highest_ = rx_timer_trigger_ = 0;
  t_reassembly_.stop();
}

}  // namespace ravi::rlc
