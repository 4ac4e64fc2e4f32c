#pragma once
// Who may register: subscribers and their sequence numbers, in SQLite (UDM and its authentication credential repository).

#include "radio/result.h"
#include "stack/nas/nssai.h"
#include "stack/security/aka.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::core {

/// Keys are in it: never print one.
struct SubscriberData {
  std::string imsi;                        ///< 6..15 digits
  security::Subscriber keys;
  security::Amf amf = security::kAmf5g;
  security::Sqn sqn;                       ///< the last one used
  std::vector<std::string> dnns{"internet"};  ///< the first is the default
  std::uint8_t sst = 1;
  std::optional<std::uint32_t> sd;         ///< 24 bits
};

/// Whether the slice is the subscriber's. A differentiator of FFFFFF is none, TS 23.003 §28.4.2.
[[nodiscard]] bool is_subscribed(const SubscriberData& subscriber, const nas::SNssai& slice);

/// What may be shown.
struct SubscriberEntry {
  std::string imsi;
  std::uint64_t sqn = 0;
  std::string dnns;                        ///< with commas between
  std::uint8_t sst = 1;
  std::optional<std::uint32_t> sd;
};

/// "imsi-001010123456780" or its digits alone, to the digits. Empty: neither.
[[nodiscard]] std::optional<std::string> imsi_digits(std::string_view supi);
/// 32 hexadecimal digits. Empty: something else.
[[nodiscard]] std::optional<security::Key128> parse_key(std::string_view hex);

/// One thread at a time; several processes may have the file open.
class Subscribers {
public:
  /// Makes the file if there is none. ":memory:" keeps all in memory.
  [[nodiscard]] static Result<Subscribers> open(const std::string& file);
  ~Subscribers();
  Subscribers(Subscribers&&) noexcept;
  Subscribers& operator=(Subscribers&&) noexcept;

  /// Refused: the IMSI is there already, or a value is outside its range.
  [[nodiscard]] Result<void> add(const SubscriberData& subscriber);
  /// False: no such IMSI.
  [[nodiscard]] Result<bool> remove(std::string_view imsi);
  [[nodiscard]] Result<std::vector<SubscriberEntry>> list() const;
  /// Empty: no such IMSI, or the file cannot be read.
  [[nodiscard]] std::optional<SubscriberData> find(std::string_view imsi) const;

  /// The next sequence number, written down before it is given out: none is used twice. TS 33.102 §C.1.2.
  [[nodiscard]] std::optional<security::Sqn> take_sqn(std::string_view imsi);
  /// After a valid AUTS. TS 33.102 §6.3.5.
  bool resynchronize(std::string_view imsi, security::Sqn mobile);

private:
  struct Database;
  explicit Subscribers(std::unique_ptr<Database> database);
  [[nodiscard]] bool set_sqn(std::string_view imsi, security::Sqn sqn);
  std::unique_ptr<Database> database_;
};

}  // namespace ravi::core
