#include "drivers/zmq/handshake.h"

#include "drivers/zmq/zmq_socket.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace ravi {
namespace {

constexpr std::chrono::milliseconds kGoodbye(200);   // how long an unsent answer outlives its socket
constexpr std::chrono::milliseconds kLookForStop(50);  // how often a wait for an answer looks whether it is still wanted

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(zmq::Frame& frame)
{
  const std::span<std::byte> bytes = frame.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string command_message(std::string_view text)
{
  const nlohmann::json document{{"ravi", kHandshakeVersion}, {"command", text}};
  return document.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string reply_message(std::string_view text)
{
  const nlohmann::json document{{"ravi", kHandshakeVersion}, {"reply", text}};
  return document.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

/// The answer to one request, whatever it was.
std::string answer_to(const std::string& text, const HubAnswers& answers)
{
  const auto request = parse_request(text);
  if (!request) return to_message(request.error());
  if (const auto* hello = std::get_if<Hello>(&*request)) {
    const auto welcome = answers.hello(*hello);
    return welcome ? to_message(*welcome) : to_message(welcome.error());
  }
  if (const auto* command = std::get_if<CommandRequest>(&*request)) {
    const auto reply = answers.command(command->text);
    return reply ? reply_message(*reply) : to_message(reply.error());
  }
  return to_message(answers.list());
}

/// True once the answer is there; false when the time is over or `stop` has become true.
bool await_answer(zmq::Socket& socket, zmq::Frame& answer, std::chrono::milliseconds longest, const std::atomic<bool>* stop)
{
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + longest;
  const std::array<zmq::Readable, 1> items{zmq::Readable{.socket = socket.handle()}};
  while (!socket.receive(answer)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || (stop != nullptr && stop->load())) return false;
    zmq::wait_readable(items, stop == nullptr ? left : std::min(left, kLookForStop));
  }
  return true;
}

/// Asks, and waits for the one answer.
Result<std::string> ask(const std::string& address, const std::string& question, std::chrono::milliseconds longest,
                        const std::atomic<bool>* stop = nullptr)
{
  if (auto checked = zmq::check_endpoint(address); !checked) return tl::unexpected(checked.error());
  zmq::Context context;
  zmq::Socket socket;
  const zmq::Socket::Options options{
      .max_message_bytes = kMaxHandshakeBytes, .reconnect = std::chrono::milliseconds(20)};  // the hub may only be starting
  if (auto opened = socket.open(context, zmq::SocketKind::request, options); !opened) {
    return tl::unexpected(opened.error());
  }
  if (auto connected = socket.connect(address); !connected) return tl::unexpected(connected.error());
  zmq::Frame answer;
  if (socket.send(bytes_of(question), zmq::More::no) != zmq::SendStatus::ok || !await_answer(socket, answer, longest, stop)) {
    if (stop != nullptr && stop->load()) {
      return fail(ErrorCode::not_found, fmt::format("stopped while waiting for a `ravi air` at {}", address));
    }
    return fail(ErrorCode::not_found, fmt::format("no `ravi air` answers at {} (waited {} ms); is it running, and does it "
                                                  "listen there?",
                                                  address, longest.count()));
  }
  return text_of(answer);
}

}  // namespace

struct HandshakeServer::Socket {
  zmq::Context context;
  zmq::Socket socket;
};

HandshakeServer::HandshakeServer() : socket_(std::make_unique<Socket>()) {}
HandshakeServer::~HandshakeServer() = default;

Result<std::unique_ptr<HandshakeServer>> HandshakeServer::open(const std::string& address)
{
  if (auto checked = zmq::check_endpoint(address); !checked) return tl::unexpected(checked.error());
  std::unique_ptr<HandshakeServer> server(new HandshakeServer());
  zmq::Socket& socket = server->socket_->socket;
  const zmq::Socket::Options options{.linger = kGoodbye, .max_message_bytes = kMaxHandshakeBytes};
  if (auto opened = socket.open(server->socket_->context, zmq::SocketKind::reply, options); !opened) {
    return tl::unexpected(opened.error());
  }
  if (auto bound = socket.bind(address); !bound) return tl::unexpected(bound.error());
  server->address_ = socket.last_endpoint();
  return server;
}

void HandshakeServer::answer(const HubAnswers& answers, std::chrono::milliseconds longest)
{
  zmq::Socket& socket = socket_->socket;
  if (longest.count() > 0) {
    const std::array<zmq::Readable, 1> items{zmq::Readable{.socket = socket.handle()}};
    zmq::wait_readable(items, longest);
  }
  constexpr int kMostAtOnce = 16;  // a flood of questions does not stop the air
  zmq::Frame frame;
  for (int n = 0; n < kMostAtOnce && socket.receive(frame); ++n) {
    std::string text = text_of(frame);
    while (frame.has_more() && socket.receive(frame)) text.clear();  // several frames: none of ours
    static_cast<void>(socket.send(bytes_of(answer_to(text, answers)), zmq::More::no));
  }
}

Result<Welcome> say_hello(const std::string& address, const Hello& hello, std::chrono::milliseconds longest,
                          const std::atomic<bool>* stop)
{
  const auto answer = ask(address, to_message(hello), longest, stop);
  if (!answer) return tl::unexpected(answer.error());
  return parse_welcome(*answer);
}

Result<NodeList> list_nodes(const std::string& address, std::chrono::milliseconds longest, const std::atomic<bool>* stop)
{
  const nlohmann::json question{{"ravi", kHandshakeVersion}, {"list", nlohmann::json::object()}};
  const auto answer = ask(address, question.dump(), longest, stop);
  if (!answer) return tl::unexpected(answer.error());
  return parse_node_list(*answer);
}

Result<std::string> send_command(const std::string& address, std::string_view text, std::chrono::milliseconds longest)
{
  const auto answer = ask(address, command_message(text), longest);
  if (!answer) return tl::unexpected(answer.error());
  return parse_reply(*answer);
}

}  // namespace ravi
