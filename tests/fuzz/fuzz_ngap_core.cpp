// Any octets at the core: as NGAP on N2, as NAS in an InitialUEMessage and in the UplinkNASTransport behind it, as a datagram on N3. It
// must serve a gNB's NG Setup afterwards.

#include "stack/core/core.h"
#include "stack/ngap/codec.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

using namespace ravi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::span<const std::uint8_t> octets(data, size);
  auto n2 = ngap::make_n2_pair();
  auto n3 = ngap::make_n3_pair();
  auto subscribers = core::Subscribers::open(":memory:");
  if (!subscribers) std::abort();
  core::Core core({}, std::move(*subscribers), core::seeded_rand(1));
  core.attach_n2(*n2.second);
  core.attach_n3(*n3.second);
  const auto send = [&](const ngap::Message& message) { n2.first->send(ngap::stream_of(message), ngap::encode(message)); };
  ngap::NgSetupRequest setup;
  setup.supported_tas = {{1, {{{}, {{}}}}}};
  const ngap::Location location{{}, 1, {}};

  send(setup);
  ngap::InitialUeMessage initial;
  initial.ran_ue_id = 1;
  initial.nas = {octets.begin(), octets.end()};
  initial.location = location;
  send(initial);
  send(ngap::UplinkNasTransport{{1, 1}, initial.nas, location});
  n2.first->send(ngap::kUeStream, octets);
  n3.first->send(n3.second->address(), octets);
  for (int second = 0; second < 60; second += 5) core.run(std::chrono::seconds(second));
  send(setup);
  core.run(std::chrono::seconds(61));
  if (core.amf().num_established_gnbs() != 1) std::abort();
  return 0;
}
