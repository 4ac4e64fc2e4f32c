#pragma once
// UHD's messages in our log.

namespace ravi {

/// UHD's log lines go to ours from now on, and no longer to the console by UHD's own way. Safe to call again.
void send_uhd_log_to_ours();

}  // namespace ravi
