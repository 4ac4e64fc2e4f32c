#pragma once
// Where Ravi's own nodes and commands come to a running air: the hub's side of the handshake.

#include "apps/air_hub.h"
#include "drivers/zmq/handshake.h"
#include "radio/air/air_config.h"
#include "radio/result.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace ravi::apps {

/// The address part of "tcp://ADDRESS:PORT": where the hub's cables listen too. Loopback for anything else.
[[nodiscard]] std::string interface_of(const std::string& endpoint);

/// Answers hellos, lists and commands between two steps of the hub.
class AirDesk {
public:
  /// `hub` and `config` must outlive the desk. `busy` when somebody listens at the configured address already.
  [[nodiscard]] static Result<std::unique_ptr<AirDesk>> open(const air::AirConfig& config, ZmqHub& hub);

  [[nodiscard]] const std::string& address() const { return server_->address(); }

  /// Answers what has come, without waiting. From the hub's thread.
  void serve() { server_->answer(answers_, std::chrono::milliseconds(0)); }

private:
  AirDesk(const air::AirConfig& config, ZmqHub& hub, std::unique_ptr<HandshakeServer> server);
  [[nodiscard]] Result<Welcome> welcome(const Hello& hello);
  [[nodiscard]] NodeList list() const;

  const air::AirConfig& config_;
  ZmqHub& hub_;
  std::unique_ptr<HandshakeServer> server_;
  HubAnswers answers_;
};

}  // namespace ravi::apps
