#include "apps/core_setup.h"

#include "apps/node_options.h"

#include <memory>
#include <random>

namespace ravi::apps {

core::CoreConfig core_config(const config::CoreSection& section, const nr::Cell& cell)
{
  return {.amf = {.plmn = section.plmn.value_or(cell.plmn), .tac = section.tac.value_or(cell.tracking_area_code)},
          .smf = {.pool = section.pool, .services = {.dns = {{section.pool[0], section.pool[1], 0, 1}}}}};
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
