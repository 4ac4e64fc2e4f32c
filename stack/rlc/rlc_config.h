#pragma once
// Parameters of RLC entities and what they count. TS 38.331 RLC-Config, TS 38.322 §7.

#include "stack/rlc/rlc_pdu.h"
#include "stack/rlc/timer.h"

#include <cstddef>
#include <cstdint>

namespace ravi::rlc {

/// Bounds of an entity's memory, all of it taken at construction.
struct Capacity {
  std::size_t queue_sdus = 1024;          ///< SDUs waiting or unacknowledged
  std::size_t queue_octets = 1U << 20;    ///< their octets together
  std::size_t max_sdu_octets = 9024;      ///< largest SDU received: 9000 of PDCP (TS 38.323 §4.3.1) and its header
  std::size_t num_reassemblies = 64;      ///< SDUs received in part
};

/// For a signalling bearer: small.
inline constexpr Capacity kSrbCapacity{.queue_sdus = 64, .queue_octets = 1U << 17, .num_reassemblies = 8};

struct UmConfig {
  SnSize sn_size = SnSize::bits12;      ///< bits6 or bits12
  Time t_reassembly{50};
  Capacity capacity;
};

/// Defaults are those of SRB1..3, TS 38.331 §9.2.1.
struct AmConfig {
  SnSize sn_size = SnSize::bits12;      ///< bits12 or bits18
  Time t_poll_retransmit{45};
  std::uint32_t poll_pdu = 0;           ///< 0: infinity
  std::uint32_t poll_octets = 0;        ///< pollByte; 0: infinity
  std::uint8_t max_retx_threshold = 8;
  Time t_reassembly{35};
  Time t_status_prohibit{0};
  Capacity capacity;
};

struct TxCounters {
  std::uint64_t sdus = 0;             ///< taken from the upper layer
  std::uint64_t sdus_refused = 0;     ///< the queue was full
  std::uint64_t sdus_discarded = 0;   ///< taken back by the upper layer
  std::uint64_t pdus = 0;
  std::uint64_t octets = 0;           ///< of PDUs
  std::uint64_t retransmissions = 0;  ///< AM: PDUs with octets sent before
  std::uint64_t polls = 0;            ///< AM
  std::uint64_t status_pdus = 0;      ///< AM
};

struct RxCounters {
  std::uint64_t sdus = 0;           ///< given to the upper layer
  std::uint64_t pdus = 0;
  std::uint64_t octets = 0;         ///< of PDUs
  std::uint64_t malformed = 0;      ///< PDUs with no sense in them
  std::uint64_t dropped = 0;        ///< PDUs outside the window, or with nothing new
  std::uint64_t sdus_lost = 0;      ///< UM: given up incomplete by t-Reassembly or the window
  std::uint64_t status_pdus = 0;    ///< AM
};

}  // namespace ravi::rlc
