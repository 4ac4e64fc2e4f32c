#pragma once
// What every subcommand of `ravi` is made of: an `add_NAME` function in a file of its own, exit codes, quantities as options.

#include "radio/quantity_text.h"
#include "radio/result.h"

#include <CLI/CLI.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <string>

namespace ravi::apps {

/// How `ravi` ends.
enum ExitCode : int {
  kDone = 0,          ///< it ran; the answer is yes
  kAnswerIsNo = 1,    ///< it ran and the answer is no: nothing found, a limit failed
  kBadInput = 2,      ///< bad usage or input
  kRadioFailure = 3,  ///< radio, disk or network failure
};

/// The work of the chosen subcommand; returns an ExitCode. Set by the subcommand's callback once parsing succeeded.
using Run = std::function<int()>;

/// Adds a subcommand to `ravi`. Its options live in a shared state that the callback hands to `run`.
void add_air(CLI::App& ravi, Run& run);
void add_cells(CLI::App& ravi, Run& run);
void add_config(CLI::App& ravi, Run& run);
void add_core(CLI::App& ravi, Run& run);
void add_devices(CLI::App& ravi, Run& run);
void add_gnb(CLI::App& ravi, Run& run);
void add_record(CLI::App& ravi, Run& run);
void add_replay(CLI::App& ravi, Run& run);
void add_spectrum(CLI::App& ravi, Run& run);
void add_subscribers(CLI::App& ravi, Run& run);
void add_ue(CLI::App& ravi, Run& run);
void add_up(CLI::App& ravi, Run& run);

/// Prints "ravi: MESSAGE" on standard error and returns the exit code that belongs to the error.
int report(const Error& error);

/// True once the user asked to stop (SIGINT, SIGTERM). The first call installs the handlers; a second Ctrl-C ends the
/// program at once.
[[nodiscard]] const std::atomic<bool>& stop_requested();

/// Option whose text is read by one of the functions of radio/quantity_text.h: `add_quantity(app, "--rate", rate, parse_sample_rate, "...")`.
template <class T>
CLI::Option* add_quantity(CLI::App& app, const std::string& name, std::optional<T>& value,
                          Result<T> (*parse)(std::string_view), const std::string& help)
{
  return app.add_option_function<std::string>(
      name,
      [&value, parse, name](const std::string& text) {
        const Result<T> parsed = parse(text);
        if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
        value = *parsed;
      },
      help);
}

}  // namespace ravi::apps
