// Plain REQ and REP sockets, as srsRAN, OCUDU and GNU Radio use them, and peers that misbehave.

#include "drivers/zmq/zmq_radio.h"

#include "tests/drivers/zmq/zmq_pair.h"

#include <doctest/doctest.h>
#include <zmq.h>

#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace ravi;
using namespace ravi::testing;

namespace {

using namespace std::chrono_literals;

/// A libzmq socket of a foreign program; its calls give up after two seconds.
class Foreign {
public:
  explicit Foreign(int type) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, type))
  {
    const int linger = 0;
    const int timeout = 2000;
    zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof(linger));
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
    zmq_setsockopt(socket_, ZMQ_SNDTIMEO, &timeout, sizeof(timeout));
  }
  ~Foreign()
  {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;

  void connect(const std::string& endpoint) { REQUIRE(zmq_connect(socket_, endpoint.c_str()) == 0); }
  void bind(const std::string& endpoint) { REQUIRE(zmq_bind(socket_, endpoint.c_str()) == 0); }
  void send(const std::string& bytes, int flags = 0) { CHECK(zmq_send(socket_, bytes.data(), bytes.size(), flags) >= 0); }
  void send(const std::vector<Cf32>& samples)
  {
    CHECK(zmq_send(socket_, samples.data(), samples.size() * sizeof(Cf32), 0) >= 0);
  }
  [[nodiscard]] bool has_message()
  {
    zmq_pollitem_t item{socket_, 0, ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, 1) == 1;
  }
  /// The whole message as one text; none after the time-out.
  std::optional<std::string> receive()
  {
    zmq_msg_t message;
    zmq_msg_init(&message);
    std::optional<std::string> bytes;
    if (zmq_msg_recv(&message, socket_, 0) >= 0) {
      bytes = std::string(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    }
    zmq_msg_close(&message);
    return bytes;
  }
  std::vector<Cf32> receive_samples()
  {
    const auto bytes = receive();
    REQUIRE(bytes.has_value());
    REQUIRE(bytes->size() % sizeof(Cf32) == 0);
    std::vector<Cf32> samples(bytes->size() / sizeof(Cf32));
    std::memcpy(static_cast<void*>(samples.data()), bytes->data(), bytes->size());
    return samples;
  }

private:
  void* context_;
  void* socket_;
};

std::vector<Cf32> numbered_samples(std::int64_t first, std::size_t count)
{
  std::vector<Cf32> samples(count);
  fill_numbered(samples, first);
  return samples;
}

std::unique_ptr<ZmqRadio> sender(const std::string& endpoint)
{
  ZmqConfig config;
  config.tx = {endpoint};
  config.message_samples = 5000;
  auto radio = open_or_fail(config);
  REQUIRE(radio->start(SampleTime(0)).has_value());
  return radio;
}

std::unique_ptr<ZmqRadio> receiver(const std::string& endpoint)
{
  ZmqConfig config;
  config.rx = {endpoint};
  auto radio = open_or_fail(config);
  REQUIRE(radio->start(SampleTime(0)).has_value());
  return radio;
}

}  // namespace

TEST_CASE("ZMQ: requests of 0, 1, 4 and 4096 bytes are all answered with samples in order")
{
  auto radio = sender("tcp://127.0.0.1:*");
  Foreign foreign(ZMQ_REQ);
  foreign.connect(radio->tx_endpoints()[0]);
  std::thread asker([&] {
    std::int64_t next = 0;
    for (const std::size_t size : {0U, 1U, 4U, 4096U, 0U, 2U}) {
      foreign.send(std::string(size, '\xFF'));
      const auto samples = foreign.receive_samples();
      REQUIRE(!samples.empty());
      CHECK(samples == numbered_samples(next, samples.size()));
      next += static_cast<std::int64_t>(samples.size());
    }
  });
  IqBuffer block(1, 700);
  for (std::int64_t at = 0; at < 100 * 700; at += 700) {
    fill_numbered(block.channel(), at);
    REQUIRE(radio->transmit(block.span(), SampleTime(at), Burst::goes_on).status == TxStatus::ok);
  }
  asker.join();
}

