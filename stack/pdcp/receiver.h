#pragma once
// The receiving PDCP entity: deciphering, integrity verification, duplicates, reordering. TS 38.323 §5.2.2.

#include "stack/pdcp/pdcp_config.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ravi::pdcp {

enum class RxVerdict : std::uint8_t {
  accepted,
  control,            ///< a control PDU: counted and ignored
  malformed,          ///< too short, too long, or a COUNT that cannot be
  integrity_failure,  ///< on an SRB, RRC is to be told: TS 38.331 §5.3.7.2; on a DRB that is all: TS 38.323 §5.9
  duplicate,          ///< received before, or delivered past: a replay ends here
};

struct RxCounters {
  std::uint64_t sdus = 0;                ///< delivered
  std::uint64_t octets = 0;              ///< of SDUs delivered
  std::uint64_t control = 0;
  std::uint64_t malformed = 0;
  std::uint64_t integrity_failures = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordering_expired = 0;  ///< t-Reordering ran out
  std::uint64_t store_overflows = 0;     ///< delivery went past a hole because no memory was left to wait
};

/// Memory: num_stored SDUs and a table of Window_Size entries, taken at construction. Nothing here allocates. One thread.
class Receiver {
public:
  /// `direction` of what it receives: the gNB's is uplink.
  Receiver(const Config& config, security::Direction direction);

  /// Takes a PDU in. Then `next` until it has none.
  RxVerdict receive(std::span<const std::uint8_t> pdu, Time now) noexcept;
  /// Runs t-Reordering. Then `next` until it has none.
  void tick(Time now) noexcept;

  struct Sdu {
    std::span<const std::uint8_t> octets;
    std::uint32_t count = 0;
    bool is_integrity_verified = false;  ///< false: integrity was not active when it came, or the bearer has none
  };
  /// The next SDU in order of COUNT. Valid until the next call of any function but `verify_last`.
  [[nodiscard]] std::optional<Sdu> next() noexcept;
  /// Checks the MAC-I of the last SDU of `next` with the integrity activated meanwhile: for the SecurityModeCommand,
  /// whose content names the algorithm. TS 38.331 §5.3.4.3. False if there is none.
  [[nodiscard]] bool verify_last() noexcept;

  /// From the next PDU on. Allocates.
  void activate_integrity(security::IntegrityAlgorithm algorithm, const security::Key128& key);
  void activate_ciphering(security::CipheringAlgorithm algorithm, const security::Key128& key);
  /// Gives up every hole: all that is stored can be had by `next`. Before the re-establishment of an UM DRB, or a release.
  void flush() noexcept;
  /// TS 38.323 §5.1.2: an SRB and an UM DRB drop what is stored and count from 0 again; an AM DRB goes on.
  void reestablish() noexcept;

  [[nodiscard]] std::uint32_t rx_deliv() const noexcept { return rx_deliv_; }
  [[nodiscard]] std::uint32_t rx_next() const noexcept { return rx_next_; }
  /// To go on from a COUNT, nothing stored: after a handover, or a test near the wrap.
  void set_rx_next(std::uint32_t count) noexcept;
  [[nodiscard]] const RxCounters& counters() const noexcept { return counters_; }

private:
  struct Stored {
    std::uint32_t count = 0;
    std::uint32_t size = 0;  ///< header, SDU and MAC-I; 0: free
    bool is_verified = false;
  };
  static constexpr std::int16_t kNone = -1;

  [[nodiscard]] std::span<std::uint8_t> memory_of(std::size_t slot) noexcept
  {
    return std::span(memory_).subspan(slot * slot_octets_, slot_octets_);
  }
  [[nodiscard]] std::int16_t& slot_of(std::uint32_t count) noexcept { return slots_[count & table_mask_]; }
  [[nodiscard]] bool is_stored(std::uint32_t count) noexcept;
  [[nodiscard]] std::uint32_t first_stored(std::uint32_t begin, std::uint32_t end) const noexcept;
  void release_delivered() noexcept;
  void deliver_past_hole() noexcept;
  void advance_deliv(std::uint32_t to) noexcept;
  void update_timer(Time now) noexcept;
  void forget_all(std::uint32_t count) noexcept;
  /// Deciphers in place; false if the MAC-I is wrong.
  [[nodiscard]] bool decipher_and_verify(std::span<std::uint8_t> pdu, std::uint32_t count) noexcept;
  [[nodiscard]] bool has_right_mac(std::span<const std::uint8_t> pdu, std::uint32_t count) noexcept;

  Config config_;
  security::Direction direction_;
  Security security_;
  std::size_t slot_octets_;
  std::vector<std::uint8_t> memory_;
  std::vector<Stored> stored_;
  std::vector<std::uint16_t> free_;
  std::vector<std::int16_t> slots_;  ///< by COUNT modulo the window: index into stored_, or kNone
  std::uint32_t table_mask_;
  std::uint32_t next_out_ = 0;       ///< `next` has handed out everything below; <= RX_DELIV
  std::int16_t handed_out_ = kNone;  ///< slot of the last SDU of `next`
  std::uint32_t rx_next_ = 0;
  std::uint32_t rx_deliv_ = 0;
  std::uint32_t rx_reord_ = 0;
  std::optional<Time> reordering_end_;
  RxCounters counters_;
};

}  // namespace ravi::pdcp
