#pragma once
// The embedded core network: AMF, SMF, UPF and subscribers in one, in the caller's time.

#include "stack/core/amf.h"
#include "stack/core/smf.h"
#include "stack/core/subscribers.h"
#include "stack/core/upf.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ravi::core {

struct CoreConfig {
  AmfConfig amf;
  SmfConfig smf;
};

/// One thread. `attach` the links, then `run` often: it polls them and the timers.
class Core {
public:
  Core(CoreConfig config, Subscribers subscribers, RandSource random)
    : subscribers_(std::move(subscribers)), upf_(config.smf.gateway()), smf_(config.smf, upf_),
      amf_(std::move(config.amf), subscribers_, smf_, std::move(random))
  {
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// A gNB's signalling; the link outlives this. May be called for several gNBs.
  void attach_n2(ngap::N2Link& link) { amf_.attach(link); }
  /// Before the link goes.
  void detach_n2(const ngap::N2Link& link) { amf_.detach(link); }
  /// The user plane of all gNBs; the link outlives this.
  void attach_n3(ngap::N3Link& link) { upf_.attach(&link); }
  /// In place of the built-in gateway; the endpoint outlives this.
  void attach_n6(ip::Endpoint& endpoint) { upf_.attach_n6(&endpoint); }

  /// `now` only goes forward.
  void run(std::chrono::nanoseconds now);

  /// IPv4 address of a subscriber's session; empty: there is none.
  [[nodiscard]] std::optional<Ipv4> address(const std::string& imsi, std::uint8_t session = 1) const { return smf_.address(imsi, session); }

  [[nodiscard]] Amf& amf() { return amf_; }
  [[nodiscard]] Smf& smf() { return smf_; }
  [[nodiscard]] Upf& upf() { return upf_; }
  [[nodiscard]] Subscribers& subscribers() { return subscribers_; }

private:
  Subscribers subscribers_;
  Upf upf_;
  Smf smf_;
  Amf amf_;
};

}  // namespace ravi::core