TEST_CASE("ZMQ: no reply is longer than configured")
{
  ZmqConfig config;
  config.tx = {free_ipc()};
  config.message_samples = 1000;
  auto radio = open_or_fail(config);
  REQUIRE(radio->start(SampleTime(0)).has_value());
  Foreign foreign(ZMQ_REQ);
  foreign.connect(config.tx[0]);
  foreign.send("x");
  IqBuffer block(1, 10'500);
  fill_numbered(block.channel(), 0);
  REQUIRE(radio->transmit(block.span(), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
  for (int i = 0; i < 11; ++i) {
    CHECK(foreign.receive_samples().size() == (i < 10 ? 1000 : 500));
    if (i < 10) foreign.send("x");
  }
}

TEST_CASE("ZMQ: replies of 1 sample up to the largest anybody sends are put together again")
{
  const std::string endpoint = free_ipc();
  auto radio = receiver(endpoint);
  Foreign foreign(ZMQ_REP);
  foreign.bind(endpoint);
  const std::vector<std::size_t> sizes{1, 2, 3, 7, 11'520, 614'400, 1, 1'000'000, 4'915'200, 5};
  std::size_t total = 0;
  for (const std::size_t size : sizes) total += size;
  std::thread answerer([&] {
    std::int64_t next = 0;
    for (const std::size_t size : sizes) {
      CHECK(foreign.receive() == std::string(1, '\xFF'));
      foreign.send(numbered_samples(next, size));
      next += static_cast<std::int64_t>(size);
    }
    CHECK(foreign.receive().has_value());  // it goes on asking
  });
  IqBuffer block(1, 10'007);
  std::size_t received = 0;
  bool is_in_order = true;
  while (received + 10'007 <= total) {
    const RxResult result = receive_patiently(*radio, block.span());
    REQUIRE(result.status == RxStatus::ok);
    for (std::size_t i = 0; i < 10'007; ++i) {
      is_in_order = is_in_order && block.channel()[i] == numbered(static_cast<std::int64_t>(received + i));
    }
    received += 10'007;
  }
  answerer.join();
  CHECK(is_in_order);
  CHECK(radio->counters().malformed == 0);
}

TEST_CASE("ZMQ: a receiver that dies between request and reply leaves nothing behind")
{
  auto radio = sender("tcp://127.0.0.1:*");
  IqBuffer block(1, 100);
  for (int visit = 0; visit < 5; ++visit) {
    Foreign foreign(ZMQ_REQ);
    foreign.connect(radio->tx_endpoints()[0]);
    foreign.send("x");
    // The first blocks may still go to the visitor before, whose death is not known yet: that is the end of them.
    const std::int64_t begin = 1'000'000LL * (visit + 1);
    for (std::int64_t at = begin; at < begin + 200'000 && !foreign.has_message(); at += 100) {
      fill_numbered(block.channel(), at);
      REQUIRE(radio->transmit(block.span(), SampleTime(at), Burst::goes_on).status != TxStatus::late);
    }
    const auto samples = foreign.receive_samples();
    REQUIRE(!samples.empty());
    const std::int64_t first = static_cast<std::int64_t>(samples[0].real()) - 1 +
                               (static_cast<std::int64_t>(samples[0].imag()) - 1) * (1 << 20);
    CHECK(first >= begin);
    CHECK(first % 100 == 0);
    CHECK(samples == numbered_samples(first, samples.size()));
    foreign.send("x");  // and dies
  }
}

TEST_CASE("ZMQ: a second receiver waits until the first has left, and then gets what comes from then on")
{
  auto radio = sender(free_ipc());
  Foreign second(ZMQ_REQ);
  IqBuffer block(1, 100);
  std::int64_t at = 0;
  const auto transmit = [&] {
    fill_numbered(block.channel(), at);
    const TxResult result = radio->transmit(block.span(), SampleTime(at), Burst::goes_on);
    if (result.status == TxStatus::ok) at += 100;
  };
  {
    Foreign first(ZMQ_REQ);
    first.connect(radio->tx_endpoints()[0]);
    first.send("x");
    transmit();
    CHECK(first.receive_samples() == numbered_samples(0, 100));
    second.connect(radio->tx_endpoints()[0]);
    second.send("x");
    std::this_thread::sleep_for(50ms);
    transmit();
    first.send("x");
    CHECK(first.receive_samples() == numbered_samples(100, 100));
  }
  for (int i = 0; i < 1000 && at < 400; ++i) {
    transmit();
    std::this_thread::sleep_for(1ms);
  }
  const auto samples = second.receive_samples();
  REQUIRE(!samples.empty());
  CHECK(samples[0] != numbered(0));
  CHECK(static_cast<std::int64_t>(samples[0].real()) % 100 == 1);  // the beginning of a block
}

TEST_CASE("ZMQ: replies that cannot be samples are counted and dropped, and the next is asked for")
{
  const std::string endpoint = free_ipc();
  auto radio = receiver(endpoint);
  Foreign foreign(ZMQ_REP);
  foreign.bind(endpoint);
  std::thread answerer([&] {
    const auto answer = [&](const std::string& bytes) {
      REQUIRE(foreign.receive().has_value());
      foreign.send(bytes);
    };
    answer("");  // no samples at the moment, as GNU Radio says it: not malformed
    answer("1234567");
    answer(std::string(8 * 100 + 4, 'x'));
    answer(std::string(8 * 4'915'201, 'x'));  // one sample too long
    REQUIRE(foreign.receive().has_value());
    foreign.send(std::string(8, 'x'), ZMQ_SNDMORE);  // two frames
    foreign.send(std::string(8, 'x'));
    REQUIRE(foreign.receive().has_value());
    foreign.send(numbered_samples(0, 1000));
    CHECK(foreign.receive().has_value());
  });
  IqBuffer block(1, 1000);
  REQUIRE(receive_patiently(*radio, block.span()).status == RxStatus::ok);
  answerer.join();
  CHECK(radio->counters().malformed == 4);
  CHECK(block.channel()[0] == numbered(0));
  CHECK(block.channel()[999] == numbered(999));
}

TEST_CASE("ZMQ: NaN and infinite samples become zero and are counted")
{
  const std::string endpoint = free_ipc();
  auto radio = receiver(endpoint);
  Foreign foreign(ZMQ_REP);
  foreign.bind(endpoint);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::thread answerer([&] {
    REQUIRE(foreign.receive().has_value());
    foreign.send({Cf32{1, 2}, Cf32{kNan, 0}, Cf32{0, -kInfinite}, Cf32{3, 4}});
  });
  IqBuffer block(1, 4);
  REQUIRE(receive_patiently(*radio, block.span()).status == RxStatus::ok);
  answerer.join();
  CHECK(block.channel()[0] == Cf32{1, 2});
  CHECK(block.channel()[1] == Cf32{});
  CHECK(block.channel()[2] == Cf32{});
  CHECK(block.channel()[3] == Cf32{3, 4});
  CHECK(radio->counters().not_finite == 2);
}

TEST_CASE("ZMQ: a request that is none is counted and dropped while the stream goes on")
{
  auto radio = sender(free_ipc());
  Foreign hostile(ZMQ_DEALER);  // frames its messages itself
  hostile.connect(radio->tx_endpoints()[0]);
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    const auto num_frames = 1 + random() % 5;
    for (std::size_t f = 0; f < num_frames; ++f) {
      // Two frames of which the first is empty would be a request.
      hostile.send(std::string(1 + random() % 300, 'x'), f + 1 < num_frames ? ZMQ_SNDMORE : 0);
    }
  }
  for (int i = 0; i < 1000 && radio->counters().malformed < 50; ++i) std::this_thread::sleep_for(1ms);
  CHECK(radio->counters().malformed == 50);
  Foreign foreign(ZMQ_REQ);
  foreign.connect(radio->tx_endpoints()[0]);
  foreign.send("x");
  IqBuffer block(1, 10);
  fill_numbered(block.channel(), 0);
  REQUIRE(radio->transmit(block.span(), SampleTime(0), Burst::goes_on).status == TxStatus::ok);
  CHECK(foreign.receive_samples() == numbered_samples(0, 10));
}

TEST_CASE("ZMQ: something else than a transmit port at the other end neither crashes nor delivers")
{
  const std::string endpoint = free_ipc();
  Foreign publisher(ZMQ_PUB);
  publisher.bind(endpoint);
  auto radio = receiver(endpoint);
  IqBuffer block(1, 4);
  CHECK(radio->receive(block.span()).status == RxStatus::timeout);
  CHECK(radio->peer() == Peer::absent);
}

TEST_CASE("ZMQ: an endpoint that is taken is refused at once with its name")
{
  for (const std::string& endpoint : {std::string("tcp://127.0.0.1:*"), free_ipc()}) {
    ZmqConfig config;
    config.tx = {endpoint};
    auto radio = open_or_fail(config);
    config.tx = radio->tx_endpoints();
    const auto second = open_zmq(config);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::busy);
    CHECK(second.error().message.find(config.tx[0]) != std::string::npos);
    radio.reset();
    CHECK(open_zmq(config).has_value());
  }
}
