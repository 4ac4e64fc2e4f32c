#include "config/air_config_tables.h"

#include "radio/air/check.h"

namespace ravi::config {
namespace {

using namespace ravi::air;

constexpr Bounds kAny{};
constexpr Bounds kPort{0, 7};
constexpr Bounds kNumPorts{0, 8};
constexpr Bounds kGain{-kMaxDb, kMaxDb};   // dB
constexpr Bounds kLevel{-kMaxDb, kMaxDb};  // dBFS
constexpr Bounds kDelay{0, 1};             // s
constexpr Bounds kOffset{-1e9, 1e9};       // Hz
constexpr Bounds kInstant{0, 1e7};         // s
constexpr auto kRequired = Presence::required;

}  // namespace

const Table<NodeConfig>& node_table()
{
  using N = NodeConfig;
  static const Table<N> table{
      field("name", &N::name, kAny, "name of the node, unique; letters, digits, - and _", kRequired),
      field("tx_ports", &N::num_tx_ports, kNumPorts, "streams the node sends (default: as many as tx_endpoints, else 1)"),
      field("rx_ports", &N::num_rx_ports, kNumPorts, "streams the node receives (default: as many as rx_endpoints, else 1)"),
      text_list("tx_endpoints", &N::node_tx_endpoints,
                "foreign node: where its transmit ports listen, e.g. tcp://127.0.0.1:2001; the hub connects there"),
      text_list("rx_endpoints", &N::node_rx_endpoints,
                "foreign node: where its receive ports connect to, e.g. tcp://127.0.0.1:2100; the hub listens there"),
      field("noise_floor", &N::noise_floor, kLevel, "noise of the node's receivers over the whole sample rate"),
      choice("format", &N::format, {{"cf32", CableFormat::cf32}, {"sc16", CableFormat::sc16}},
             "samples between hub and node; sc16 is half the bytes, for Ravi nodes only"),
      field("center_frequency", &N::center_frequency, Bounds{0, 1e12}, "what a Ravi node must be tuned to; none: anything"),
  };
  return table;
}

const Table<FadingConfig>& fading_table()
{
  using F = FadingConfig;
  static const Table<F> table{
      choice("profile", &F::profile,
             {{"none", FadingProfile::none}, {"tdl_a", FadingProfile::tdl_a}, {"tdl_b", FadingProfile::tdl_b},
              {"tdl_c", FadingProfile::tdl_c}, {"tdl_d", FadingProfile::tdl_d}, {"tdl_e", FadingProfile::tdl_e},
              {"tdla30", FadingProfile::tdla30}, {"tdlb100", FadingProfile::tdlb100}, {"tdlc300", FadingProfile::tdlc300}},
             "tapped delay line of TS 38.901 §7.7.2, or one of TS 38.101-4 §B.2.1 with a delay spread of its own"),
      field("delay_spread", &F::delay_spread, Bounds{0, 10e-6}, "RMS delay spread, TS 38.901 §7.7.3"),
      field("doppler", &F::doppler, Bounds{0, 1e5}, "maximum Doppler shift"),
  };
  return table;
}

const Table<LinkConfig>& link_table()
{
  using L = LinkConfig;
  static const Table<L> table{
      field("from", &L::from, kAny, "the node that sends", kRequired),
      field("to", &L::to, kAny, "the node that receives", kRequired),
      field("from_port", &L::from_port, kPort, "its transmit port"),
      field("to_port", &L::to_port, kPort, "its receive port"),
      field("gain", &L::gain, kGain, "negative: path loss"),
      field("delay", &L::delay, kDelay, "time of flight, fractions of a sample included"),
      field("snr", &L::snr, kGain, "noise this far below the link's signal (see snr_reference)"),
      field("snr_reference", &L::snr_reference, kLevel, "transmitted level that snr counts from"),
      field("cfo", &L::cfo, kOffset, "carrier frequency offset"),
      ppm_field("drift", &L::drift_ppm, Bounds{-100, 100}, "transmitter's sample clock relative to the receiver's"),
      field("drift_reserve", &L::drift_reserve, Bounds{0, 1}, "how far drift may move the delay before it jumps back"),
      map_of("fading", &L::fading, fading_table(), "multipath fading"),
  };
  return table;
}

const Table<InterfererConfig>& interferer_table()
{
  using I = InterfererConfig;
  static const Table<I> table{
      choice("kind", &I::kind,
             {{"tone", InterfererKind::tone}, {"chirp", InterfererKind::chirp}, {"recording", InterfererKind::recording}},
             "what disturbs", kRequired),
      field("to", &I::to, kAny, "the node that hears it", kRequired),
      field("to_port", &I::to_port, kPort, "its receive port"),
      field("level", &I::level, kLevel, "mean power where it arrives (recording: gain relative to the file)"),
      field("frequency", &I::frequency, kOffset, "offset from the center (chirp: start of the sweep)"),
      field("sweep_end", &I::sweep_end, kOffset, "chirp: end of the sweep"),
      field("sweep_time", &I::sweep_time, Bounds{1e-6, 60}, "chirp: duration of a sweep"),
      field("file", &I::file, kAny, "recording: SigMF file, played in a loop"),
      field("start", &I::start, kInstant, "when it begins"),
      field("stop", &I::stop, kInstant, "when it ends"),
  };
  return table;
}

const Table<FaultConfig>& fault_table()
{
  using F = FaultConfig;
  static const Table<F> table{
      choice("kind", &F::kind,
             {{"drop", FaultKind::drop}, {"repeat", FaultKind::repeat}, {"late", FaultKind::late},
              {"corrupt", FaultKind::corrupt}},
             "what happens to a block of samples", kRequired),
      field("from", &F::from, kAny, "the node whose blocks are hit", kRequired),
      field("from_port", &F::from_port, kPort, "its transmit port"),
      field("probability", &F::probability, Bounds{0, 1}, "chance of each block"),
      field("at", &F::at, kInstant, "instead of a probability: the block that holds this instant"),
      field("length", &F::length, Bounds{1, 10'000}, "blocks hit in a row; late: blocks of delay"),
  };
  return table;
}

const Table<StepConfig>& step_table()
{
  using S = StepConfig;
  static const Table<S> table{
      field("at", &S::at, kInstant, "when the link changes", kRequired),
      field("from", &S::from, kAny, "the link's sending node", kRequired),
      field("to", &S::to, kAny, "the link's receiving node", kRequired),
      field("from_port", &S::from_port, kPort, "its transmit port"),
      field("to_port", &S::to_port, kPort, "its receive port"),
      field("gain", &S::gain, kGain, "new gain"),
      field("snr", &S::snr, kGain, "new signal to noise ratio"),
      field("cfo", &S::cfo, kOffset, "new carrier frequency offset"),
      field("delay", &S::delay, kDelay, "new delay"),
  };
  return table;
}

const Table<AirConfig>& air_table()
{
  using A = AirConfig;
  static const Table<A> table{
      field("sample_rate", &A::sample_rate, Bounds{1, 1e9}, "complex samples a second, the same for all nodes"),
      field("block", &A::block, Bounds{1e-6, 1}, "the hub advances by blocks of this length; faults strike blocks"),
      field("seed", &A::seed, Bounds{0, 9.2e18}, "all randomness comes from it: same seed, same bits"),
      choice("pace", &A::pace, {{"free", Pace::free}, {"realtime", Pace::realtime}},
             "as fast as the slowest node, or not faster than real time"),
      field("listen", &A::listen, kAny, "where Ravi nodes and commands reach the hub"),
      list_of("nodes", &A::nodes, node_table(), "who takes part"),
      list_of("links", &A::links, link_table(), "who hears whom; none at all: everybody, at 0 dB, port to same port"),
      list_of("interferers", &A::interferers, interferer_table(), "what else is on the air"),
      list_of("faults", &A::faults, fault_table(), "disturbances of whole blocks on the way from a node"),
      list_of("steps", &A::steps, step_table(), "changes of links at stated times"),
  };
  return table;
}

}  // namespace ravi::config
