#include "radio/iq.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace ravi;

TEST_CASE("IQ buffer: every channel is zeroed and begins at a 64-byte border")
{
  for (const std::size_t length : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{1921}}) {
    AlignedBuffer<Sc16> sc16(3, length);
    IqBuffer buffer(3, length);
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(reinterpret_cast<std::uintptr_t>(buffer.channel(c).data()) % 64 == 0);
      CHECK(reinterpret_cast<std::uintptr_t>(sc16.channel(c).data()) % 64 == 0);
      CHECK(buffer.channel(c).size() == length);
      for (const Cf32 sample : buffer.channel(c)) CHECK(sample == Cf32{});
    }
  }
}

TEST_CASE("IQ span: parts of a view are views of the same samples")
{
  IqBuffer buffer(2, 10);
  for (std::size_t n = 0; n < 10; ++n) buffer.channel(1)[n] = Cf32(static_cast<float>(n), 1.0F);
  const IqSpan part = buffer.span().subspan(4, 3);
  CHECK(part.num_samples() == 3);
  CHECK(part.channel(1)[0] == Cf32(4.0F, 1.0F));
  part.channel(0)[2] = Cf32(9.0F, 9.0F);
  CHECK(buffer.channel(0)[6] == Cf32(9.0F, 9.0F));
  CHECK(buffer.span().channels(1, 1).channel(0)[9] == Cf32(9.0F, 1.0F));
}

TEST_CASE("IQ span: copy and fill_zero touch exactly what the view shows")
{
  IqBuffer from(2, 6);
  IqBuffer to(2, 6);
  for (std::size_t c = 0; c < 2; ++c) {
    for (Cf32& sample : from.channel(c)) sample = Cf32(static_cast<float>(c + 1), 0.0F);
    for (Cf32& sample : to.channel(c)) sample = Cf32(-1.0F, 0.0F);
  }
  copy(from.span().first(2), to.span().subspan(1, 2));
  fill_zero(to.span().subspan(4, 1));
  const std::vector<float> expected{-1, 1, 1, -1, 0, -1};
  for (std::size_t n = 0; n < 6; ++n) CHECK(to.channel(0)[n].real() == expected[n]);
  CHECK(to.channel(1)[1].real() == 2.0F);
}

TEST_CASE("IQ buffer: an empty one has views too")
{
  IqBuffer buffer;
  CHECK(buffer.span().empty());
  fill_zero(buffer.span());
}
