#include "config/cell_config_yaml.h"
#include "config/profiles.h"

#include <fmt/format.h>

#include <filesystem>

namespace ravi::config {

Result<rrc::CellIntent> load_profile(const std::string& name_or_path)
{
  std::string names;
  for (const Profile& profile : profiles()) {
    if (profile.name == name_or_path) return parse_cell_config(profile.text, name_or_path);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", profile.name);
  }
  std::error_code error;
  if (std::filesystem::exists(name_or_path, error)) return load_cell_config(name_or_path);
  return fail(ErrorCode::bad_input,
              fmt::format("no profile and no file '{}'; the profiles are {}", name_or_path, names));
}

}  // namespace ravi::config
