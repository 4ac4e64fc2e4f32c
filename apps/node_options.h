#pragma once
// What `ravi gnb`, `ravi ue` and `ravi core` have in common: the file they read, how they end, what they say meanwhile.

#include "apps/open_radio.h"
#include "apps/progress.h"
#include "config/network_config.h"
#include "radio/result.h"
#include "stack/nr/cell.h"
#include "stack/security/aka.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ravi::apps {

struct NodeOptions {
  std::string config_file;
  std::vector<std::string> settings;
  std::optional<std::chrono::nanoseconds> duration;
  bool is_licensed_to_transmit = false;
  bool is_json = false;
};

/// -c/--config, --set, --duration, --json; `has_radio`: also --i-am-licensed-to-transmit. `options` must outlive parsing.
enum class HasRadio { no, yes };
void add_node_options(CLI::App& app, NodeOptions& options, HasRadio has_radio);

/// The file, with the settings of the command line; without a file only those.
[[nodiscard]] Result<config::NetworkConfig> load(const NodeOptions& options);

/// The radio of a gNB or UE: opened, and if it is hardware tuned; transmission by hardware needs the licence said.
struct DuplexTune {
  Hertz receive, transmit;
};
[[nodiscard]] Result<std::unique_ptr<Radio>> open_duplex(const config::RadioSection& radio, SampleRate rate, const DuplexTune& tune,
                                                         const NodeOptions& options);
/// The one given, the one that the radio was opened with, or the smallest of the usual ones that holds the channel.
[[nodiscard]] SampleRate rate_for(const config::RadioSection& radio, Hertz bandwidth);

[[nodiscard]] Result<security::Subscriber> keys_of(const config::UsimSection& usim);

/// Lines about what happened, with the time since the program began; and one line that is rewritten, on a terminal. Lines may
/// come from any thread.
class Journal {
public:
  /// `is_json`: standard output is kept for the report.
  explicit Journal(bool is_json) : is_json_(is_json) {}
  void say(const std::string& text);
  void show(const std::string& status);
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

private:
  bool is_json_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  Progress progress_;
};

}  // namespace ravi::apps
