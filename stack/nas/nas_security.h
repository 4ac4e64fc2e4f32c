#pragma once
// Protection of NAS messages: security header, NAS COUNT, integrity, ciphering. TS 24.501 §4.4, §9.1.1; TS 33.501 §6.4.

#include "stack/nas/mm_messages.h"
#include "stack/nas/octets.h"
#include "stack/security/ciphering.h"
#include "stack/security/integrity.h"
#include "stack/security/keys.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ravi::nas {

/// TS 24.501 §9.3; value on the wire. `new`: with the security context that this message takes into use.
enum class SecurityHeader : std::uint8_t {
  plain = 0,
  integrity = 1,
  integrity_ciphered = 2,
  integrity_new = 3,           ///< Security Mode Command only
  integrity_ciphered_new = 4,  ///< Security Mode Complete only
};

/// A security protected message taken apart; nothing is checked yet.
struct ProtectedNas {
  SecurityHeader header = SecurityHeader::plain;
  security::MacI mac{};
  std::uint8_t sequence_number = 0;
  std::span<const std::uint8_t> payload;  ///< the message inside, perhaps ciphered
  std::span<const std::uint8_t> covered;  ///< what the MAC covers: sequence number and payload
};
/// Empty optional: a plain or 5GSM message, an unknown security header type, or too short to hold a message.
[[nodiscard]] std::optional<ProtectedNas> split_protected(std::span<const std::uint8_t> message);

/// Which end of the connection.
enum class End : std::uint8_t { ue, network };

/// A 5G NAS security context in use on 3GPP access: keys, algorithms, both NAS COUNTs. Making one allocates; one thread at a time.
class NasSecurity {
public:
  static constexpr std::uint32_t kMaxCount = 0xFFFFFF;  ///< NAS COUNT: overflow counter (16 bits) || sequence number (8 bits)

  /// Both counts begin at 0. TS 33.501 §6.4.3.1.
  NasSecurity(End end, const security::Key256& k_amf, KeySet key_set, SecurityAlgorithms algorithms);

  /// Goes on with the counts of a context of the same K_AMF: other algorithms, no count used twice under a key.
  void continue_from(const NasSecurity& other)
  {
    send_count_ = other.send_count_;
    receive_count_ = other.receive_count_;
  }

  [[nodiscard]] const KeySet& key_set() const { return key_set_; }
  [[nodiscard]] const SecurityAlgorithms& algorithms() const { return algorithms_; }
  [[nodiscard]] const security::Key256& k_amf() const { return k_amf_; }

  /// A plain message protected as `header` says (not `plain`), under the next count. Empty optional: the counts are used up, and a
  /// new context is due.
  [[nodiscard]] std::optional<Octets> protect(SecurityHeader header, std::span<const std::uint8_t> plain);

  /// The plain message, if its MAC is right for a count above all accepted so far: forged and replayed messages give nothing
  /// and change nothing. TS 24.501 §4.4.3.2.
  [[nodiscard]] std::optional<Octets> open(const ProtectedNas& message);

  /// Enciphers, in place, the value of the NAS message container of the message that `protect` comes to next. TS 24.501 §4.4.6.
  void encipher_container(std::span<std::uint8_t> value);
  /// Deciphers the one in the message opened last.
  void decipher_container(std::span<std::uint8_t> value);

  /// NAS COUNT of the next message to be sent.
  [[nodiscard]] std::uint32_t send_count() const { return send_count_; }
  /// The least NAS COUNT that `open` accepts: one more than the last accepted.
  [[nodiscard]] std::uint32_t receive_count() const { return receive_count_; }
  /// Of the last uplink message, either end: what K_gNB is derived with. TS 33.501 §6.8.1.1.2.
  [[nodiscard]] std::uint32_t last_uplink_count() const;

private:
  [[nodiscard]] security::Direction sending() const;
  [[nodiscard]] security::Direction receiving() const;

  End end_;
  security::Key256 k_amf_;
  KeySet key_set_;
  SecurityAlgorithms algorithms_;
  security::Ciphering ciphering_;
  security::Integrity integrity_;
  std::uint32_t send_count_ = 0;
  std::uint32_t receive_count_ = 0;
};

}  // namespace ravi::nas
