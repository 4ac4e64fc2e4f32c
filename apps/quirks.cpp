#include "apps/quirks.h"

namespace ravi::apps {

void apply(config::Quirks quirks, gnb::GnbConfig& gnb)
{
  if (quirks != config::Quirks::srsue) return;
  gnb.scheduler.min_response_slots = 3;
  gnb.rrc.is_srb2_used = false;
}

void apply(config::Quirks quirks, core::CoreConfig& core)
{
  if (quirks != config::Quirks::srsue) return;
  core.amf.ciphering = {security::CipheringAlgorithm::nea0};
}

}  // namespace ravi::apps
