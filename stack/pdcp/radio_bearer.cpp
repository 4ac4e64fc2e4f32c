#include "stack/pdcp/radio_bearer.h"

namespace ravi::pdcp {
namespace {

constexpr std::size_t kHeaderAllowance = 5;  // RLC AM, 18 bits and a segment offset, rounded; UM takes less

security::Direction opposite(security::Direction direction)
{
  return direction == security::Direction::downlink ? security::Direction::uplink : security::Direction::downlink;
}

std::variant<rlc::AmEntity, rlc::UmEntity> make_rlc(const std::variant<rlc::AmConfig, rlc::UmConfig>& config)
{
  if (const auto* um = std::get_if<rlc::UmConfig>(&config)) return rlc::UmEntity(*um);
  return rlc::AmEntity(std::get<rlc::AmConfig>(config));
}

}  // namespace

RadioBearer::RadioBearer(const Config& config, const std::variant<rlc::AmConfig, rlc::UmConfig>& rlc, security::Direction sends)
  : tx_(config, sends), rx_(config, opposite(sends)), rlc_(make_rlc(rlc))
{
}

bool RadioBearer::send(std::span<const std::uint8_t> sdu, Time now) noexcept
{
  const auto pdu = tx_.send(sdu, now);
  if (!pdu) return false;
  if (std::visit([&](auto& rlc) { return rlc.push(pdu->octets, pdu->count); }, rlc_)) return true;
  tx_.take_back();
  return false;
}

std::size_t RadioBearer::buffer_octets() const noexcept
{
  return std::visit(
      [](const auto& rlc) -> std::size_t {
        const std::size_t octets = rlc.buffer_octets();
        return octets == 0 ? 0 : octets + kHeaderAllowance * (1 + rlc.num_sdus());
      },
      rlc_);
}

std::size_t RadioBearer::pull(std::span<std::uint8_t> out, Time now) noexcept
{
  if (auto* um = std::get_if<rlc::UmEntity>(&rlc_)) return um->pull(out);
  return std::get<rlc::AmEntity>(rlc_).pull(out, now);
}

RxVerdict RadioBearer::receive(std::span<const std::uint8_t> rlc_pdu, Time now) noexcept
{
  const std::span<const std::uint8_t> pdu = std::visit([&](auto& rlc) { return rlc.receive(rlc_pdu, now); }, rlc_);
  return pdu.empty() ? RxVerdict::control : rx_.receive(pdu, now);
}

void RadioBearer::tick(Time now) noexcept
{
  std::visit([now](auto& rlc) { rlc.tick(now); }, rlc_);
  rx_.tick(now);
  while (const auto expired = tx_.next_expired(now)) {
    std::visit([&](auto& rlc) { static_cast<void>(rlc.discard(*expired)); }, rlc_);
  }
}

const rlc::TxCounters& RadioBearer::rlc_tx() const noexcept
{
  return std::visit([](const auto& rlc) -> const rlc::TxCounters& { return rlc.tx(); }, rlc_);
}

const rlc::RxCounters& RadioBearer::rlc_rx() const noexcept
{
  return std::visit([](const auto& rlc) -> const rlc::RxCounters& { return rlc.rx(); }, rlc_);
}

bool RadioBearer::has_failed() const noexcept
{
  const auto* am = std::get_if<rlc::AmEntity>(&rlc_);
  return am != nullptr && am->has_reached_max_retx();
}

}  // namespace ravi::pdcp
