#include "drivers/uhd/uhd_clock.h"

#include <fmt/format.h>
#include <uhd/usrp/multi_usrp.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ravi {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(20);

bool has(const std::vector<std::string>& names, std::string_view name)
{
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Lock sensors that matter for the sources in use: the reference's PLL, and the receiver of a GPSDO.
std::vector<std::string> lock_sensors(uhd::usrp::multi_usrp& usrp, std::size_t board)
{
  const std::vector<std::string> names = usrp.get_mboard_sensor_names(board);
  std::vector<std::string> sensors;
  if (has(names, "ref_locked")) sensors.emplace_back("ref_locked");
  const bool uses_gps = usrp.get_clock_source(board) == "gpsdo" || usrp.get_time_source(board) == "gpsdo";
  if (uses_gps && has(names, "gps_locked")) sensors.emplace_back("gps_locked");
  return sensors;
}

/// Name of the first sensor that is not locked; empty: all are.
std::string find_unlocked(uhd::usrp::multi_usrp& usrp)
{
  for (std::size_t board = 0; board < usrp.get_num_mboards(); ++board) {
    for (const std::string& sensor : lock_sensors(usrp, board)) {
      if (!usrp.get_mboard_sensor(sensor, board).to_bool()) return sensor;
    }
  }
  return {};
}

Result<void> check_source(std::string_view what, const std::string& wish, const std::vector<std::string>& known)
{
  if (has(known, wish)) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("this device has no {} source '{}'; it has {}", what, wish,
                          known.empty() ? std::string("no choice") : fmt::format("{}", fmt::join(known, ", "))));
}

}  // namespace

Reference get_reference(uhd::usrp::multi_usrp& usrp)
{
  return {.clock = usrp.get_clock_source(0), .time = usrp.get_time_source(0)};
}

Result<Reference> select_reference(uhd::usrp::multi_usrp& usrp, const Reference& wish,
                                   std::chrono::nanoseconds lock_timeout)
{
  for (std::size_t board = 0; board < usrp.get_num_mboards(); ++board) {
    if (auto known = check_source("clock", wish.clock, usrp.get_clock_sources(board)); !known) {
      return tl::unexpected(known.error());
    }
    if (auto known = check_source("time", wish.time, usrp.get_time_sources(board)); !known) {
      return tl::unexpected(known.error());
    }
    if (usrp.get_clock_source(board) != wish.clock) usrp.set_clock_source(wish.clock, board);
    if (usrp.get_time_source(board) != wish.time) usrp.set_time_source(wish.time, board);
  }
  const auto deadline = std::chrono::steady_clock::now() + lock_timeout;
  for (std::string unlocked = find_unlocked(usrp); !unlocked.empty(); unlocked = find_unlocked(usrp)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(
          ErrorCode::io,
          fmt::format("clock '{}', time '{}': no lock within {:.1f} s (sensor {}); check the cable or the antenna, or "
                      "give it longer with lock_timeout=",
                      wish.clock, wish.time, std::chrono::duration<double>(lock_timeout).count(), unlocked));
    }
    std::this_thread::sleep_for(kPoll);
  }
  return get_reference(usrp);
}

bool is_reference_locked(uhd::usrp::multi_usrp& usrp) { return find_unlocked(usrp).empty(); }

Result<void> align_to_pps(uhd::usrp::multi_usrp& usrp)
{
  const uhd::time_spec_t before = usrp.get_time_last_pps();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  const auto wait_for_edge = [&] {
    while (usrp.get_time_last_pps() == before) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(kPoll);
    }
    return true;
  };
  if (!wait_for_edge()) {
    return fail(ErrorCode::io,
                "start=pps: no PPS edge within two seconds; check the time source (time=external or gpsdo) "
                "and its cable, or use start=now");
  }
  // Just behind an edge there is almost a second to set the time of the next one on every board. The new time differs
  // from what the edge would have brought anyhow, so that its coming can be seen.
  const std::int64_t target = usrp.get_time_last_pps().get_full_secs() < 100 ? 1000 : 0;
  usrp.set_time_next_pps(uhd::time_spec_t(target, 0.0));
  const auto next_deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (usrp.get_time_last_pps().get_full_secs() != target) {
    if (std::chrono::steady_clock::now() >= next_deadline) {
      return fail(ErrorCode::io, "start=pps: the PPS edge that should have set the device's time did not come");
    }
    std::this_thread::sleep_for(kPoll);
  }
  if (usrp.get_num_mboards() > 1 && !usrp.get_time_synchronized()) {
    return fail(ErrorCode::io,
                "start=pps: the boards do not agree on the time after the PPS; check that all get the PPS");
  }
  return {};
}

}  // namespace ravi
