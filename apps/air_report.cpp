#include "apps/air_report.h"

#include "radio/air/hub_command.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ravi::apps {
namespace {

double air_time_s(const air::HubStatus& status) { return to_seconds(status.now - SampleTime(0), status.sample_rate); }

double rate_of(double amount, double elapsed_s) { return elapsed_s > 0.0 ? amount / elapsed_s : 0.0; }

}  // namespace

std::string status_line(const air::HubStatus& status, double elapsed_s)
{
  std::string text =
      fmt::format("{:.1f} s  {:.2f}x real time  {:.1f} MS/s", air_time_s(status), rate_of(air_time_s(status), elapsed_s),
                  rate_of(static_cast<double>(status.now.value()), elapsed_s) / 1e6);
  for (const air::HubNodeStatus& node : status.nodes) {
    text += fmt::format("  {} ", node.name);
    if (!node.is_present) {
      text += "absent";
    } else {
      text += node.level ? fmt::format("{:.1f} dBFS", node.level->value()) : "silent";
    }
  }
  if (!status.waits_for.empty()) text += fmt::format("  (waiting for {})", status.waits_for);
  return text;
}

std::string summary_json(const air::HubStatus& status, double elapsed_s)
{
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const air::HubNodeStatus& node : status.nodes) {
    nlohmann::ordered_json entry{{"name", node.name}, {"present", node.is_present}};
    entry["level_dbfs"] = node.level ? nlohmann::ordered_json(node.level->value()) : nlohmann::ordered_json(nullptr);
    entry["samples_from_node"] = node.from_node;
    entry["samples_to_node"] = node.to_node;
    entry["late_blocks"] = node.late_blocks;
    entry["malformed"] = node.malformed;
    entry["not_finite"] = node.not_finite;
    entry["reconnects"] = node.reconnects;
    nodes.push_back(std::move(entry));
  }
  const nlohmann::ordered_json document{
      {"sample_rate_hz", status.sample_rate.hz()},
      {"samples", status.now.value()},
      {"air_time_s", air_time_s(status)},
      {"elapsed_s", elapsed_s},
      {"steps", status.num_steps},
      {"nodes", nodes},
      {"faults",
       {{"dropped_blocks", status.faults.dropped_blocks},
        {"repeated_blocks", status.faults.repeated_blocks},
        {"late_blocks", status.faults.late_blocks},
        {"corrupted_blocks", status.faults.corrupted_blocks},
        {"slips", status.faults.slips}}},
  };
  return document.dump(2);
}

std::string summary_text(const air::HubStatus& status, double elapsed_s)
{
  std::string text = air::describe(status);
  text += fmt::format("\n{:.2f} times real time", rate_of(air_time_s(status), elapsed_s));
  const std::uint64_t num_faults = status.faults.dropped_blocks + status.faults.repeated_blocks +
                                   status.faults.late_blocks + status.faults.corrupted_blocks;
  if (num_faults > 0) text += fmt::format(", {} blocks hit by faults", num_faults);
  return text;
}

}  // namespace ravi::apps
