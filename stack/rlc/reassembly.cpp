#include "stack/rlc/reassembly.h"

#include <algorithm>

namespace ravi::rlc {

void Reassembly::reset() noexcept
{
  num_pieces_ = 0;
  size_.reset();
}

bool Reassembly::add(std::size_t offset, std::span<const std::uint8_t> data, bool is_last) noexcept
{
  const std::size_t end = offset + data.size();
  if (end > octets_.size() || (size_ && (end > *size_ || (is_last && end != *size_)))) return false;
  if (is_last && num_pieces_ > 0 && pieces_[num_pieces_ - 1].end > end) return false;
  // Pieces that touch [offset, end) become one with it: those from `first` up to `last`.
  const auto pieces = std::span(pieces_).first(num_pieces_);
  const auto first = std::find_if(pieces.begin(), pieces.end(), [=](const Piece& p) { return p.end >= offset; });
  auto last = first;
  Piece merged{offset, end};
  for (; last != pieces.end() && last->begin <= end; ++last) {
    if (last->begin <= offset && end <= last->end && (!is_last || size_)) return false;  // nothing new
    merged = {std::min(merged.begin, last->begin), std::max(merged.end, last->end)};
  }
  const auto num_merged = static_cast<std::size_t>(last - first);
  const auto at = static_cast<std::size_t>(first - pieces.begin());
  if (num_merged == 0) {
    if (num_pieces_ == kMaxPieces) return false;
    std::copy_backward(pieces_.begin() + static_cast<std::ptrdiff_t>(at),
                       pieces_.begin() + static_cast<std::ptrdiff_t>(num_pieces_),
                       pieces_.begin() + static_cast<std::ptrdiff_t>(num_pieces_ + 1));
    ++num_pieces_;
  } else {
    std::copy(last, pieces.end(), first + 1);
    num_pieces_ -= num_merged - 1;
  }
  pieces_[at] = merged;
  std::copy(data.begin(), data.end(), octets_.begin() + static_cast<std::ptrdiff_t>(offset));
  if (is_last) size_ = end;
  return true;
}

bool Reassembly::is_complete() const noexcept
{
  return size_ && num_pieces_ == 1 && pieces_[0].begin == 0 && pieces_[0].end == *size_;
}

std::size_t Reassembly::num_missing() const noexcept
{
  if (num_pieces_ == 0) return 1;
  const bool is_first_missing = pieces_[0].begin > 0;
  const bool is_end_missing = !size_ || pieces_[num_pieces_ - 1].end < *size_;
  return num_pieces_ - 1 + (is_first_missing ? 1U : 0U) + (is_end_missing ? 1U : 0U);
}

Reassembly::Piece Reassembly::missing(std::size_t i) const noexcept
{
  if (num_pieces_ == 0) return {0, kOpen};
  if (pieces_[0].begin > 0) {
    if (i == 0) return {0, pieces_[0].begin};
    --i;
  }
  const std::size_t begin = pieces_[i].end;
  if (i + 1 < num_pieces_) return {begin, pieces_[i + 1].begin};
  return {begin, size_ ? *size_ : kOpen};
}

ReassemblyWindow::ReassemblyWindow(SnSize sn_size, std::size_t num_reassemblies, std::size_t max_sdu_octets)
  : sn_size_(sn_size),
    mask_(window_size(sn_size) - 1),
    slots_(window_size(sn_size), kNone),
    reassemblies_(std::clamp<std::size_t>(num_reassemblies, 1, 4096), Reassembly(max_sdu_octets)),
    sn_of_(reassemblies_.size()),
    is_used_(reassemblies_.size())
{
}

ReassemblyWindow::State ReassemblyWindow::state(std::uint32_t sn) const noexcept
{
  const std::int16_t s = slots_[sn & mask_];
  return s == kNone ? State::none : s == kComplete ? State::complete : State::partial;
}

const Reassembly& ReassemblyWindow::partial(std::uint32_t sn) const noexcept
{
  return reassemblies_[static_cast<std::size_t>(slots_[sn & mask_])];
}

void ReassemblyWindow::forget(std::uint32_t sn) noexcept
{
  const std::int16_t s = slot(sn);
  if (s >= 0) is_used_[static_cast<std::size_t>(s)] = false;
  slot(sn) = kNone;
}

void ReassemblyWindow::forget_all() noexcept
{
  std::fill(slots_.begin(), slots_.end(), kNone);
  std::fill(is_used_.begin(), is_used_.end(), false);
  completed_ = {};
}

ReassemblyWindow::Added ReassemblyWindow::add(std::uint32_t base, const DataPdu& pdu) noexcept
{
  const std::uint32_t sn = pdu.header.sn;
  if (slot(sn) == kComplete) return Added::nothing_new;
  if (pdu.header.segmentation == Segmentation::whole) {
    forget(sn);
    slot(sn) = kComplete;
    completed_ = pdu.data;
    return Added::completed;
  }
  if (slot(sn) == kNone) {
    const auto index = take(base, sn);
    if (!index) return Added::nothing_new;
    slot(sn) = *index;
  }
  Reassembly& r = reassemblies_[static_cast<std::size_t>(slot(sn))];
  const bool is_stored = r.add(pdu.header.offset, pdu.data, reaches_end(pdu.header.segmentation));
  if (!is_stored) {
    if (r.is_empty()) forget(sn);
    return Added::nothing_new;
  }
  if (!r.is_complete()) return Added::stored;
  completed_ = r.sdu();
  forget(sn);
  slot(sn) = kComplete;
  return Added::completed;
}

std::optional<std::int16_t> ReassemblyWindow::take(std::uint32_t base, std::uint32_t sn) noexcept
{
  std::size_t furthest = 0;
  for (std::size_t i = 0; i < reassemblies_.size(); ++i) {
    if (!is_used_[i]) {
      furthest = i;
      break;
    }
    if (sn_distance(sn_size_, sn_of_[i], base) > sn_distance(sn_size_, sn_of_[furthest], base)) furthest = i;
  }
  if (is_used_[furthest]) {
    if (sn_distance(sn_size_, sn_of_[furthest], base) < sn_distance(sn_size_, sn, base)) return std::nullopt;
    slot(sn_of_[furthest]) = kNone;
    ++num_evicted_;
  }
  is_used_[furthest] = true;
  sn_of_[furthest] = sn;
  reassemblies_[furthest].reset();
  return static_cast<std::int16_t>(furthest);
}

}  // namespace ravi::rlc
