// ravi config: what a configuration file means.

#include "apps/command.h"
#include "config/cell_config_yaml.h"
#include "config/network_config_yaml.h"
#include "stack/rrc/derive_cell.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace ravi::apps {
namespace {

struct ExplainOptions {
  std::string file;
  bool is_json = false;
};

int run_explain(const ExplainOptions& options)
{
  const auto intent = config::load_cell_config(options.file);
  if (!intent) return report(intent.error());
  const auto derived = rrc::derive_cell(*intent);
  if (!derived) return report({derived.error().code, fmt::format("{}: {}", options.file, derived.error().message)});
  if (!options.is_json) {
    fmt::print("{}", rrc::explain(*derived));
    return kDone;
  }
  nlohmann::ordered_json out;
  out["values"] = nlohmann::ordered_json::array();
  for (const rrc::DerivedValue& v : derived->values) {
    out["values"].push_back({{"name", v.name}, {"value", v.value}, {"clause", v.clause}, {"reason", v.reason}});
  }
  fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  return kDone;
}

}  // namespace

void add_config(CLI::App& ravi, Run& run)
{
  CLI::App* const command = ravi.add_subcommand("config", "what a configuration file means");
  command->require_subcommand(1);
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* const explain = command->add_subcommand("explain", "each value of the cell, the clause it follows from, and why");
  explain->add_option("FILE", options->file, "a file with a cell in it, e.g. config/fdd-n3-10mhz.yaml")->required();
  explain->add_flag("--json", options->is_json, "as JSON");
  explain->callback([options, &run] { run = [options] { return run_explain(*options); }; });
  CLI::App* const keys = command->add_subcommand("keys", "every key of a cell, with unit, range and default");
  auto has_network = std::make_shared<bool>(false);
  keys->add_flag("--network", *has_network, "those of a network's file: gnb, ue, core too");
  keys->callback([has_network, &run] {
    run = [has_network] {
      fmt::print("{}", *has_network ? config::network_config_reference() : config::cell_config_reference());
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace ravi::apps
