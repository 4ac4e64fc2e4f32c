#pragma once
// ENUMERATED values that stand for numbers: `t300 ENUMERATED {ms100, ms200, ...}` and the like of TS 38.331 §6.3.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace ravi::rrc {

/// The numbers in the order of the enumeration.
template <class V, std::size_t N>
using Numbers = std::array<V, N>;

/// What `value` stands for; nothing for a spare or a later release's.
template <class E, class V, std::size_t N>
[[nodiscard]] constexpr std::optional<V> number_of(const Numbers<V, N>& numbers, E value) noexcept
{
  const auto index = static_cast<std::size_t>(value);
  return index < N ? std::optional(numbers[index]) : std::nullopt;
}

/// The value that stands for exactly `number`.
template <class E, class V, std::size_t N>
[[nodiscard]] constexpr std::optional<E> enumerated(const Numbers<V, N>& numbers, V number) noexcept
{
  for (std::size_t i = 0; i < N; ++i) {
    if (numbers[i] == number) return static_cast<E>(i);
  }
  return std::nullopt;
}

/// Collects what a message cannot say: the first field whose number has no enumerated value.
class Enumerator {
public:
  template <class E, class V, std::size_t N>
  void set(E& out, const Numbers<V, N>& numbers, V number, const char* field) noexcept
  {
    const auto value = enumerated<E>(numbers, number);
    if (value) {
      out = *value;
    } else if (fault_ == nullptr) {
      fault_ = field;
    }
  }
  void fail(const char* field) noexcept
  {
    if (fault_ == nullptr) fault_ = field;
  }
  /// nullptr: all had one.
  [[nodiscard]] const char* fault() const noexcept { return fault_; }

private:
  const char* fault_ = nullptr;
};

using Ms = std::chrono::milliseconds;

// -- UE-TimersAndConstants ------------------------------------------------------------------------------------------
inline constexpr Numbers<Ms, 8> kT300{Ms{100}, Ms{200}, Ms{300}, Ms{400}, Ms{600}, Ms{1000}, Ms{1500}, Ms{2000}};  ///< and T301, T319
inline constexpr Numbers<Ms, 7> kT310{Ms{0}, Ms{50}, Ms{100}, Ms{200}, Ms{500}, Ms{1000}, Ms{2000}};
inline constexpr Numbers<Ms, 7> kT311{Ms{1000}, Ms{3000}, Ms{5000}, Ms{10'000}, Ms{15'000}, Ms{20'000}, Ms{30'000}};
inline constexpr Numbers<unsigned, 8> kN310{1, 2, 3, 4, 6, 8, 10, 20};
inline constexpr Numbers<unsigned, 8> kN311{1, 2, 3, 4, 5, 6, 8, 10};
// -- SIB1 -----------------------------------------------------------------------------------------------------------
inline constexpr Numbers<unsigned, 6> kSsbPeriodMs{5, 10, 20, 40, 80, 160};
inline constexpr Numbers<std::int64_t, 3> kNTaOffsetTc{0, 25'600, 39'936};
inline constexpr Numbers<int, 8> kTddPeriodUs{500, 625, 1000, 1250, 2000, 2500, 5000, 10'000};
inline constexpr Numbers<int, 2> kTddPeriodV1530Us{3000, 4000};
inline constexpr Numbers<unsigned, 11> kPreambleTransMax{3, 4, 5, 6, 7, 8, 10, 20, 50, 100, 200};
inline constexpr Numbers<unsigned, 4> kPowerRampingStepDb{0, 2, 4, 6};
inline constexpr Numbers<unsigned, 8> kRaResponseWindowSlots{1, 2, 4, 8, 10, 20, 40, 80};
inline constexpr Numbers<unsigned, 8> kContentionResolutionSubframes{8, 16, 24, 32, 40, 48, 56, 64};
inline constexpr Numbers<std::uint8_t, 8> kNrofCandidates{0, 1, 2, 3, 4, 5, 6, 8};
/// Alternatives of monitoringSlotPeriodicityAndOffset, in slots.
inline constexpr Numbers<unsigned, 15> kMonitoringPeriodSlots{1, 2, 4, 5, 8, 10, 16, 20, 40, 80, 160, 320, 640, 1280, 2560};

}  // namespace ravi::rrc
