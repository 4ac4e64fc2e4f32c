#pragma once
// Radios joined in one process: each node receives the sum of what the others send, or what an emulated air makes of it.

#include "drivers/loopback/lockstep.h"
#include "radio/air/emulator.h"
#include "radio/device_string.h"
#include "radio/iq.h"
#include "radio/radio.h"
#include "radio/result.h"
#include "radio/time.h"
#include "radio/units.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ravi {

/// Who pads a node's silence with zeros so that the others can go on.
enum class Padding {
  on_receive,  ///< to receive up to t, a node has sent up to t (rule A of the simulated fronthaul): for all but hubs
  by_sender,   ///< the node itself sends every sample, in time after it received the same ones: a hub
};

struct LoopbackNode {
  std::string name;
  std::size_t num_tx_ports = 1;  ///< 0..8
  std::size_t num_rx_ports = 1;  ///< 0..8
  Padding padding = Padding::on_receive;
};

struct LoopbackConfig {
  SampleRate sample_rate{};         ///< 0: the first `set_sample_rate` decides for all nodes
  std::vector<LoopbackNode> nodes;  ///< at most 16; with an emulator its nodes, in its order
  /// Samples a port can be ahead of the slowest receiver; 1024..2^24, rounded up to a power of two. The longest block is
  /// half of it. Memory: 8 bytes a sample for each transmit port, with an emulator for each receive port as well.
  SampleCount ring{1 << 18};
  Waiting waiting = Waiting::blocks;
};

/// What all nodes share: one time line, a ring of samples a port. Lives as long as the last of its radios.
///
/// Nodes come (`Radio::start`) and go (`stop`) at any time; an absent node is silent and nobody waits for it. Port p of a
/// node hears port p of every other node, if there is no emulator. A call that would have to wait for another node waits
/// for at most 100 ms, or not at all (`Waiting::returns`), and then says `timeout`; repeated later it goes on where it was.
class LoopbackAir : public std::enable_shared_from_this<LoopbackAir> {
public:
  /// `emulator`: none, or one created for these nodes at this rate.
  [[nodiscard]] static Result<std::shared_ptr<LoopbackAir>> create(const LoopbackConfig& config,
                                                                   std::unique_ptr<air::Emulator> emulator = nullptr);
  ~LoopbackAir();

  /// A further node, while others run. Not with an emulator.
  [[nodiscard]] Result<void> add(const LoopbackNode& node);

  /// The node's radio. Only one at a time: `busy` while an earlier one lives.
  [[nodiscard]] Result<std::unique_ptr<Radio>> join(std::string_view name);

  /// Samples that the node's `receive` would deliver without waiting. Any thread; real time.
  [[nodiscard]] std::size_t available(std::string_view name) const noexcept;

  [[nodiscard]] std::vector<std::string> names() const;

private:
  friend class LoopbackRadio;
  struct Node;
  struct Emulation;

  LoopbackAir(const LoopbackConfig& config, std::int64_t ring_length);
  [[nodiscard]] bool hears_all(std::size_t receiver, std::int64_t end) noexcept;
  [[nodiscard]] bool has_room_to_send(std::int64_t end) const noexcept;
  void mix(std::size_t receiver, std::int64_t begin, IqSpan out) noexcept;
  [[nodiscard]] bool emulate_up_to(std::int64_t end) noexcept;
  void emulate(std::int64_t begin, std::int64_t end) noexcept;

  Lockstep lockstep_;
  std::atomic<std::int64_t> rate_hz_;
  std::array<std::unique_ptr<Node>, Lockstep::kMaxNodes> nodes_;
  std::unique_ptr<Emulation> emulation_;  ///< none: plain sum
  mutable std::mutex control_mutex_;      ///< add, join, leave
};

/// `loopback:NODE@AIR` with `ports=N` (default 1): joins the air of that name in this process ("air" where none is named),
/// as a new node if it has none of that name. The air is created by the first who names it, and gone with the last.
[[nodiscard]] Result<std::unique_ptr<Radio>> open_loopback(const DeviceString& device);

/// Lets `open_loopback` find an air that the program has made itself, as long as that lives.
[[nodiscard]] Result<void> publish_loopback(const std::string& name, const std::shared_ptr<LoopbackAir>& air);

}  // namespace ravi
