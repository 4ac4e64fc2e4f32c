#pragma once
// SearchSpace of TS 38.331 to and from the plain struct; for broadcast and dedicated configuration alike.

#include "stack/asn1/rrc.h"
#include "stack/nr/cell.h"
#include "stack/rrc/enumerated.h"

#include <optional>

namespace ravi::rrc {

[[nodiscard]] asn1::rrc::SearchSpace search_space_ie(const nr::SearchSpace& space, Enumerator& enumerator);
/// Nothing where a needed field is absent or says what is not built (several occasions a slot, other DCI formats).
[[nodiscard]] std::optional<nr::SearchSpace> read_search_space(const asn1::rrc::SearchSpace& ie);

}  // namespace ravi::rrc
