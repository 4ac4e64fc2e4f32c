#pragma once
// A pcapng file of what several nodes saw, in the order of network time.

#include "radio/result.h"
#include "stack/pcap/pcapng.h"
#include "stack/pcap/tap.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ravi::pcap {

struct CaptureConfig {
  std::filesystem::path file;
  MacForm mac = MacForm::text;
  nr::Duplex duplex = nr::Duplex::fdd;
  std::size_t ring_octets = std::size_t{1} << 24U;  ///< of each node: what comes between two calls of `drain`
};

struct CaptureCounters {
  std::uint64_t packets = 0;        ///< written
  std::uint64_t dropped = 0;        ///< no room in a ring
  std::uint64_t unreadable = 0;     ///< NGAP that may hold a key nobody can find: not written
  bool has_failed = false;          ///< the file could not be written any further
};

/// One thread opens, drains and ends it; it outlives the nodes that use its taps. The file holds whole packets at any time.
class Capture {
public:
  /// Records wait this long, in network time, for older ones of other nodes.
  static constexpr std::chrono::milliseconds kHoldBack{50};

  /// `io`: the file cannot be made; a file that is there already is replaced.
  [[nodiscard]] static Result<std::unique_ptr<Capture>> open(const CaptureConfig& config);
  ~Capture() { finish(); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// Before the node begins. `name`: "gNB", "UE 1". Stays where it is.
  [[nodiscard]] Tap& add_tap(Node node, std::string name);
  /// Writes what waits and is old enough.
  void drain();
  /// Writes all that waits.
  void finish();

  [[nodiscard]] CaptureCounters counters() const;

private:
  struct Waiting {
    std::size_t tap = 0;
    RecordHead head;
    Octets octets;
  };

  explicit Capture(CaptureConfig config) : config_(std::move(config)) {}
  void collect();
  void write_until(std::int64_t time_ns);
  void append(Waiting& record);
  [[nodiscard]] std::uint32_t interface_of(std::size_t tap, Kind kind);

  CaptureConfig config_;
  std::ofstream file_;
  std::vector<std::unique_ptr<Tap>> taps_;
  std::map<std::pair<std::size_t, Kind>, std::uint32_t> interfaces_;
  std::vector<Waiting> waiting_;
  std::int64_t newest_ns_ = 0;
  Octets blocks_;   ///< to be written
  Octets packet_;
  CaptureCounters counters_;
};

}  // namespace ravi::pcap
