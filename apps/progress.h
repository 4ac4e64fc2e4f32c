#pragma once
// One line on standard error that keeps being rewritten, when that is a terminal; nothing otherwise.

#include <chrono>
#include <optional>
#include <string>

namespace ravi::apps {

/// Shows at most ten lines a second; erased by `finish` or when it goes out of scope.
class Progress {
public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `fraction` of the work done, 0..1 (none: unknown, no bar), and a few words: "1.2 GS  61.4 MS/s  0 lost".
  void show(std::optional<double> fraction, const std::string& text);
  void finish();

private:
  bool is_terminal_ = false;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace ravi::apps
