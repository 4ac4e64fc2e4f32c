// ravi devices: what radios there are, each with the string that opens it.

#include "apps/command.h"
#include "apps/list_radios.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace ravi::apps {
namespace {

struct DevicesOptions {
  std::string hub = "tcp://127.0.0.1:5550";
  bool is_json = false;
};

void print_table(const std::vector<DriverListing>& drivers)
{
  for (const DriverListing& driver : drivers) {
    fmt::print("{}  {}\n", driver.name, driver.description);
    for (const FoundDevice& found : driver.devices) {
      fmt::print("    {:<48} {}{}\n", found.device, found.description,
                 found.serial.empty() ? "" : fmt::format("  (serial {})", found.serial));
    }
    if (driver.devices.empty()) fmt::print("    {}\n", driver.if_none);
  }
}

int run_devices(const DevicesOptions& options)
{
  const std::vector<DriverListing> drivers = list_radios(options.hub);
  const bool is_any = std::any_of(drivers.begin(), drivers.end(), [](const auto& d) { return !d.devices.empty(); });
  if (!options.is_json) {
    print_table(drivers);
    return is_any ? kDone : kAnswerIsNo;
  }
  nlohmann::ordered_json report;
  report["drivers"] = nlohmann::ordered_json::array();
  for (const DriverListing& driver : drivers) {
    nlohmann::ordered_json entry{{"driver", driver.name},
                                 {"available", driver.is_available},
                                 {"description", driver.description},
                                 {"devices", nlohmann::ordered_json::array()}};
    for (const FoundDevice& found : driver.devices) {
      entry["devices"].push_back(
          {{"device", found.device}, {"description", found.description}, {"serial", found.serial}});
    }
    report["drivers"].push_back(std::move(entry));
  }
  fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  return is_any ? kDone : kAnswerIsNo;
}

}  // namespace

void add_devices(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<DevicesOptions>();
  CLI::App* command = ravi.add_subcommand("devices", "Lists the radios that can be opened now");
  command->add_option("--air", options->hub, "address of the `ravi air` to ask for free nodes")->capture_default_str();
  command->add_flag("--json", options->is_json, "one JSON document on standard output");
  command->footer("Example: ravi devices --json\nExit status 1: no hardware and no air was found.");
  command->callback([options, &run] { run = [options] { return run_devices(*options); }; });
}

}  // namespace ravi::apps
