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

inline constexpr Numbers<unsigned, 4> kPagingCycleFrames{32, 64, 128, 256};
inline constexpr Numbers<unsigned, 3> kPagingOccasions{4, 2, 1};  // ns

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
// -- cell group -----------------------------------------------------------------------------------------------------
inline constexpr Numbers<unsigned, 12> kSrPeriodSlots{2, 4, 5, 8, 10, 16, 20, 40, 80, 160, 320, 640};  ///< srsUE refuses sl1
inline constexpr Numbers<unsigned, 10> kCsiPeriodSlots{4, 5, 8, 10, 16, 20, 40, 80, 160, 320};
inline constexpr Numbers<unsigned, 5> kSrTransMax{4, 8, 16, 32, 64};
inline constexpr unsigned kInfinity = 0xFFFFFFFF;  ///< the enumerated value `infinity`
inline constexpr Numbers<unsigned, 16> kPeriodicBsrSubframes{1, 5, 10, 16, 20, 32, 40, 64, 80, 128, 160, 320, 640, 1280, 2560, kInfinity};
inline constexpr Numbers<unsigned, 11> kRetxBsrSubframes{10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10'240};
inline constexpr Numbers<unsigned, 6> kNrofHarqProcesses{2, 4, 6, 10, 12, 16};  ///< absent: 8
inline constexpr Numbers<float, 7> kMaxCodeRate{0.08F, 0.15F, 0.25F, 0.35F, 0.45F, 0.60F, 0.80F};
inline constexpr Numbers<float, 4> kScaling{0.5F, 0.65F, 0.8F, 1.0F};
// -- bearers --------------------------------------------------------------------------------------------------------
inline constexpr Numbers<unsigned, 16> kPrioritisedBitRateKBps{0,   8,    16,   32,   64,   128,    256,    512,
                                                               1024, 2048, 4096, 8192, 16'384, 32'768, 65'536, kInfinity};
inline constexpr Numbers<unsigned, 9> kBucketSizeMs{5, 10, 20, 50, 100, 150, 300, 500, 1000};
inline constexpr Numbers<unsigned, 8> kMaxRetxThreshold{1, 2, 3, 4, 6, 8, 16, 32};
inline constexpr Numbers<unsigned, 24> kPollPdu{4,    8,    16,     32,     64,     128,    256,    512,    1024,   2048,   4096,   6144,
                                                8192, 12'288, 16'384, 20'480, 24'576, 28'672, 32'768, 40'960, 49'152, 57'344, 65'536, kInfinity};
inline constexpr Numbers<unsigned, 44> kPollKBytes{
    1,    2,    5,    8,    10,   15,   25,   50,   75,    100,   125,   250,   375,   500,   750,   1000,  1250,  1500,   2000,   3000,   4000,   4500,
    5000, 5500, 6000, 6500, 7000, 7500, 8000, 9000, 10'000, 11'000, 12'000, 13'000, 14'000, 15'000, 16'000, 17'000, 18'000, 20'000, 25'000, 30'000, 40'000, kInfinity};
inline constexpr Numbers<unsigned, 15> kDiscardMs{10, 20, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 750, 1500};
inline constexpr Numbers<unsigned, 36> kPdcpReorderingMs{0,   1,   2,   4,   5,   8,   10,  15,  20,  30,   40,   50,   60,   80,   100,  120,  140,  160,
                                                         180, 200, 220, 240, 260, 280, 300, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000};

/// 0, step, ... last, then `more`.
template <std::size_t N, std::size_t M>
[[nodiscard]] constexpr Numbers<unsigned, N + M> stepped(unsigned first, unsigned step, const Numbers<unsigned, M>& more)
{
  Numbers<unsigned, N + M> numbers{};
  for (std::size_t i = 0; i < N; ++i) numbers[i] = first + static_cast<unsigned>(i) * step;
  for (std::size_t i = 0; i < M; ++i) numbers[N + i] = more[i];
  return numbers;
}
inline constexpr auto kPollRetransmitMs = stepped<50>(5, 5, Numbers<unsigned, 9>{300, 350, 400, 450, 500, 800, 1000, 2000, 4000});
inline constexpr auto kReassemblyMs = stepped<21>(0, 5, Numbers<unsigned, 10>{110, 120, 130, 140, 150, 160, 170, 180, 190, 200});
inline constexpr auto kStatusProhibitMs = stepped<51>(0, 5, Numbers<unsigned, 11>{300, 350, 400, 450, 500, 800, 1000, 1200, 1600, 2000, 2400});

}  // namespace ravi::rrc
