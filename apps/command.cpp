#include "apps/command.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

namespace ravi::apps {
namespace {

std::atomic<bool> is_stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_stop_signal(int signal_number)
{
  is_stop_requested.store(true);
  std::signal(signal_number, SIG_DFL);  // the next one ends the program
}

}  // namespace

int report(const Error& error)
{
  fmt::print(stderr, "ravi: {}\n", error.message);
  switch (error.code) {
    case ErrorCode::bad_input:
    case ErrorCode::unsupported:
    case ErrorCode::refused:
      return kBadInput;
    case ErrorCode::not_found:
    case ErrorCode::busy:
    case ErrorCode::io:
      return kRadioFailure;
  }
  return kRadioFailure;
}

const std::atomic<bool>& stop_requested()
{
  static const bool is_installed = [] {
    std::signal(SIGINT, on_stop_signal);
    std::signal(SIGTERM, on_stop_signal);
    return true;
  }();
  static_cast<void>(is_installed);
  return is_stop_requested;
}

}  // namespace ravi::apps
