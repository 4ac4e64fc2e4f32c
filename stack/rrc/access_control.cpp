#include "stack/rrc/access_control.h"

#include "stack/asn1/rrc.h"

#include <fmt/format.h>

#include <algorithm>

namespace ravi::rrc {
namespace {

namespace ie = asn1::rrc;

constexpr std::size_t kMaxSets = 8;  // maxBarringInfoSet
constexpr unsigned kMobileTerminated = 0;

}  // namespace

std::vector<std::string> faults_of(const std::vector<nr::AccessBarring>& barrings)
{
  const auto nearest_of = [](const auto& numbers, unsigned wanted) {
    return *std::ranges::min_element(numbers, {}, [wanted](unsigned n) { return std::max(n, wanted) - std::min(n, wanted); });
  };
  std::vector<std::string> faults;
  if (barrings.size() > kMaxSets) faults.push_back(fmt::format("SIB1 has room for {} categories with access barring", kMaxSets));
  for (const nr::AccessBarring& barring : barrings) {
    const unsigned factor = nearest_of(kBarringFactorPercent, barring.factor_percent);
    const unsigned time = nearest_of(kBarringTimeSeconds, barring.time_s);
    if (factor != barring.factor_percent) faults.push_back(fmt::format("a barring factor of {} % cannot be told; the nearest is {}", barring.factor_percent, factor));
    if (time != barring.time_s) faults.push_back(fmt::format("a barring time of {} s cannot be told; the nearest is {}", barring.time_s, time));
    if (barring.category == 0 || barring.category >= kNumAccessCategories) faults.emplace_back("access categories that can be barred are 1 to 63");
    if (std::ranges::count(barrings, barring.category, &nr::AccessBarring::category) > 1) {
      faults.push_back(fmt::format("access category {} is barred twice", barring.category));
    }
  }
  return faults;
}

void write_access_barring(const nr::Cell& cell, ie::Sib1& sib1, Enumerator& enumerator)
{
  if (cell.access_barring.empty()) return;
  if (cell.access_barring.size() > kMaxSets) return enumerator.fail("uac-BarringInfoSetList");
  ie::Sib1::UacBarringInfo& info = sib1.uac_barring_info.emplace();
  ie::UacBarringPerCatList& common = info.uac_barring_for_common.emplace();
  for (const nr::AccessBarring& barring : cell.access_barring) {
    ie::UacBarringInfoSet& set = info.uac_barring_info_set_list.emplace_back();
    enumerator.set(set.uac_barring_factor, kBarringFactorPercent, barring.factor_percent, "uac-BarringFactor");
    enumerator.set(set.uac_barring_time, kBarringTimeSeconds, barring.time_s, "uac-BarringTime");
    set.uac_barring_for_access_identity.value = barring.barred_identities;
    ie::UacBarringPerCat& category = common.emplace_back();
    category.access_category = barring.category;
    category.uac_barring_info_set_index = static_cast<unsigned>(info.uac_barring_info_set_list.size());
  }
}

std::vector<nr::AccessBarring> read_access_barring(const ie::Sib1& sib1, unsigned plmn_index)
{
  std::vector<nr::AccessBarring> all;
  if (!sib1.uac_barring_info) return all;
  const auto& info = *sib1.uac_barring_info;
  const auto add = [&](unsigned category, std::size_t set_index) {
    if (set_index == 0 || set_index > info.uac_barring_info_set_list.size()) return;  // no such set: not barred
    const ie::UacBarringInfoSet& set = info.uac_barring_info_set_list[set_index - 1];
    all.push_back({.category = category,
                   .factor_percent = number_of(kBarringFactorPercent, set.uac_barring_factor).value_or(100),
                   .time_s = number_of(kBarringTimeSeconds, set.uac_barring_time).value_or(4),
                   .barred_identities = static_cast<std::uint8_t>(set.uac_barring_for_access_identity.value)});
  };
  const auto add_list = [&](const ie::UacBarringPerCatList& list) {
    for (const ie::UacBarringPerCat& entry : list) add(entry.access_category, entry.uac_barring_info_set_index);
  };
  // What is said of the PLMN stands in place of what is said of all.
  if (info.uac_barring_per_plmn_list) {
    for (const ie::UacBarringPerPlmn& plmn : *info.uac_barring_per_plmn_list) {
      if (plmn.plmn_identity_index != plmn_index + 1) continue;
      if (!plmn.uac_ac_barring_list_type) return all;
      if (const auto* list = plmn.uac_ac_barring_list_type->uac_explicit_ac_barring_list()) add_list(*list);
      if (const auto* sets = plmn.uac_ac_barring_list_type->uac_implicit_ac_barring_list()) {
        for (std::size_t i = 0; i < sets->size(); ++i) add(static_cast<unsigned>(i) + 1, (*sets)[i]);
      }
      return all;
    }
  }
  if (info.uac_barring_for_common) add_list(*info.uac_barring_for_common);
  return all;
}

unsigned access_category_of(unsigned establishment_cause)
{
  // emergency, highPriorityAccess, mt-Access, mo-Signalling, mo-Data, mo-VoiceCall, mo-VideoCall, mo-SMS, mps-, mcs-PriorityAccess
  constexpr std::array<unsigned, 10> kCategory{2, 7, kMobileTerminated, 3, 7, 4, 5, 6, 7, 7};
  return establishment_cause < kCategory.size() ? kCategory[establishment_cause] : 7;
}

bool AccessControl::allows(unsigned category, std::uint8_t identities, const std::vector<nr::AccessBarring>& of_cell, Time now,
                           std::mt19937_64& random)
{
  if (category == kMobileTerminated || category >= kNumAccessCategories) return true;
  if (is_barred(category, now)) return false;
  const auto barring = std::ranges::find(of_cell, category, &nr::AccessBarring::category);
  if (barring == of_cell.end()) return true;
  if ((identities & ~barring->barred_identities & 0x7F) != 0) return true;
  std::uniform_real_distribution<double> draw(0.0, 1.0);
  if (draw(random) * 100.0 < barring->factor_percent) return true;
  const double waits_ms = (0.7 + 0.6 * draw(random)) * 1000.0 * barring->time_s;
  t390_[category] = now + Time(static_cast<Time::rep>(waits_ms));
  return false;
}

bool AccessControl::is_barred(unsigned category, Time now) const
{
  return category < kNumAccessCategories && t390_[category] && now < *t390_[category];
}

}  // namespace ravi::rrc
