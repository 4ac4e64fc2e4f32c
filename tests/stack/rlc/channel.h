#pragma once
// A seeded channel between two RLC entities: loses, delays and so reorders PDUs, as HARQ does.

#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

namespace ravi::rlc::test {

class Channel {
public:
  Channel(std::uint32_t seed, double loss, unsigned max_delay) : random_(seed), loss_(loss), max_delay_(max_delay) {}

  void send(std::span<const std::uint8_t> pdu, std::int64_t now)
  {
    if (std::uniform_real_distribution<double>()(random_) < loss_) return;
    const auto delay = static_cast<std::int64_t>(1 + random_() % max_delay_);
    in_flight_.emplace(now + delay, std::vector<std::uint8_t>(pdu.begin(), pdu.end()));
  }

  /// Calls `deliver(pdu)` for all that have arrived.
  template <class Deliver>
  void run(std::int64_t now, Deliver deliver)
  {
    while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
      deliver(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
    }
  }

  std::mt19937& random() { return random_; }

private:
  std::mt19937 random_;
  double loss_;
  unsigned max_delay_;
  std::multimap<std::int64_t, std::vector<std::uint8_t>> in_flight_;
};

/// An SDU that says its number.
inline std::vector<std::uint8_t> numbered_sdu(std::uint32_t number, std::size_t size)
{
  std::vector<std::uint8_t> sdu(std::max<std::size_t>(size, 4));
  for (std::size_t i = 0; i < sdu.size(); ++i) sdu[i] = static_cast<std::uint8_t>(number * 31 + i);
  for (std::size_t i = 0; i < 4; ++i) sdu[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return sdu;
}

inline std::uint32_t number_of(std::span<const std::uint8_t> sdu)
{
  return static_cast<std::uint32_t>(sdu[0] | (sdu[1] << 8) | (sdu[2] << 16)) | (static_cast<std::uint32_t>(sdu[3]) << 24);
}

}  // namespace ravi::rlc::test
