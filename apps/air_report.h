#pragma once
// What `ravi air` says: the status line while it runs, the summary at its end.

#include "radio/air/hub.h"

#include <string>

namespace ravi::apps {

/// "12.4 s  1.02x  11.7 MS/s  gnb -18.2 dBFS  ue absent"; `elapsed_s` on the clock.
[[nodiscard]] std::string status_line(const air::HubStatus& status, double elapsed_s);

/// One JSON document.
[[nodiscard]] std::string summary_json(const air::HubStatus& status, double elapsed_s);

/// A few lines for people.
[[nodiscard]] std::string summary_text(const air::HubStatus& status, double elapsed_s);

}  // namespace ravi::apps
