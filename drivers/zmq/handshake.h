#pragma once
// What Ravi's own programs say to a hub before samples flow: who they are and what they expect, so that a mismatch is an
// error within a second and not a silence. JSON over one ZeroMQ REQ/REP socket at the hub's `listen` address.
//
//   {"ravi":1,"hello":{...}}    -> {"ravi":1,"welcome":{...}}   or {"ravi":1,"error":{"code":"...","message":"..."}}
//   {"ravi":1,"list":{}}        -> {"ravi":1,"nodes":{...}}
//   {"ravi":1,"command":"text"} -> {"ravi":1,"reply":"text"}

#include "drivers/zmq/zmq_radio.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ravi {

/// Version of these messages; both ends must agree.
inline constexpr int kHandshakeVersion = 1;
/// Longest message, bytes; a longer one is dropped with its connection.
inline constexpr std::size_t kMaxHandshakeBytes = 64 * 1024;

/// A node asks to be joined to the air.
struct Hello {
  std::string node;                       ///< its name in the air's configuration
  SampleRate sample_rate;                 ///< none (0 Hz): whatever the air has
  std::optional<Hertz> center_frequency;  ///< none: not set
  std::size_t num_rx_ports = 1;
  std::vector<std::string> tx_endpoints;  ///< where the node's transmit ports listen, for the hub to connect to
  std::optional<ZmqFormat> format;        ///< of the samples, both ways; none: what the air has for the node
  SampleTime earliest;                    ///< it was there before and goes on from here, not earlier (0 to kLatestHello)
};

/// The latest time a node may go on from, samples: six years at 23.04 MS/s.
inline constexpr SampleTime kLatestHello{std::int64_t{1} << 52};

/// The hub has joined it.
struct Welcome {
  SampleRate sample_rate;
  ZmqFormat format = ZmqFormat::cf32;     ///< of the samples, both ways
  std::vector<std::string> rx_endpoints;  ///< where the hub's samples for the node come from, one a receive port
};

/// One node of an air, as `list` tells it.
struct ListedNode {
  std::string name;
  std::size_t num_tx_ports = 1;
  std::size_t num_rx_ports = 1;
  bool is_taken = false;                  ///< a program is there already
  bool is_foreign = false;                ///< speaks on plain ports; cannot be joined by name
  std::optional<Hertz> center_frequency;  ///< the one it has to have; none: any
};

struct NodeList {
  SampleRate sample_rate;
  std::vector<ListedNode> nodes;
};

struct ListRequest {};
struct CommandRequest {
  std::string text;
};
using HubRequest = std::variant<Hello, ListRequest, CommandRequest>;

/// The hub's side of the texts. Strict and total: any bytes give a request or an error (`bad_input`).
[[nodiscard]] Result<HubRequest> parse_request(std::string_view text);
/// The node's side; an error that the hub sent comes back as that error.
[[nodiscard]] Result<Welcome> parse_welcome(std::string_view text);
[[nodiscard]] Result<NodeList> parse_node_list(std::string_view text);
[[nodiscard]] Result<std::string> parse_reply(std::string_view text);

[[nodiscard]] std::string to_message(const Hello& hello);
[[nodiscard]] std::string to_message(const Welcome& welcome);
[[nodiscard]] std::string to_message(const NodeList& nodes);
[[nodiscard]] std::string to_message(const Error& error);

/// What the hub does with each kind of request.
struct HubAnswers {
  std::function<Result<Welcome>(const Hello&)> hello;
  std::function<NodeList()> list;
  std::function<Result<std::string>(std::string_view)> command;
};

/// The hub's listening socket. No thread: whoever runs the hub calls `answer` between its steps.
class HandshakeServer {
public:
  /// `address`: "tcp://127.0.0.1:5550"; port `*` takes any free one. `busy` when somebody listens there already.
  [[nodiscard]] static Result<std::unique_ptr<HandshakeServer>> open(const std::string& address);
  ~HandshakeServer();

  [[nodiscard]] const std::string& address() const { return address_; }

  /// Waits up to `longest` for a request, then answers all that are there. Malformed ones are answered with an error.
  void answer(const HubAnswers& answers, std::chrono::milliseconds longest);

private:
  struct Socket;
  HandshakeServer();
  std::unique_ptr<Socket> socket_;
  std::string address_;
};

/// A program's side: one question, one answer, or `not_found` when nobody answers at `address` within `longest`. Where `stop`
/// is given, the wait ends, with `not_found`, within 50 ms of its becoming true (another thread, or a signal handler).
[[nodiscard]] Result<Welcome> say_hello(const std::string& address, const Hello& hello,
                                        std::chrono::milliseconds longest = std::chrono::milliseconds(1000),
                                        const std::atomic<bool>* stop = nullptr);
[[nodiscard]] Result<NodeList> list_nodes(const std::string& address,
                                          std::chrono::milliseconds longest = std::chrono::milliseconds(250),
                                          const std::atomic<bool>* stop = nullptr);
[[nodiscard]] Result<std::string> send_command(const std::string& address, std::string_view text,
                                               std::chrono::milliseconds longest = std::chrono::milliseconds(2000));

}  // namespace ravi
