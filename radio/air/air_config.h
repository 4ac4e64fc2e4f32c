#pragma once
// What the emulated air is made of. `config/` fills it from YAML; `radio/air/emulator.h` runs it.

#include "radio/time.h"
#include "radio/units.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi::air {

/// Samples between the hub and a node: float32, or half the bytes at 16 bits (foreign programs know float32 only).
enum class CableFormat { cf32, sc16 };

/// One participant. Foreign nodes (`endpoints` given) speak the plain REQ/REP protocol; Ravi's own find their node by
/// name through the hub's handshake and need none.
struct NodeConfig {
  std::string name;              ///< unique
  std::size_t num_tx_ports = 1;  ///< streams the node sends, 0..8
  std::size_t num_rx_ports = 1;  ///< streams the node receives, 0..8
  /// Foreign nodes: per transmit port of the node the address the hub connects to ("tcp://127.0.0.1:2001").
  std::vector<std::string> node_tx_endpoints;
  /// Foreign nodes: per receive port of the node the address the hub binds ("tcp://127.0.0.1:2000").
  std::vector<std::string> node_rx_endpoints;
  /// Noise of the node's receivers; none: noiseless. Relative to full scale in the whole sample rate.
  std::optional<DbFs> noise_floor;
  std::optional<Hertz> center_frequency;  ///< expected in the handshake; none: any
  CableFormat format = CableFormat::cf32; ///< over ZeroMQ; a Ravi node may ask for the other in the handshake
};

/// Tapped delay line profiles of TS 38.901 §7.7.2, and those of twelve taps that conformance tests of TS 38.101-4 §B.2.1 and
/// TS 38.104 §G.2.1.1 use.
enum class FadingProfile { none, tdl_a, tdl_b, tdl_c, tdl_d, tdl_e, tdla30, tdlb100, tdlc300 };

struct FadingConfig {
  FadingProfile profile = FadingProfile::none;
  std::chrono::duration<double> delay_spread{30e-9};  ///< RMS, TS 38.901 §7.7.3: scales the normalized delays; tdla30 and its like have theirs
  Hertz doppler{5.0};                                 ///< maximum, >= 0
};

/// One-way path from a node's transmit port to another node's receive port.
struct LinkConfig {
  std::string from;  ///< node name
  std::string to;    ///< node name
  std::size_t from_port = 0;
  std::size_t to_port = 0;
  Decibel gain{0.0};                         ///< negative: path loss
  std::chrono::duration<double> delay{0.0};  ///< >= 0, fractions of a sample included
  std::optional<Decibel> snr;  ///< AWGN at this ratio to the link's own mean signal power (see `snr_reference`)
  DbFs snr_reference{-12.0};   ///< transmitted level `snr` counts from: noise = reference + gain - snr
  Hertz cfo{0.0};              ///< carrier offset added by the link
  double drift_ppm =
      0.0;  ///< transmitter's sample clock relative to the receiver's, -100..100; leaves the carrier alone
  /// How far drift may move the delay before it jumps back (a slip). Positive drift shortens the delay, so such a link
  /// starts with this much more. The default lasts an hour at 1 ppm.
  std::chrono::duration<double> drift_reserve{3.6e-3};
  FadingConfig fading;
};

enum class InterfererKind { tone, chirp, recording };

struct InterfererConfig {
  InterfererKind kind = InterfererKind::tone;
  std::string to;  ///< node name
  std::size_t to_port = 0;
  DbFs level{-40.0};     ///< mean power where it arrives (recording: gain relative to the file, dB)
  Hertz frequency{0.0};  ///< tone: offset from center; chirp: where a sweep starts; recording: shift
  Hertz sweep_end{0.0};  ///< chirp only
  std::chrono::duration<double> sweep_time{1e-3};  ///< chirp only, > 0
  std::string file;                                ///< recording only: SigMF, played in a loop
  std::chrono::duration<double> start{0.0};
  std::optional<std::chrono::duration<double>> stop;
};

enum class FaultKind { drop, repeat, late, corrupt };

/// A disturbance of whole blocks on the way from one node's port: what a broken fronthaul does.
struct FaultConfig {
  FaultKind kind = FaultKind::drop;
  std::string from;  ///< node name
  std::size_t from_port = 0;
  double probability = 0.0;                         ///< per block, 0..1
  std::optional<std::chrono::duration<double>> at;  ///< instead of a probability: the block that holds this instant
  std::size_t length = 1;                           ///< blocks hit in a row; late: blocks of delay
};

/// At `at`, the named link's values change to those given.
struct StepConfig {
  std::chrono::duration<double> at{0.0};
  std::string from;
  std::string to;
  std::size_t from_port = 0;
  std::size_t to_port = 0;
  std::optional<Decibel> gain;
  std::optional<Decibel> snr;
  std::optional<Hertz> cfo;
  std::optional<std::chrono::duration<double>> delay;
};

/// How the hub paces: as fast as the slowest node, or not faster than real time.
enum class Pace { free, realtime };

struct AirConfig {
  SampleRate sample_rate{23'040'000};
  std::chrono::duration<double> block{1e-3};  ///< the hub advances by blocks of this length
  std::uint64_t seed = 1;
  Pace pace = Pace::free;
  std::string listen = "tcp://127.0.0.1:5550";  ///< handshake and commands
  std::vector<NodeConfig> nodes;
  std::vector<LinkConfig> links;  ///< none at all: every node hears every other at 0 dB, port to same port
  std::vector<InterfererConfig> interferers;
  std::vector<FaultConfig> faults;
  std::vector<StepConfig> steps;
};

/// The sample nearest to a time of the configuration (times count from the air's start; >= 0).
[[nodiscard]] inline std::uint64_t to_sample(std::chrono::duration<double> time, SampleRate rate)
{
  return static_cast<std::uint64_t>(to_samples(std::chrono::round<std::chrono::nanoseconds>(time), rate).value());
}

}  // namespace ravi::air
