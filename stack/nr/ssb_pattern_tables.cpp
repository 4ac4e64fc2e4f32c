#include "stack/nr/ssb_pattern_tables.h"

namespace ravi::nr::tables {

// TS 38.213 §4.1: first symbols of the candidates in a half frame, for the larger L_max of each case.
constexpr std::array<std::uint16_t, 8> kSsbCaseA{
  2, 8, 16, 22, 30, 36, 44, 50};
constexpr std::array<std::uint16_t, 8> kSsbCaseB{
  4, 8, 16, 20, 32, 36, 44, 48};
constexpr std::array<std::uint16_t, 8> kSsbCaseC{
  2, 8, 16, 22, 30, 36, 44, 50};
constexpr std::array<std::uint16_t, 64> kSsbCaseD{
  4, 8, 16, 20, 32, 36, 44, 48, 60, 64, 72, 76, 88, 92, 100, 104, 144, 148, 156, 160, 172, 176, 184, 188, 200, 204, 212,
  216, 228, 232, 240, 244, 284, 288, 296, 300, 312, 316, 324, 328, 340, 344, 352, 356, 368, 372, 380, 384, 424, 428,
  436, 440, 452, 456, 464, 468, 480, 484, 492, 496, 508, 512, 520, 524};
constexpr std::array<std::uint16_t, 64> kSsbCaseE{
  8, 12, 16, 20, 32, 36, 40, 44, 64, 68, 72, 76, 88, 92, 96, 100, 120, 124, 128, 132, 144, 148, 152, 156, 176, 180, 184,
  188, 200, 204, 208, 212, 288, 292, 296, 300, 312, 316, 320, 324, 344, 348, 352, 356, 368, 372, 376, 380, 400, 404,
  408, 412, 424, 428, 432, 436, 456, 460, 464, 468, 480, 484, 488, 492};

}  // namespace ravi::nr::tables
