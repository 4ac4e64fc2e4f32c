#pragma once
// How refused set-up and bad outside input are reported: a value, or an Error that says what to change.

#include <tl/expected.hpp>

#include <string>

namespace ravi {

/// Why something was refused; decides the exit code of a subcommand (`apps/`).
enum class ErrorCode {
  bad_input,    ///< a command line, file, message or value that cannot be used as given
  not_found,    ///< no such device, file, port or node
  busy,         ///< it exists but somebody else holds it
  unsupported,  ///< the device or driver cannot do this
  refused,      ///< not allowed: permission, or transmission without authorization
  io,           ///< a radio, disk or network failed
};

/// `message` is one sentence for a person: what was wrong, with its value, and what to do about it.
struct Error {
  ErrorCode code = ErrorCode::io;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::bad_input, "...")` in any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message)
{
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace ravi
