#include "radio/recording/file.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace ravi::recording {

File::~File()
{
  if (is_open()) ::close(descriptor_);
}

File open_to_read(const std::string& path) { return File(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

File open_new(const std::string& path) { return File(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)); }

std::ptrdiff_t read_at(const File& file, std::span<std::byte> out, std::size_t offset) noexcept
{
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(file.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return static_cast<std::ptrdiff_t>(done);
}

std::size_t write_all(const File& file, std::span<const std::byte> bytes) noexcept
{
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

bool set_direct(const File& file, bool is_direct) noexcept
{
  const int flags = ::fcntl(file.get(), F_GETFL);
  return flags >= 0 && ::fcntl(file.get(), F_SETFL, is_direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

Result<void> replace_file(const std::string& path, std::string_view text)
{
  const std::string temporary = path + ".tmp";
  const auto failure = [&temporary](const std::string& where) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return fail(ErrorCode::io, fmt::format("cannot write {}: {}", where, system_text(error)));
  };
  File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return failure(temporary);
  const auto bytes = std::as_bytes(std::span(text));
  if (write_all(file, bytes) != bytes.size() || ::fsync(file.get()) != 0) return failure(temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failure(path);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const File opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) ::fsync(opened.get());  // makes the new name last; some file systems refuse, and need none
  return {};
}

std::string system_text(int error) { return std::generic_category().message(error); }

}  // namespace ravi::recording
