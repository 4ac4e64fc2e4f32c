#pragma once
// The ready cells of this folder's YAML files, which the program carries in itself.

#include "radio/result.h"
#include "stack/rrc/derive_cell.h"

#include <span>
#include <string>
#include <string_view>

namespace ravi::config {

struct Profile {
  std::string_view name;  ///< the file's, without ".yaml"
  std::string_view text;
};

[[nodiscard]] std::span<const Profile> profiles() noexcept;

/// A profile by its name, or a file of such a form by its path. `bad_input`: neither; the message names the profiles.
[[nodiscard]] Result<rrc::CellIntent> load_profile(const std::string& name_or_path);

}  // namespace ravi::config
