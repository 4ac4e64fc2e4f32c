#pragma once
// A whole network in this process: gNB with core, UEs, the air between them, and the traffic that tries it. What `ravi up` runs.

#include "apps/air_setup.h"
#include "apps/gnb_node.h"
#include "apps/ue_node.h"
#include "radio/air/air_config.h"
#include "radio/result.h"
#include "stack/ip/traffic.h"
#include "stack/nr/cell.h"
#include "stack/pcap/capture.h"
#include "stack/security/aka.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ravi::apps {

/// A subscriber's two sides, which differ only where a fault is wanted.
struct NetworkUe {
  std::string imsi;
  security::Subscriber usim;
  security::Subscriber subscriber;  ///< as the core knows it
};
/// srsUE's example subscriber, 001010123456780, and those after it: one digit on, another last octet of the key.
[[nodiscard]] NetworkUe example_ue(std::size_t n);

struct TrafficChoice {
  bool has_ping = true;
  bool has_downlink = true;
  bool has_uplink = true;
};

struct NetworkConfig {
  nr::Cell cell;
  SampleRate rate;
  air::AirConfig air;               ///< with nodes "gnb" and "ue" or "ue0", "ue1", ...; its rate and blocks are set to fit
  Fronthaul fronthaul = Fronthaul::loopback;
  bool is_inline = false;           ///< all in one thread, in a fixed order: repeats bit for bit; loopback only
  std::vector<NetworkUe> ues;       ///< 1..kMaxUes
  TrafficChoice traffic;
  std::uint8_t five_qi = 9;         ///< of the sessions' QoS flow
  std::chrono::nanoseconds duration{std::chrono::seconds(5)};  ///< network time
  std::uint64_t seed = 1;           ///< of all but the air
  pcap::Capture* capture = nullptr; ///< gets what passes gNB and core; outlives the network, and is ended by its owner
};

/// A run's stretches: all attach; pings on an idle link; traffic at a rate just above what the cell can carry; all are switched off.
enum class Phase : std::uint8_t { attach, ping, traffic, leave };

/// One direction of one UE while traffic ran, first moments excluded.
struct FlowResult {
  double goodput_bps = 0.0;         ///< of IP packets received
  mac::LinkCounters link;
  std::uint64_t packets = 0;
};

struct UeResult {
  std::string imsi;
  UeNodeStatus status;
  ip::PingReport ping;
  FlowResult downlink, uplink;
  bool has_left = false;            ///< deregistered at the end
  [[nodiscard]] bool is_attached() const { return status.address.has_value(); }
};

struct NetworkResult {
  std::chrono::nanoseconds time{0};         ///< network time that passed
  std::chrono::nanoseconds traffic_time{0}; ///< of which measured with traffic
  double real_time_factor = 0.0;            ///< while traffic ran; without traffic: of the whole run
  double whole_real_time_factor = 0.0;
  double cpu_cores = 0.0;                   ///< used by this process, over the same stretch as real_time_factor
  std::uint64_t lates = 0;                  ///< slots and transmissions made too late, of all nodes
  std::uint64_t gaps = 0;
  std::uint64_t digest = 0;                 ///< of all samples received; inline runs only
  bool has_failed = false;                  ///< a radio was lost
  GnbNodeStatus gnb;
  core::AmfCounters amf;
  std::vector<UeResult> ues;
};

class Network {
public:
  static constexpr std::size_t kMaxUes = 8;
  static constexpr std::chrono::milliseconds kPingInterval{23};  ///< meets every phase of scheduling requests and reports
  static constexpr std::chrono::milliseconds kLeaving{300};   ///< behind the duration, until all are deregistered
  static constexpr std::chrono::milliseconds kSettling{200};  ///< traffic that is not measured at its beginning

  /// `bad_input`: a cell, rate, number of UEs or air that cannot be.
  [[nodiscard]] static Result<std::unique_ptr<Network>> make(const NetworkConfig& config);
  ~Network();

  /// Starts all radios, and the threads where there are.
  [[nodiscard]] Result<void> start();
  /// Goes on a little: inline by one slot of every node, else by some milliseconds of waiting. False: it has ended.
  [[nodiscard]] bool advance();
  /// Ends it before its time; `advance` until it is false.
  void stop() noexcept;

  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  /// As of now; after the end the final result.
  [[nodiscard]] NetworkResult result();

private:
  struct CoreDesk;
  /// Where a flow stood when the measurement began.
  struct Mark {
    std::chrono::nanoseconds time{0};
    std::uint64_t octets = 0;
    std::uint64_t packets = 0;
    mac::LinkCounters link;
  };
  struct UeEntry {
    NetworkUe who;
    ip::Traffic* traffic = nullptr;  ///< the node's
    std::unique_ptr<UeNode> node;
    Mark downlink_mark, uplink_mark;
  };
  struct WallMark {
    std::chrono::nanoseconds network{0};
    std::chrono::steady_clock::time_point wall;
    double cpu_s = 0.0;
  };

  explicit Network(const NetworkConfig& config);
  [[nodiscard]] Result<void> build();
  [[nodiscard]] Result<std::unique_ptr<GnbNode>> make_gnb(std::unique_ptr<Radio> radio);
  [[nodiscard]] std::unique_ptr<UeNode> make_ue(std::size_t n, std::unique_ptr<Radio> radio, ip::Traffic*& traffic);
  void plan_traffic();
  void run_phases();
  void begin(Phase phase, std::chrono::nanoseconds now);
  [[nodiscard]] NetworkResult result_now();
  [[nodiscard]] Mark downlink_now(std::size_t n);
  [[nodiscard]] Mark uplink_now(std::size_t n);
  [[nodiscard]] WallMark wall_now(std::chrono::nanoseconds now) const;
  [[nodiscard]] bool has_ended() const;

  NetworkConfig config_;
  RunningAir air_;
  std::shared_ptr<CoreDesk> desk_;
  std::unique_ptr<GnbNode> gnb_;
  std::vector<UeEntry> ues_;
  std::uint64_t num_pings_ = 0;
  double uplink_bps_ = 0.0;          ///< offered by each UE
  Phase phase_ = Phase::attach;
  std::chrono::nanoseconds phase_begin_{0};
  bool is_measuring_ = false;
  WallMark started_, measured_from_;
  std::optional<NetworkResult> result_;  ///< as of when all began to leave
  bool is_over_ = false;
};

}  // namespace ravi::apps
