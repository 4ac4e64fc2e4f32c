#pragma once
// Unified access control: what SIB1 says of it, and the UE's check before it asks for a connection. TS 38.331 §5.3.14, §6.3.2
// (UAC-BarringInfoSet); TS 24.501 §4.5.

#include "stack/nr/cell.h"
#include "stack/rrc/enumerated.h"
#include "stack/rrc/rrc_action.h"

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace ravi::asn1::rrc {
struct Sib1;
}

namespace ravi::rrc {

inline constexpr Numbers<unsigned, 16> kBarringFactorPercent{0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95};
inline constexpr Numbers<unsigned, 8> kBarringTimeSeconds{4, 8, 16, 32, 64, 128, 256, 512};
inline constexpr unsigned kNumAccessCategories = 64;

/// What SIB1 cannot say of it, for people, each with the nearest that it can; empty: nothing.
[[nodiscard]] std::vector<std::string> faults_of(const std::vector<nr::AccessBarring>& barrings);
/// For all of the cell's PLMNs. A set for each category, as many as a message holds (8). Nothing where nobody is held back.
void write_access_barring(const nr::Cell& cell, asn1::rrc::Sib1& sib1, Enumerator& enumerator);
/// For the PLMN with that index in SIB1, from 0 on.
[[nodiscard]] std::vector<nr::AccessBarring> read_access_barring(const asn1::rrc::Sib1& sib1, unsigned plmn_index);

/// The access category of a connection's establishment cause, by its number. TS 24.501 Table 4.5.6.1.
[[nodiscard]] unsigned access_category_of(unsigned establishment_cause);

/// The UE's side, with a timer T390 a category.
class AccessControl {
public:
  /// May an access of that category go on? If not, it waits until `is_barred` says no. `identities`: those of the UE, bits as in
  /// `AccessBarring`. TS 38.331 §5.3.14.5.
  [[nodiscard]] bool allows(unsigned category, std::uint8_t identities, const std::vector<nr::AccessBarring>& of_cell, Time now,
                            std::mt19937_64& random);
  /// T390 runs.
  [[nodiscard]] bool is_barred(unsigned category, Time now) const;
  /// Another cell: all T390 stop.
  void stop() { t390_ = {}; }

private:
  std::array<std::optional<Time>, kNumAccessCategories> t390_;
};

}  // namespace ravi::rrc
