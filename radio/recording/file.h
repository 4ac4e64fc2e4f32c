#pragma once
// A file descriptor with an owner, and the calls on it that a recording needs.

#include "radio/result.h"

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ravi::recording {

/// Closed when it goes.
class File {
public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept
  {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  void close() { *this = File(); }

private:
  int descriptor_ = -1;
};

/// Opened with close-on-exec; not open (and errno set) on failure.
[[nodiscard]] File open_to_read(const std::string& path);
/// Made anew; refused (EEXIST) where a file or link of that name is.
[[nodiscard]] File open_new(const std::string& path);

/// Reads from `offset` until `out` is full or the file ends. Returns the bytes read, or -1 with errno.
[[nodiscard]] std::ptrdiff_t read_at(const File& file, std::span<std::byte> out, std::size_t offset) noexcept;

/// Appends `bytes`. Returns how many were written, fewer than all only on failure, with errno.
[[nodiscard]] std::size_t write_all(const File& file, std::span<const std::byte> bytes) noexcept;

/// Writing past the system's page cache (O_DIRECT): memory, place and size in multiples of 4096 bytes from now on. False: the
/// file system does not.
[[nodiscard]] bool set_direct(const File& file, bool is_direct) noexcept;

/// The whole of `path` becomes `text`, at once: after a crash or power cut it is the old text or the new one. Goes through
/// `path`.tmp; errno text in the error.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view text);

/// What the system says about `error` (an errno).
[[nodiscard]] std::string system_text(int error);

}  // namespace ravi::recording
