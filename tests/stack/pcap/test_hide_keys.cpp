#include "stack/ngap/codec.h"
#include "stack/pcap/hide_keys.h"
#include "tests/stack/ngap/samples.h"

#include "doctest/doctest.h"

#include <algorithm>
#include <random>
#include <variant>
#include <vector>

namespace ravi::pcap {

TEST_CASE("hide_keys: of each NGAP message nothing changes but K_gNB, which becomes zero")
{
  unsigned num_keys = 0;
  for (const ngap::Message& message : ngap::test::sample_messages()) {
    CAPTURE(ngap::name_of(message));
    ngap::Octets octets = ngap::encode(message);
    REQUIRE(hide_keys(octets));
    ngap::Message expected = message;
    if (auto* request = std::get_if<ngap::InitialContextSetupRequest>(&expected)) {
      request->k_gnb = {};
      ++num_keys;
    }
    const auto read = ngap::decode(octets);
    REQUIRE(read);
    CHECK(*read == expected);
  }
  CHECK(num_keys == 1);
}

TEST_CASE("hide_keys: a message cut short or spoilt is survived, and what it cannot walk through it says so")
{
  std::mt19937 random(1);
  for (const ngap::Message& message : ngap::test::sample_messages()) {
    const ngap::Octets whole = ngap::encode(message);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ngap::Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK_FALSE(hide_keys(cut));
    }
    for (unsigned i = 0; i < 200; ++i) {
      ngap::Octets spoilt = whole;
      spoilt[random() % spoilt.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      (void)hide_keys(spoilt);
    }
  }
}

}  // namespace ravi::pcap
