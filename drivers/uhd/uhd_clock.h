#pragma once
// Reference clock, time source and PPS of a USRP: choosing them, waiting for lock, setting the device's time.

#include "drivers/uhd/uhd_config.h"
#include "radio/radio.h"
#include "radio/result.h"

#include <chrono>

namespace uhd::usrp {
class multi_usrp;
}

namespace ravi {

// Control thread. UHD's exceptions pass through: the caller turns them into errors.

/// Clock and time source of the first board.
[[nodiscard]] Reference get_reference(uhd::usrp::multi_usrp& usrp);

/// Sets both sources on every board, then waits up to `lock_timeout` for the locks that the device can report.
[[nodiscard]] Result<Reference> select_reference(uhd::usrp::multi_usrp& usrp, const Reference& wish,
                                                 std::chrono::nanoseconds lock_timeout);

/// Whether every lock sensor of the references says so; true where there is none (internal clock).
[[nodiscard]] bool is_reference_locked(uhd::usrp::multi_usrp& usrp);

/// Sets the time of all boards to the same whole second at a PPS edge and waits for that edge. Fails when none comes
/// within two seconds.
[[nodiscard]] Result<void> align_to_pps(uhd::usrp::multi_usrp& usrp);

}  // namespace ravi
