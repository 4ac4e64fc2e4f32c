#include "stack/core/subscribers.h"

#include "stack/nas/pdu_session.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ravi::core {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS subscribers (imsi TEXT PRIMARY KEY, k BLOB NOT NULL, opc BLOB NOT NULL, amf BLOB NOT NULL,"
    " sqn INTEGER NOT NULL, dnn TEXT NOT NULL, sst INTEGER NOT NULL, sd INTEGER)";
constexpr int kBusyMs = 2000;

constexpr std::uint32_t kNoDifferentiator = 0xFFFFFF;

std::string joined(const std::vector<std::string>& names)
{
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::vector<std::string> split(std::string_view text)
{
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    names.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

bool is_imsi(std::string_view digits)
{
  return digits.size() >= 6 && digits.size() <= 15 &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A prepared statement; parameters are numbered from 1, columns from 0.
class Statement {
public:
  Statement(sqlite3* database, const char* sql) { sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr); }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int at, std::string_view text)
  {
    sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void bind(int at, std::span<const std::uint8_t> blob)
  {
    sqlite3_bind_blob(statement_, at, blob.data(), static_cast<int>(blob.size()), SQLITE_TRANSIENT);
  }
  void bind(int at, std::int64_t number) { sqlite3_bind_int64(statement_, at, number); }

  /// SQLITE_ROW, SQLITE_DONE or an error; SQLITE_MISUSE if it could not be prepared.
  int step() { return statement_ == nullptr ? SQLITE_MISUSE : sqlite3_step(statement_); }
  [[nodiscard]] std::string text(int column) const
  {
    const auto* characters = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return characters == nullptr ? std::string() : std::string(characters, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }
  [[nodiscard]] std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  /// False if the blob has another size.
  [[nodiscard]] bool blob(int column, std::span<std::uint8_t> out) const
  {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (bytes == nullptr || sqlite3_column_bytes(statement_, column) != static_cast<int>(out.size())) return false;
    std::copy_n(bytes, out.size(), out.begin());
    return true;
  }

private:
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

struct Subscribers::Database {
  sqlite3* handle = nullptr;
  Database() = default;
  ~Database() { sqlite3_close(handle); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  [[nodiscard]] std::string message() const { return sqlite3_errmsg(handle); }
};

std::optional<std::string> imsi_digits(std::string_view supi)
{
  constexpr std::string_view kPrefix = "imsi-";
  if (supi.starts_with(kPrefix)) supi.remove_prefix(kPrefix.size());
  return is_imsi(supi) ? std::optional(std::string(supi)) : std::nullopt;
}

bool is_subscribed(const SubscriberData& subscriber, const nas::SNssai& slice)
{
  const auto differentiator = [](const std::optional<std::uint32_t>& sd) { return sd.value_or(kNoDifferentiator); };
  return slice.sst == subscriber.sst && differentiator(slice.sd) == differentiator(subscriber.sd);
}

std::optional<security::Key128> parse_key(std::string_view hex)
{
  security::Key128 key;
  if (hex.size() != 2 * security::Key128::kSize) return std::nullopt;
  for (std::size_t i = 0; i < security::Key128::kSize; ++i) {
    const char* const begin = hex.data() + 2 * i;
    const auto read = std::from_chars(begin, begin + 2, key.writable()[i], 16);
    if (read.ec != std::errc() || read.ptr != begin + 2) return std::nullopt;
  }
  return key;
}

Subscribers::Subscribers(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Subscribers::~Subscribers() = default;
Subscribers::Subscribers(Subscribers&&) noexcept = default;
Subscribers& Subscribers::operator=(Subscribers&&) noexcept = default;

Result<Subscribers> Subscribers::open(const std::string& file)
{
  auto database = std::make_unique<Database>();
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(file.c_str(), &database->handle, kFlags, nullptr) != SQLITE_OK) {
    return fail(ErrorCode::io, "cannot open the subscriber file " + file + ": " + database->message());
  }
  sqlite3_busy_timeout(database->handle, kBusyMs);
  if (sqlite3_exec(database->handle, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail(ErrorCode::bad_input, file + " is no subscriber file: " + database->message());
  }
  return Subscribers(std::move(database));
}

Result<void> Subscribers::add(const SubscriberData& subscriber)
{
  if (!is_imsi(subscriber.imsi)) return fail(ErrorCode::bad_input, "the IMSI '" + subscriber.imsi + "' is not 6 to 15 digits");
  if (subscriber.sd.value_or(0) > 0xFFFFFF) return fail(ErrorCode::bad_input, "the slice differentiator has more than 24 bits");
  if (subscriber.dnns.empty() || !std::ranges::all_of(subscriber.dnns, nas::is_valid_dnn)) {
    return fail(ErrorCode::bad_input, "data networks are named as internet,ims, not '" + joined(subscriber.dnns) + "'");
  }
  Statement insert(database_->handle, "INSERT INTO subscribers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  insert.bind(1, subscriber.imsi);
  insert.bind(2, subscriber.keys.k.bytes());
  insert.bind(3, subscriber.keys.opc.bytes());
  insert.bind(4, std::span<const std::uint8_t>(subscriber.amf));
  insert.bind(5, static_cast<std::int64_t>(subscriber.sqn.value()));
  insert.bind(6, joined(subscriber.dnns));
  insert.bind(7, std::int64_t{subscriber.sst});
  if (subscriber.sd) insert.bind(8, std::int64_t{*subscriber.sd});
  const int result = insert.step();
  if (result == SQLITE_DONE) return {};
  if (result == SQLITE_CONSTRAINT) return fail(ErrorCode::bad_input, "imsi-" + subscriber.imsi + " is there already; remove it first");
  return fail(ErrorCode::io, "cannot write the subscriber: " + database_->message());
}

Result<bool> Subscribers::remove(std::string_view imsi)
{
  Statement statement(database_->handle, "DELETE FROM subscribers WHERE imsi = ?1");
  statement.bind(1, imsi);
  if (statement.step() != SQLITE_DONE) return fail(ErrorCode::io, "cannot remove the subscriber: " + database_->message());
  return sqlite3_changes(database_->handle) > 0;
}

Result<std::vector<SubscriberEntry>> Subscribers::list() const
{
  Statement select(database_->handle, "SELECT imsi, sqn, dnn, sst, sd FROM subscribers ORDER BY imsi");
  std::vector<SubscriberEntry> entries;
  int result = select.step();
  for (; result == SQLITE_ROW; result = select.step()) {
    SubscriberEntry entry{select.text(0), static_cast<std::uint64_t>(select.number(1)), select.text(2),
                          static_cast<std::uint8_t>(select.number(3)), {}};
    if (!select.is_null(4)) entry.sd = static_cast<std::uint32_t>(select.number(4));
    entries.push_back(std::move(entry));
  }
  if (result != SQLITE_DONE) return fail(ErrorCode::io, "cannot read the subscribers: " + database_->message());
  return entries;
}

std::optional<SubscriberData> Subscribers::find(std::string_view imsi) const
{
  Statement select(database_->handle, "SELECT k, opc, amf, sqn, dnn, sst, sd FROM subscribers WHERE imsi = ?1");
  select.bind(1, imsi);
  if (select.step() != SQLITE_ROW) return std::nullopt;
  SubscriberData out{.imsi = std::string(imsi)};
  if (!select.blob(0, out.keys.k.writable()) || !select.blob(1, out.keys.opc.writable()) || !select.blob(2, out.amf)) return std::nullopt;
  out.sqn = security::Sqn(static_cast<std::uint64_t>(select.number(3)));
  out.dnns = split(select.text(4));
  out.sst = static_cast<std::uint8_t>(select.number(5));
  if (!select.is_null(6)) out.sd = static_cast<std::uint32_t>(select.number(6));
  return out;
}

bool Subscribers::set_sqn(std::string_view imsi, security::Sqn sqn)
{
  Statement update(database_->handle, "UPDATE subscribers SET sqn = ?2 WHERE imsi = ?1");
  update.bind(1, imsi);
  update.bind(2, static_cast<std::int64_t>(sqn.value()));
  return update.step() == SQLITE_DONE && sqlite3_changes(database_->handle) == 1;
}

std::optional<security::Sqn> Subscribers::take_sqn(std::string_view imsi)
{
  const auto subscriber = find(imsi);
  if (!subscriber) return std::nullopt;
  const security::Sqn next = security::next_sqn(subscriber->sqn);
  return set_sqn(imsi, next) ? std::optional(next) : std::nullopt;
}

bool Subscribers::resynchronize(std::string_view imsi, security::Sqn mobile)
{
  const auto subscriber = find(imsi);
  return subscriber && set_sqn(imsi, security::resynchronized(subscriber->sqn, mobile));
}

}  // namespace ravi::core
