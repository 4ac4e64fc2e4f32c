#include "apps/list_radios.h"

#include "drivers/zmq/handshake.h"
#ifdef RAVI_HAS_UHD
#include "drivers/uhd/uhd_radio.h"
#endif
#ifdef RAVI_HAS_SOAPY
#include "drivers/soapy/soapy_radio.h"
#endif

#include "radio/quantity_text.h"

#include <fmt/format.h>

namespace ravi::apps {
namespace {

DriverListing uhd_listing()
{
  DriverListing listing{.name = "uhd", .description = "USRPs", .if_none = "none found (is it plugged in? see uhd_find_devices)"};
#ifdef RAVI_HAS_UHD
  listing.devices = list_uhd();
#else
  listing.is_available = false;
  listing.if_none = "not in this build: Debian's libuhd-dev was missing";
#endif
  return listing;
}

DriverListing soapy_listing()
{
  DriverListing listing{.name = "soapy",
                        .description = "anything SoapySDR knows",
                        .if_none = "none found (is the device's module installed? see SoapySDRUtil --info)"};
#ifdef RAVI_HAS_SOAPY
  listing.devices = list_soapy();
#else
  listing.is_available = false;
  listing.if_none = "not in this build: Debian's libsoapysdr-dev was missing";
#endif
  return listing;
}

DriverListing air_listing(const std::string& hub)
{
  DriverListing listing{.name = "air", .description = "nodes of the emulated air at " + hub};
  const auto air = list_nodes(hub);
  listing.if_none = air ? "all its nodes are taken" : "no `ravi air` answers there; start one with: ravi air";
  if (!air) return listing;
  for (const ListedNode& node : air->nodes) {
    if (node.is_taken || node.is_foreign) continue;
    listing.devices.push_back({.device = fmt::format("air:{}@{}", node.name, hub),
                               .description = fmt::format("{}, {} transmit and {} receive ports", to_text(air->sample_rate),
                                                          node.num_tx_ports, node.num_rx_ports),
                               .serial = {}});
  }
  return listing;
}

}  // namespace

std::vector<DriverListing> list_radios(const std::string& hub)
{
  std::vector<DriverListing> listings{uhd_listing(), soapy_listing()};
  listings.push_back(air_listing(hub));
  listings.push_back({.name = "zmq",
                      .description = "simulated fronthaul, also of foreign programs",
                      .if_none = "open one as zmq:tx=tcp://*:2000,rx=tcp://127.0.0.1:2001"});
  listings.push_back({.name = "file",
                      .description = "SigMF recordings",
                      .if_none = "open one as file:NAME.sigmf-meta"});
  listings.push_back({.name = "loopback",
                      .description = "nodes within one process (`ravi up`, tests)",
                      .if_none = "only inside a program"});
  return listings;
}

}  // namespace ravi::apps
