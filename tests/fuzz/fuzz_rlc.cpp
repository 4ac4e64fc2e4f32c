// A script of PDUs from a hostile peer between a bearer's own traffic: an octet says what happens, for a PDU another says how long it is.

#include "stack/rlc/am.h"
#include "stack/rlc/um.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

namespace rlc = ravi::rlc;

/// The entity may give any SDU back, but never one beyond its bound or a PDU beyond its room.
template <class Receive, class Pull, class Push, class Tick>
void run(std::span<const std::uint8_t> script, Receive receive, Pull pull, Push push, Tick tick)
{
  std::array<std::uint8_t, 256> room{};
  rlc::Time now{0};
  while (script.size() >= 2) {
    const std::uint8_t what = script[0];
    const std::uint8_t count = script[1];
    script = script.subspan(2);
    switch (what % 4) {
      case 0: {
        const std::size_t size = std::min<std::size_t>(count, script.size());
        if (receive(script.first(size), now).size() > 512) std::abort();
        script = script.subspan(size);
        break;
      }
      case 1:
        if (pull(std::span(room).first(count), now) > count) std::abort();
        break;
      case 2: push(std::span<const std::uint8_t>(room).first(count)); break;
      default:
        now += rlc::Time(count);
        tick(now);
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  if (size == 0) return 0;
  const std::span<const std::uint8_t> script(data + 1, size - 1);
  const rlc::Capacity capacity{.queue_sdus = 16, .queue_octets = 2000, .max_sdu_octets = 512, .num_reassemblies = 3};
  if (data[0] % 4 < 2) {
    rlc::AmEntity am({.sn_size = data[0] % 2 == 0 ? rlc::SnSize::bits12 : rlc::SnSize::bits18, .poll_pdu = 4, .capacity = capacity});
    run(
        script, [&](auto pdu, auto now) { return am.receive(pdu, now); },
        [&](auto out, auto now) {
          const std::size_t written = am.pull(out, now);
          if (written > 0 && am.buffer_octets() > 100'000) std::abort();
          return written;
        },
        [&](auto sdu) { am.push(sdu); }, [&](auto now) { am.tick(now); });
  } else {
    rlc::UmEntity um({.sn_size = data[0] % 2 == 0 ? rlc::SnSize::bits6 : rlc::SnSize::bits12, .capacity = capacity});
    run(
        script, [&](auto pdu, auto now) { return um.receive(pdu, now); }, [&](auto out, auto) { return um.pull(out); },
        [&](auto sdu) { um.push(sdu); }, [&](auto now) { um.tick(now); });
  }
  return 0;
}
