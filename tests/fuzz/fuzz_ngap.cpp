// A script of NGAP messages from a hostile AMF, between what a gNB does with UEs: the codec agrees with itself, and the gNB's end keeps its
// bounds and sets up again with an AMF that behaves.

#include "stack/ngap/codec.h"
#include "stack/ngap/gnb_ngap.h"
#include "stack/ngap/n2_link.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

using namespace ravi;

namespace {

void decode_and_encode(std::span<const std::uint8_t> octets)
{
  const auto message = ngap::decode(octets);
  if (!message) return;
  if (ngap::name_of(*message).empty()) std::abort();
  const auto bytes = ngap::encode(*message);
  if (bytes.empty()) return;  // what may be read leniently need not be one that is sent
  const auto again = ngap::decode(bytes);
  if (!again || *again != *message) std::abort();
}

/// What a gNB answers, right or wrong, about UE `id`.
void act(ngap::GnbNgap& gnb, std::uint8_t what, std::uint32_t id)
{
  const ngap::Cause cause{};
  switch (what) {
    case 0: static_cast<void>(gnb.initial_ue({.nas = {0x7E, 0x00, 0x41}})); break;
    case 1: gnb.uplink_nas(id, {}); break;
    case 2: gnb.context_set_up(id, {{}}, {}); break;
    case 3: gnb.context_failed(id, cause, {}); break;
    case 4: gnb.sessions_set_up(id, {{}}, {{}}); break;
    case 5: gnb.sessions_released(id, {1}); break;
    case 6: gnb.request_release(id, cause, {1, 2}); break;
    case 7: gnb.context_released(id, {1}); break;
    default: gnb.reset(cause); break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  decode_and_encode(std::span(data, size));

  auto [near, far] = ngap::make_n2_pair();
  ngap::GnbNgap gnb({.plmn = {}, .max_ues = 8}, *near);
  ngap::Time now{0};
  gnb.run(now);
  std::span<const std::uint8_t> script(data, size);
  while (script.size() >= 2) {
    const std::uint8_t what = script[0];
    const std::uint8_t argument = script[1];
    script = script.subspan(2);
    if (what % 2 == 0) {
      const std::size_t count = std::min<std::size_t>(argument, script.size());
      far->send(static_cast<std::uint16_t>(what % 4), script.first(count));
      script = script.subspan(count);
    } else {
      act(gnb, what / 2 % 10, argument);
    }
    now += std::chrono::milliseconds(argument);
    gnb.run(now);
    while (far->receive()) {
    }
    if (gnb.num_ues() > 8 || gnb.take_events().size() > ngap::GnbNgap::kMaxEvents) std::abort();
  }
  // An AMF that behaves from here on: whatever was said before, the two set up.
  const auto answer = ngap::encode(ngap::NgSetupResponse{.amf_name = "amf", .guamis = {{}}, .plmns = {{{}, {{}}}}});
  for (int attempt = 0; attempt < 2 && !gnb.is_established(); ++attempt) {
    now += std::chrono::minutes(2);
    gnb.run(now);
    far->send(ngap::kCommonStream, answer);
    gnb.run(now);
  }
  if (!gnb.is_established()) std::abort();
  return 0;
}
