#include "apps/quirks.h"

#include <doctest/doctest.h>

using namespace ravi;

TEST_CASE("quirks: off by default, and then nothing is otherwise than gNB and core have it")
{
  gnb::GnbConfig gnb;
  core::CoreConfig core;
  apps::apply(config::NetworkConfig{}.quirks, gnb);
  apps::apply(config::NetworkConfig{}.quirks, core);
  CHECK(gnb.scheduler.min_response_slots == mac::SchedulerConfig{}.min_response_slots);
  CHECK(gnb.rrc.is_srb2_used);
  CHECK(core.amf.ciphering == core::AmfConfig{}.ciphering);
}

TEST_CASE("quirks: srsUE gets its random access response a slot later, NAS in the clear and on SRB1")
{
  gnb::GnbConfig gnb;
  core::CoreConfig core;
  apps::apply(config::Quirks::srsue, gnb);
  apps::apply(config::Quirks::srsue, core);
  CHECK(gnb.scheduler.min_response_slots == 3);
  CHECK_FALSE(gnb.rrc.is_srb2_used);
  CHECK(core.amf.ciphering == std::vector{security::CipheringAlgorithm::nea0});
}
