#include "radio/air/tdl_tables.h"

namespace ravi::air {
namespace {

// TS 38.901 Table 7.7.2-1
constexpr TdlTap kTdlA[] = {
    {0.0000, -13.4}, {0.3819, 0.0},   {0.4025, -2.2},  {0.5868, -4.0},  {0.4610, -6.0},  {0.5375, -8.2},
    {0.6708, -9.9},  {0.5750, -10.5}, {0.7618, -7.5},  {1.5375, -15.9}, {1.8978, -6.6},  {2.2242, -16.7},
    {2.1718, -12.4}, {2.4942, -15.2}, {2.5119, -10.8}, {3.0582, -11.3}, {4.0810, -12.7}, {4.4579, -16.2},
    {4.5695, -18.3}, {4.7966, -18.9}, {5.0066, -16.6}, {5.3043, -19.9}, {9.6586, -29.7},
};

// TS 38.901 Table 7.7.2-2
constexpr TdlTap kTdlB[] = {
    {0.0000, 0.0},  {0.1072, -2.2},  {0.2155, -4.0},  {0.2095, -3.2}, {0.2870, -9.8},  {0.2986, -1.2},
    {0.3752, -3.4}, {0.5055, -5.2},  {0.3681, -7.6},  {0.3697, -3.0}, {0.5700, -8.9},  {0.5283, -9.0},
    {1.1021, -4.8}, {1.2756, -5.7},  {1.5474, -7.5},  {1.7842, -1.9}, {2.0169, -7.6},  {2.8294, -12.2},
    {3.0219, -9.8}, {3.6187, -11.4}, {4.1067, -14.9}, {4.2790, -9.2}, {4.7834, -11.3},
};

// TS 38.901 Table 7.7.2-3
constexpr TdlTap kTdlC[] = {
    {0.0000, -4.4},  {0.2099, -1.2},  {0.2219, -3.5},  {0.2329, -5.2},  {0.2176, -2.5},  {0.6366, 0.0},
    {0.6448, -2.2},  {0.6560, -3.9},  {0.6584, -7.4},  {0.7935, -7.1},  {0.8213, -10.7}, {0.9336, -11.1},
    {1.2285, -5.1},  {1.3083, -6.8},  {2.1704, -8.7},  {2.7105, -13.2}, {4.2589, -13.9}, {4.6003, -13.9},
    {5.4902, -15.8}, {5.6077, -17.1}, {6.3065, -16.0}, {6.6374, -15.7}, {7.0427, -21.6}, {8.6523, -22.8},
};

// TS 38.901 Table 7.7.2-4: K factor of the first tap 13.3 dB
constexpr double kTdlDLosDb = -0.2;
constexpr TdlTap kTdlD[] = {
    {0.000, -13.5}, {0.035, -18.8}, {0.612, -21.0}, {1.363, -22.8}, {1.405, -17.9}, {1.804, -20.1},  {2.596, -21.9},
    {1.775, -22.9}, {4.042, -27.8}, {7.937, -23.6}, {9.424, -24.8}, {9.708, -30.0}, {12.525, -27.7},
};

// TS 38.901 Table 7.7.2-5: K factor of the first tap 22 dB
constexpr double kTdlELosDb = -0.03;
constexpr TdlTap kTdlE[] = {
    {0.0000, -22.03}, {0.5133, -15.8}, {0.5440, -18.1},  {0.5630, -19.8},  {0.5440, -22.9},
    {0.7112, -22.4},  {1.9092, -18.6}, {1.9293, -20.8},  {1.9589, -22.6},  {2.6426, -22.3},
    {3.7136, -25.6},  {5.4524, -20.2}, {12.0034, -29.8}, {20.6519, -29.2},
};

// TS 38.101-4 Table B.2.1.1-2 (TS 38.104 Table G.2.1.1-2)
constexpr TdlTap kTdlA30[] = {
    {0, -15.5}, {10, 0.0},   {15, -5.1}, {20, -5.1},   {25, -9.6},   {50, -8.2},
    {65, -13.1}, {75, -11.5}, {105, -11.0}, {135, -16.2}, {150, -16.6}, {290, -26.2},
};

// TS 38.101-4 Table B.2.1.1-3 (TS 38.104 Table G.2.1.1-3)
constexpr TdlTap kTdlB100[] = {
    {0, 0.0},   {10, -2.2},  {20, -0.6},  {30, -0.6},  {35, -0.3},  {45, -1.2},
    {55, -5.9}, {120, -2.2}, {170, -0.8}, {245, -6.3}, {330, -7.5}, {480, -7.1},
};

// TS 38.101-4 Table B.2.1.1-4 (TS 38.104 Table G.2.1.1-4)
constexpr TdlTap kTdlC300[] = {
    {0, -6.9},   {65, 0.0},   {70, -7.7},  {190, -2.5},   {195, -2.4},   {200, -9.9},
    {240, -8.0}, {325, -6.6}, {520, -7.1}, {1045, -13.0}, {1510, -14.2}, {2595, -16.0},
};

}  // namespace

TdlTable tdl_table(FadingProfile profile)
{
  switch (profile) {
    case FadingProfile::tdl_a:
      return {kTdlA, std::nullopt};
    case FadingProfile::tdl_b:
      return {kTdlB, std::nullopt};
    case FadingProfile::tdl_c:
      return {kTdlC, std::nullopt};
    case FadingProfile::tdl_d:
      return {kTdlD, kTdlDLosDb};
    case FadingProfile::tdl_e:
      return {kTdlE, kTdlELosDb};
    case FadingProfile::tdla30:
      return {.taps = kTdlA30, .los_power_db = {}, .is_in_ns = true};
    case FadingProfile::tdlb100:
      return {.taps = kTdlB100, .los_power_db = {}, .is_in_ns = true};
    case FadingProfile::tdlc300:
      return {.taps = kTdlC300, .los_power_db = {}, .is_in_ns = true};
    case FadingProfile::none:
      break;
  }
  return {};
}

std::chrono::duration<double> tdl_delay_unit(const FadingConfig& config)
{
  return tdl_table(config.profile).is_in_ns ? std::chrono::duration<double>(1e-9) : config.delay_spread;
}

}  // namespace ravi::air
