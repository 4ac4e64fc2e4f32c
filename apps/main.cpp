// ravi: one program, a subcommand a job.

#include "apps/command.h"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

int main(int argc, char** argv)
{
  // Standard output belongs to reports; everything else goes to standard error.
  spdlog::set_default_logger(spdlog::stderr_color_mt("ravi"));
  spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
  spdlog::set_level(spdlog::level::warn);

  CLI::App app("Ravi: a software-defined-radio 5G NR testbed node", "ravi");
  app.set_version_flag("--version", RAVI_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  bool is_verbose = false;
  app.add_flag("-v,--verbose", is_verbose, "tell more on standard error");

  ravi::apps::Run run;
  ravi::apps::add_up(app, run);
  ravi::apps::add_gnb(app, run);
  ravi::apps::add_ue(app, run);
  ravi::apps::add_core(app, run);
  ravi::apps::add_air(app, run);
  ravi::apps::add_cells(app, run);
  ravi::apps::add_config(app, run);
  ravi::apps::add_devices(app, run);
  ravi::apps::add_record(app, run);
  ravi::apps::add_replay(app, run);
  ravi::apps::add_spectrum(app, run);
  ravi::apps::add_subscribers(app, run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? ravi::apps::kDone : ravi::apps::kBadInput;
  }
  if (is_verbose) spdlog::set_level(spdlog::level::info);
  return run();
}
