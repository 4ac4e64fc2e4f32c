#include "stack/pdcp/transmitter.h"

#include "stack/pdcp/pdcp_pdu.h"

#include <algorithm>
#include <limits>

namespace ravi::pdcp {

Transmitter::Transmitter(const Config& config, security::Direction direction)
  : config_(config), direction_(direction), pdu_(kMaxHeaderOctets + config.max_sdu_octets + kMacIOctets)
{
  constexpr std::size_t kNumDeadlines = 4096;
  if (config.discard_timer) deadlines_.resize(kNumDeadlines);
}

std::optional<Transmitter::Pdu> Transmitter::send(std::span<const std::uint8_t> sdu, Time now) noexcept
{
  // The last COUNT is never used: wrapping under one key would repeat the key stream. TS 38.323 §5.2.1, TS 38.331 §5.3.1.2.
  const bool is_exhausted = tx_next_ == std::numeric_limits<std::uint32_t>::max();
  if (sdu.empty() || sdu.size() > config_.max_sdu_octets || is_exhausted) {
    ++counters_.refused;
    return std::nullopt;
  }
  const std::uint32_t count = tx_next_;
  const auto bearer = static_cast<std::uint8_t>(config_.identity - 1);
  const std::size_t header = header_octets(config_.sn_size);
  const std::size_t unprotected = header + sdu.size();
  write_header(config_.bearer, config_.sn_size, count, pdu_);
  std::copy(sdu.begin(), sdu.end(), pdu_.begin() + static_cast<std::ptrdiff_t>(header));
  std::size_t size = unprotected;
  if (config_.has_mac_i()) {  // TS 38.323 §5.9: over header and SDU; zero before security is activated, §6.3.4
    security::MacI mac{};
    if (security_.integrity) {
      mac = security_.integrity->compute(count, bearer, direction_, std::span(pdu_).first(unprotected));
    }
    std::copy(mac.begin(), mac.end(), pdu_.begin() + static_cast<std::ptrdiff_t>(unprotected));
    size += kMacIOctets;
  }
  if (security_.ciphering) {  // TS 38.323 §5.8: all but the PDCP and SDAP headers
    const std::size_t clear = std::min(header + config_.sdap_header_octets, unprotected);
    security_.ciphering->apply(count, bearer, direction_, std::span(pdu_).subspan(clear, size - clear));
  }
  ++tx_next_;
  ++counters_.sdus;
  counters_.octets += sdu.size();
  note_deadline(now);
  return Pdu{std::span(pdu_).first(size), count};
}

void Transmitter::take_back() noexcept
{
  --tx_next_;
  --counters_.sdus;
  ++counters_.refused;
  if (num_deadlines_ > 0) --num_deadlines_;  // the last noted is this one's
}

void Transmitter::note_deadline(Time now) noexcept
{
  if (!config_.discard_timer) return;
  if (num_deadlines_ == deadlines_.size()) {  // the oldest is long on its way: forget it
    first_deadline_ = (first_deadline_ + 1) % deadlines_.size();
    --num_deadlines_;
  }
  deadlines_[(first_deadline_ + num_deadlines_++) % deadlines_.size()] = {now + *config_.discard_timer, tx_next_ - 1};
}

std::optional<std::uint32_t> Transmitter::next_expired(Time now) noexcept
{
  if (num_deadlines_ == 0 || now < deadlines_[first_deadline_].at) return std::nullopt;
  const std::uint32_t count = deadlines_[first_deadline_].count;
  first_deadline_ = (first_deadline_ + 1) % deadlines_.size();
  --num_deadlines_;
  ++counters_.discarded;
  return count;
}

void Transmitter::activate_integrity(security::IntegrityAlgorithm algorithm, const security::Key128& key)
{
  security_.integrity.emplace(algorithm, key);
}

void Transmitter::activate_ciphering(security::CipheringAlgorithm algorithm, const security::Key128& key)
{
  security_.ciphering.emplace(algorithm, key);
}

void Transmitter::reestablish() noexcept
{
  if (config_.bearer != Bearer::drb_am) tx_next_ = 0;
  num_deadlines_ = 0;
}

}  // namespace ravi::pdcp
