#pragma once
// What the programs of a network are told: one file for all of them, of which each uses its own part.

#include "drivers/ip/n3_udp.h"
#include "drivers/ip/sctp_stack.h"
#include "radio/air/air_config.h"
#include "radio/units.h"
#include "stack/rrc/derive_cell.h"
#include "stack/rrc/gnb_rrc.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ravi::config {

/// A subscriber: what a USIM holds, and the core knows. The keys are never printed.
struct UsimSection {
  std::string imsi = "001010123456780";
  std::string key;                    ///< K, 32 hexadecimal digits
  std::string opc;                    ///< OPc, 32 hexadecimal digits
};

/// The radio of a gNB or UE.
struct RadioSection {
  std::string device;                 ///< "DRIVER:..."
  std::optional<SampleRate> rate;     ///< empty: the smallest that holds the cell
  std::optional<Decibel> tx_gain, rx_gain;
  std::string antenna, clock, time;
};

/// The way to an AMF.
struct AmfSection {
  IpEndpoint amf{{127, 0, 0, 1}, kNgapPort};
  Ipv4 bind{127, 0, 0, 2};            ///< own address, of N2 and N3
  SctpKind sctp = SctpKind::automatic;
  unsigned udp_port = kSctpUdpPort;   ///< of SCTP in UDP, at the AMF
};

/// What a UE is told to measure for its channel quality reports. The SS/PBCH block alone is understood by this project's UE and
/// srsUE; TS 38.214 §5.2.1.4 wants CSI-RS for it, which this gNB does not send, so phones are better asked for none.
enum class CsiReports { block, none };

struct GnbSection {
  RadioSection radio{.device = "air:gnb@tcp://127.0.0.1:5550"};
  std::optional<AmfSection> core;     ///< empty: embedded
  unsigned id = 1;
  std::string name = "ravi";
  unsigned lead = 2;                  ///< slots
  CsiReports csi = CsiReports::block;
  std::optional<std::chrono::duration<double>> inactivity;  ///< a UE without a packet for so long is sent to idle; empty: never
  std::vector<unsigned> um_five_qis = rrc::GnbRrcConfig{}.um_five_qis;  ///< whose sessions use RLC UM
};

struct UeSection {
  RadioSection radio{.device = "air:ue@tcp://127.0.0.1:5550"};
  std::optional<unsigned> band;       ///< empty: the cell's
  std::optional<Hertz> frequency;     ///< empty: the cell's downlink carrier
  std::optional<unsigned> scs_khz;    ///< empty: the cell's
  UsimSection usim;
};

/// Protection scheme of a SUCI, TS 33.501 §C.3.4.
enum class SuciProfile { a, b };

/// A private key of the home network: reveals the SUCI of USIMs that hold its public half. Never printed.
struct SuciKeySection {
  unsigned id = 1;                    ///< as the USIM names it
  SuciProfile profile = SuciProfile::a;
  std::string key;                    ///< 64 hexadecimal digits
};

struct CoreSection {
  IpEndpoint n2{{127, 0, 0, 1}, kNgapPort};
  Ipv4 n3{127, 0, 0, 1};
  SctpKind sctp = SctpKind::automatic;
  unsigned udp_port = kSctpUdpPort;
  std::string subscribers = ":memory:";
  std::vector<UsimSection> users;     ///< added to the subscribers
  std::optional<nr::Plmn> plmn;       ///< empty: the cell's
  std::optional<unsigned> tac;        ///< empty: the cell's
  Ipv4 pool{10, 45, 0, 0};            ///< /16
  std::string name = "Ravi";          ///< of the network, as phones show it; empty: they are told none
  std::string short_name;             ///< empty: none
  std::vector<Ipv4> dns;              ///< that UEs are told; empty: the gateway
  std::optional<Ipv4> p_cscf;         ///< of an IMS; empty: there is none
  std::vector<SuciKeySection> suci_keys;
  unsigned five_qi = 9;               ///< of each session's QoS flow
};

/// What is done otherwise than by default, for a foreign program at the other end (apps/quirks.h).
enum class Quirks { none, srsue, ocudu };

struct NetworkConfig {
  rrc::CellIntent cell;
  std::optional<air::AirConfig> air;
  GnbSection gnb;
  UeSection ue;
  CoreSection core;
  Quirks quirks = Quirks::none;
};

}  // namespace ravi::config
