#include "stack/nr/mcs_tables.h"

namespace ravi::nr::tables {
namespace {

constexpr Modulation kQ = Modulation::pi2_bpsk;  // the tables' q: QPSK unless pi/2-BPSK is configured
constexpr Modulation kQpsk = Modulation::qpsk;
constexpr Modulation k16 = Modulation::qam16;
constexpr Modulation k64 = Modulation::qam64;
constexpr Modulation k256 = Modulation::qam256;

}  // namespace

// Modulation, 2048 times the target code rate (0: reserved).

// TS 38.214 Table 5.1.3.1-1.
constexpr std::array<Mcs, 32> kMcsQam64{{
  {kQpsk, 240}, {kQpsk, 314}, {kQpsk, 386}, {kQpsk, 502}, {kQpsk, 616}, {kQpsk, 758}, {kQpsk, 898}, {kQpsk, 1052},
  {kQpsk, 1204}, {kQpsk, 1358}, {k16, 680}, {k16, 756}, {k16, 868}, {k16, 980}, {k16, 1106}, {k16, 1232}, {k16, 1316},
  {k64, 876}, {k64, 932}, {k64, 1034}, {k64, 1134}, {k64, 1232}, {k64, 1332}, {k64, 1438}, {k64, 1544}, {k64, 1644},
  {k64, 1746}, {k64, 1820}, {k64, 1896}, {kQpsk, 0}, {k16, 0}, {k64, 0}}};

// TS 38.214 Table 5.1.3.1-2.
constexpr std::array<Mcs, 32> kMcsQam256{{
  {kQpsk, 240}, {kQpsk, 386}, {kQpsk, 616}, {kQpsk, 898}, {kQpsk, 1204}, {k16, 756}, {k16, 868}, {k16, 980},
  {k16, 1106}, {k16, 1232}, {k16, 1316}, {k64, 932}, {k64, 1034}, {k64, 1134}, {k64, 1232}, {k64, 1332}, {k64, 1438},
  {k64, 1544}, {k64, 1644}, {k64, 1746}, {k256, 1365}, {k256, 1422}, {k256, 1508}, {k256, 1594}, {k256, 1682},
  {k256, 1770}, {k256, 1833}, {k256, 1896}, {kQpsk, 0}, {k16, 0}, {k64, 0}, {k256, 0}}};

// TS 38.214 Table 5.1.3.1-3.
constexpr std::array<Mcs, 32> kMcsQam64LowSe{{
  {kQpsk, 60}, {kQpsk, 80}, {kQpsk, 100}, {kQpsk, 128}, {kQpsk, 156}, {kQpsk, 198}, {kQpsk, 240}, {kQpsk, 314},
  {kQpsk, 386}, {kQpsk, 502}, {kQpsk, 616}, {kQpsk, 758}, {kQpsk, 898}, {kQpsk, 1052}, {kQpsk, 1204}, {k16, 680},
  {k16, 756}, {k16, 868}, {k16, 980}, {k16, 1106}, {k16, 1232}, {k64, 876}, {k64, 932}, {k64, 1034}, {k64, 1134},
  {k64, 1232}, {k64, 1332}, {k64, 1438}, {k64, 1544}, {kQpsk, 0}, {k16, 0}, {k64, 0}}};

// TS 38.214 Table 6.1.4.1-1.
constexpr std::array<Mcs, 32> kMcsTransformQam64{{
  {kQ, 480}, {kQ, 628}, {kQpsk, 386}, {kQpsk, 502}, {kQpsk, 616}, {kQpsk, 758}, {kQpsk, 898}, {kQpsk, 1052},
  {kQpsk, 1204}, {kQpsk, 1358}, {k16, 680}, {k16, 756}, {k16, 868}, {k16, 980}, {k16, 1106}, {k16, 1232}, {k16, 1316},
  {k64, 932}, {k64, 1034}, {k64, 1134}, {k64, 1232}, {k64, 1332}, {k64, 1438}, {k64, 1544}, {k64, 1644}, {k64, 1746},
  {k64, 1820}, {k64, 1896}, {kQ, 0}, {kQpsk, 0}, {k16, 0}, {k64, 0}}};

// TS 38.214 Table 6.1.4.1-2.
constexpr std::array<Mcs, 32> kMcsTransformQam64LowSe{{
  {kQ, 120}, {kQ, 160}, {kQ, 200}, {kQ, 256}, {kQ, 312}, {kQ, 396}, {kQpsk, 240}, {kQpsk, 314}, {kQpsk, 386},
  {kQpsk, 502}, {kQpsk, 616}, {kQpsk, 758}, {kQpsk, 898}, {kQpsk, 1052}, {kQpsk, 1204}, {kQpsk, 1358}, {k16, 756},
  {k16, 868}, {k16, 980}, {k16, 1106}, {k16, 1232}, {k16, 1316}, {k16, 1398}, {k16, 1544}, {k64, 1134}, {k64, 1232},
  {k64, 1332}, {k64, 1544}, {kQ, 0}, {kQpsk, 0}, {k16, 0}, {k64, 0}}};

// TS 38.214 Table 5.2.2.1-2, index 1..15.
constexpr std::array<Mcs, 15> kCqi1{{
  {kQpsk, 156}, {kQpsk, 240}, {kQpsk, 386}, {kQpsk, 616}, {kQpsk, 898}, {kQpsk, 1204}, {k16, 756}, {k16, 980},
  {k16, 1232}, {k64, 932}, {k64, 1134}, {k64, 1332}, {k64, 1544}, {k64, 1746}, {k64, 1896}}};

// TS 38.214 Table 5.2.2.1-3, index 1..15.
constexpr std::array<Mcs, 15> kCqi2{{
  {kQpsk, 156}, {kQpsk, 386}, {kQpsk, 898}, {k16, 756}, {k16, 980}, {k16, 1232}, {k64, 932}, {k64, 1134}, {k64, 1332},
  {k64, 1544}, {k64, 1746}, {k256, 1422}, {k256, 1594}, {k256, 1770}, {k256, 1896}}};

// TS 38.214 Table 5.2.2.1-4, index 1..15.
constexpr std::array<Mcs, 15> kCqi3{{
  {kQpsk, 60}, {kQpsk, 100}, {kQpsk, 156}, {kQpsk, 240}, {kQpsk, 386}, {kQpsk, 616}, {kQpsk, 898}, {kQpsk, 1204},
  {k16, 756}, {k16, 980}, {k16, 1232}, {k64, 932}, {k64, 1134}, {k64, 1332}, {k64, 1544}}};

}  // namespace ravi::nr::tables
