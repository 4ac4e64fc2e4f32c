#include "apps/progress.h"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace ravi::apps {
namespace {

/// A line that is longer would not be rewritten but scroll.
std::size_t terminal_columns()
{
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress() : is_terminal_(isatty(STDERR_FILENO) == 1) {}
Progress::~Progress() { finish(); }

void Progress::show(std::optional<double> fraction, const std::string& text)
{
  if (!is_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (is_shown_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  is_shown_ = true;
  constexpr int kWidth = 30;
  constexpr std::size_t kBarColumns = kWidth + 8;
  const std::size_t columns = terminal_columns();
  std::string bar;
  if (fraction && kBarColumns + text.size() < columns) {
    const int filled = static_cast<int>(std::clamp(*fraction, 0.0, 1.0) * kWidth);
    for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
    bar += fmt::format(" {:3.0f} %  ", std::clamp(*fraction, 0.0, 1.0) * 100.0);
  }
  fmt::print(stderr, "\r\x1b[K{}{}", bar, text.substr(0, columns - 1));
  std::fflush(stderr);
}

void Progress::finish()
{
  if (!is_shown_) return;
  is_shown_ = false;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace ravi::apps
