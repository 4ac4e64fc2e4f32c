#include "apps/list_radios.h"

#if __has_include("drivers/zmq/handshake.h")
#include "drivers/zmq/handshake.h"
#endif
#if defined(RAVI_HAS_UHD) && __has_include("drivers/uhd/uhd_radio.h")
#include "drivers/uhd/uhd_radio.h"
#endif
#if defined(RAVI_HAS_SOAPY) && __has_include("drivers/soapy/soapy_radio.h")
#include "drivers/soapy/soapy_radio.h"
#endif

#include <fmt/format.h>

namespace ravi::apps {
namespace {

DriverListing uhd_listing()
{
  DriverListing listing{.name = "uhd", .description = "USRPs", .if_none = "none found (is it plugged in? see uhd_find_devices)"};
#if defined(RAVI_HAS_UHD) && __has_include("drivers/uhd/uhd_radio.h")
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
#if defined(RAVI_HAS_SOAPY) && __has_include("drivers/soapy/soapy_radio.h")
  listing.devices = list_soapy();
#else
  listing.is_available = false;
  listing.if_none = "not in this build: Debian's libsoapysdr-dev was missing";
#endif
  return listing;
}

}  // namespace

std::vector<DriverListing> list_radios(const std::string& hub)
{
  std::vector<DriverListing> listings{uhd_listing(), soapy_listing()};
  listings.push_back({.name = "air",
                      .description = "nodes of the emulated air at " + hub,
                      .if_none = "no `ravi air` answers there; start one with: ravi air"});
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
