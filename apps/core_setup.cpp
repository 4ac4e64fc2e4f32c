#include "apps/core_setup.h"

#include "apps/node_options.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <memory>
#include <random>

namespace ravi::apps {

namespace {

core::HomeNetworkKey home_network_key(const config::SuciKeySection& section)
{
  core::HomeNetworkKey out{.id = static_cast<std::uint8_t>(section.id),
                           .scheme = section.profile == config::SuciProfile::a ? security::SuciScheme::profile_a : security::SuciScheme::profile_b,
                           .private_key = {}};
  for (std::size_t i = 0; i < security::Key256::kSize; ++i) {  // the configuration has checked the digits
    (void)std::from_chars(section.key.data() + 2 * i, section.key.data() + 2 * i + 2, out.private_key.writable()[i], 16);
  }
  return out;
}

}  // namespace

core::CoreConfig core_config(const config::CoreSection& section, const nr::Cell& cell)
{
  core::CoreConfig out{.amf = {.plmn = section.plmn.value_or(cell.plmn), .tac = section.tac.value_or(cell.tracking_area_code)},
                       .smf = {.pool = section.pool, .services = {.dns = section.dns, .p_cscf = section.p_cscf}}};
  out.smf.flow.five_qi = static_cast<std::uint8_t>(section.five_qi);
  out.amf.network_name = section.name;
  out.amf.short_network_name = section.short_name;
  for (const config::SuciKeySection& key : section.suci_keys) out.amf.home_network_keys.push_back(home_network_key(key));
  if (out.smf.services.dns.empty()) out.smf.services.dns = {out.smf.gateway()};
  return out;
}

nas::UniversalTime universal_time()
{
  const std::time_t now = std::time(nullptr);
  std::tm utc{}, local{};
  gmtime_r(&now, &utc);
  localtime_r(&now, &local);
  constexpr long kQuarterHour = 15 * 60;
  const auto field = [](int value) { return static_cast<unsigned>(value); };
  return {.year = field(utc.tm_year % 100),
          .month = field(utc.tm_mon + 1),
          .day = field(utc.tm_mday),
          .hour = field(utc.tm_hour),
          .minute = field(utc.tm_min),
          .second = field(std::min(utc.tm_sec, 59)),  // a leap second
          .zone = {static_cast<int>(local.tm_gmtoff / kQuarterHour)}};
}

Result<core::Subscribers> open_subscribers(const config::CoreSection& section)
{
  auto subscribers = core::Subscribers::open(section.subscribers);
  if (!subscribers) return subscribers;
  for (const config::UsimSection& user : section.users) {
    if (subscribers->find(user.imsi)) continue;
    const auto keys = keys_of(user);
    if (!keys) return tl::unexpected(keys.error());
    if (auto added = subscribers->add({.imsi = user.imsi, .keys = *keys}); !added) return tl::unexpected(added.error());
  }
  return subscribers;
}

core::RandSource system_rand()
{
  return [source = std::make_shared<std::random_device>()] {
    security::Rand rand{};
    for (std::uint8_t& octet : rand) octet = static_cast<std::uint8_t>((*source)());
    return rand;
  };
}

}  // namespace ravi::apps
