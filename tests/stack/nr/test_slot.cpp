#include "stack/nr/rnti.h"
#include "stack/nr/slot.h"

#include <doctest/doctest.h>

namespace ravi::nr {

TEST_CASE("a slot counts through frames and wraps after 1024 of them")
{
  const Slot last(Scs::khz30, 1023, 19);
  CHECK(last + 1 == Slot(Scs::khz30, 0, 0));
  CHECK(Slot(Scs::khz30, 0, 0) - 1 == last);
  CHECK(last.subframe() == 9);
  CHECK(last.slot_in_subframe() == 1);
}

TEST_CASE("slots compare by the shorter way around the wrap")
{
  const Slot before(Scs::khz15, 1023, 9);
  const Slot after(Scs::khz15, 0, 2);
  CHECK(before < after);
  CHECK(after - before == 3);
  CHECK(before - after == -3);
  CHECK(before <= before);
}

TEST_CASE("RA-RNTI of the PRACH occasion [TS 38.321 §5.1.3]")
{
  CHECK(ra_rnti(0, 4, 0) == Rnti(0x39));  // subframe 4, as foreign UEs print it
  CHECK(ra_rnti(0, 1, 0) == Rnti(0x0F));
}

}  // namespace ravi::nr
