#pragma once
// SoapySDR's messages in our log.

namespace ravi {

/// SoapySDR's log lines go to ours from now on. Safe to call again, which is needed where another library took them
/// over.
void send_soapy_log_to_ours();

}  // namespace ravi
