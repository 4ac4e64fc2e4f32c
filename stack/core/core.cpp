#include "stack/core/core.h"

namespace ravi::core {

void Core::run(std::chrono::nanoseconds now)
{
  amf_.run(std::chrono::duration_cast<NasTime>(now));
  upf_.run(now);
  for (const Ipv4& ue : upf_.take_wanted()) {
    if (const auto imsi = smf_.owner(ue)) amf_.page(*imsi);
  }
}

}  // namespace ravi::core
