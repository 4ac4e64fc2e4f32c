#include "stack/bearer/bearers.h"

#include <algorithm>

namespace ravi::bearer {

void secure(Bearer& bearer, rrc::SecurityStage stage, const rrc::AsSecurity& security)
{
  pdcp::RadioBearer& radio = bearer.radio;
  const bool is_srb = bearer.config.is_srb();
  if (stage == rrc::SecurityStage::integrity) {
    if (!bearer.config.pdcp.has_mac_i()) return;
    const security::Key128& key = is_srb ? security.k_rrc_int : security.k_up_int;
    radio.tx().activate_integrity(security.integrity, key);
    radio.rx().activate_integrity(security.integrity, key);
    return;
  }
  const security::Key128& key = is_srb ? security.k_rrc_enc : security.k_up_enc;
  radio.tx().activate_ciphering(security.ciphering, key);
  radio.rx().activate_ciphering(security.ciphering, key);
}

Bearer& Bearers::add(const rrc::BearerConfig& config)
{
  auto made = std::make_unique<Bearer>(Bearer{config, pdcp::RadioBearer(config.pdcp, config.rlc, sends_)});
  Bearer& bearer = *made;
  if (security_) {
    secure(bearer, rrc::SecurityStage::integrity, *security_);
    secure(bearer, rrc::SecurityStage::ciphering, *security_);
  }
  std::erase_if(bearers_, [&](const auto& old) { return old->config.logical_channel == config.logical_channel; });
  bearers_.push_back(std::move(made));
  std::ranges::sort(bearers_, {}, [](const auto& one) { return one->config.mac.priority; });
  return bearer;
}

void Bearers::remove(const rrc::RemoveBearer& which)
{
  std::erase_if(bearers_, [&](const auto& one) { return one->config.is_srb() == which.is_srb && one->config.identity() == which.identity; });
}

void Bearers::activate(const rrc::ActivateSecurity& activate)
{
  for (const auto& one : bearers_) secure(*one, activate.stage, activate.security);
  if (activate.stage == rrc::SecurityStage::ciphering) security_ = activate.security;
}

void Bearers::clear()
{
  bearers_.clear();
  security_.reset();
}

template <class Is>
Bearer* Bearers::find(Is is) const noexcept
{
  const auto found = std::ranges::find_if(bearers_, [&](const auto& one) { return is(one->config); });
  return found == bearers_.end() ? nullptr : found->get();
}

Bearer* Bearers::on_logical_channel(unsigned logical_channel) const noexcept
{
  return find([=](const rrc::BearerConfig& config) { return config.logical_channel == logical_channel; });
}

Bearer* Bearers::srb(unsigned identity) const noexcept
{
  return find([=](const rrc::BearerConfig& config) { return config.is_srb() && config.identity() == identity; });
}

Bearer* Bearers::drb(unsigned identity) const noexcept
{
  return find([=](const rrc::BearerConfig& config) { return !config.is_srb() && config.identity() == identity; });
}

Bearer* Bearers::first_drb() const noexcept
{
  return find([](const rrc::BearerConfig& config) { return !config.is_srb(); });
}

bool Bearers::has_failed() const noexcept
{
  return std::ranges::any_of(bearers_, [](const auto& one) { return one->radio.has_failed(); });
}

std::size_t Bearers::buffer_octets() const noexcept
{
  std::size_t octets = 0;
  for (const auto& one : bearers_) octets += one->radio.buffer_octets();
  return octets;
}

void Bearers::fill(mac::MacPduWriter& writer, std::size_t reserve, pdcp::Time now) noexcept
{
  for (const auto& one : bearers_) {
    while (one->radio.buffer_octets() > 0 && writer.max_sdu_size() > reserve) {
      const std::size_t size = one->radio.pull(writer.sdu_room(writer.max_sdu_size() - reserve), now);
      if (size == 0) break;
      writer.commit_sdu(static_cast<std::uint8_t>(one->config.logical_channel), size);
    }
  }
}

}  // namespace ravi::bearer
