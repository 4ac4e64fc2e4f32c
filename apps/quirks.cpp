#include "apps/quirks.h"

namespace ravi::apps {

void apply(config::Quirks quirks, gnb::GnbConfig& gnb)
{
  if (quirks != config::Quirks::srsue) return;
  gnb.scheduler.min_response_slots = 3;
  gnb.rrc.is_srb2_used = false;
  gnb.ue.has_limited_soft_buffer = false;
}

void apply(config::Quirks quirks, core::CoreConfig& core)
{
  if (quirks != config::Quirks::srsue) return;
  core.amf.ciphering = {security::CipheringAlgorithm::nea0};
}

void apply(config::Quirks quirks, ue::UeConfig& ue)
{
  if (quirks == config::Quirks::ocudu) ue.modem.has_limited_soft_buffer = false;
}

}  // namespace ravi::apps
