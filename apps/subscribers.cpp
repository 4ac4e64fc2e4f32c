// ravi subscribers: who may register with the embedded core. Keys go in and are never shown.

#include "apps/command.h"
#include "stack/core/subscribers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ravi::apps {
namespace {

struct SubscribersOptions {
  std::string file = "subscribers.db";
  std::string supi;
  std::string k, opc, op;
  std::string amf = "8000";
  std::vector<std::string> dnns{"internet"};
  std::string slice = "1";
  std::uint64_t sqn = 0;
  bool is_json = false;
};

/// A whole hexadecimal number; empty: something else.
std::optional<std::uint32_t> parse_hex(std::string_view text)
{
  std::uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "SST" or "SST-SD": a decimal number 0..255, six hexadecimal digits.
bool read_slice(std::string_view text, core::SubscriberData& out)
{
  unsigned sst = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), sst);
  if (read.ec != std::errc() || sst > 255) return false;
  out.sst = static_cast<std::uint8_t>(sst);
  const std::string_view rest(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  if (rest.empty()) return true;
  out.sd = rest.size() == 7 && rest[0] == '-' ? parse_hex(rest.substr(1)) : std::nullopt;
  return out.sd.has_value();
}

Result<core::SubscriberData> subscriber_of(const SubscribersOptions& options)
{
  core::SubscriberData subscriber;
  const auto imsi = core::imsi_digits(options.supi);
  if (!imsi) return fail(ErrorCode::bad_input, "the SUPI '" + options.supi + "' is not like imsi-001010123456780");
  subscriber.imsi = *imsi;
  const auto k = core::parse_key(options.k);
  if (!k) return fail(ErrorCode::bad_input, "--k takes 32 hexadecimal digits");
  subscriber.keys.k = *k;
  if (options.opc.empty() == options.op.empty()) return fail(ErrorCode::bad_input, "give one of --opc and --op");
  const auto operator_key = core::parse_key(options.opc.empty() ? options.op : options.opc);
  if (!operator_key) return fail(ErrorCode::bad_input, "--opc and --op take 32 hexadecimal digits");
  subscriber.keys.opc = options.opc.empty() ? security::derive_opc(*k, *operator_key) : *operator_key;
  const auto amf = parse_hex(options.amf);
  if (!amf || options.amf.size() != 4 || (*amf & 0x8000U) == 0) {
    return fail(ErrorCode::bad_input, "--amf takes 4 hexadecimal digits, the first bit set (8000): 5G asks for it");
  }
  subscriber.amf = {static_cast<std::uint8_t>(*amf >> 8), static_cast<std::uint8_t>(*amf)};
  if (options.sqn > security::Sqn::kMask) return fail(ErrorCode::bad_input, "--sqn takes 48 bits");
  subscriber.sqn = security::Sqn(options.sqn);
  subscriber.dnns = options.dnns;
  if (!read_slice(options.slice, subscriber)) {
    return fail(ErrorCode::bad_input, "--slice takes SST or SST-SD, as in 1 or 1-0000ab; not '" + options.slice + "'");
  }
  return subscriber;
}

int run_add(const SubscribersOptions& options)
{
  const auto subscriber = subscriber_of(options);
  if (!subscriber) return report(subscriber.error());
  auto subscribers = core::Subscribers::open(options.file);
  if (!subscribers) return report(subscribers.error());
  if (const auto added = subscribers->add(*subscriber); !added) return report(added.error());
  if (options.is_json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"added", "imsi-" + subscriber->imsi}}.dump());
  } else {
    fmt::print("added imsi-{}\n", subscriber->imsi);
  }
  return kDone;
}

int run_remove(const SubscribersOptions& options)
{
  const auto imsi = core::imsi_digits(options.supi);
  if (!imsi) return report({ErrorCode::bad_input, "the SUPI '" + options.supi + "' is not like imsi-001010123456780"});
  auto subscribers = core::Subscribers::open(options.file);
  if (!subscribers) return report(subscribers.error());
  const auto removed = subscribers->remove(*imsi);
  if (!removed) return report(removed.error());
  if (options.is_json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"removed", *removed ? nlohmann::json("imsi-" + *imsi) : nlohmann::json(nullptr)}}.dump());
  } else {
    fmt::print("{} imsi-{}\n", *removed ? "removed" : "there is no", *imsi);
  }
  return *removed ? kDone : kAnswerIsNo;
}

std::string slice_text(const core::SubscriberEntry& entry)
{
  return entry.sd ? fmt::format("{}-{:06x}", entry.sst, *entry.sd) : fmt::format("{}", entry.sst);
}

int run_list(const SubscribersOptions& options)
{
  const auto subscribers = core::Subscribers::open(options.file);
  if (!subscribers) return report(subscribers.error());
  const auto entries = subscribers->list();
  if (!entries) return report(entries.error());
  if (!options.is_json) {
    for (const auto& entry : *entries) {
      fmt::print("imsi-{:<15}  dnn {:<16} slice {:<10} sqn {}\n", entry.imsi, entry.dnns, slice_text(entry), entry.sqn);
    }
    if (entries->empty()) fmt::print("no subscribers in {}\n", options.file);
    return kDone;
  }
  nlohmann::ordered_json document;
  document["subscribers"] = nlohmann::ordered_json::array();
  for (const auto& entry : *entries) {
    document["subscribers"].push_back({{"supi", "imsi-" + entry.imsi}, {"dnn", entry.dnns}, {"slice", slice_text(entry)}, {"sqn", entry.sqn}});
  }
  fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  return kDone;
}

}  // namespace

void add_subscribers(CLI::App& ravi, Run& run)
{
  auto options = std::make_shared<SubscribersOptions>();
  CLI::App* command = ravi.add_subcommand("subscribers", "Adds, lists and removes those who may register with the core");
  command->require_subcommand(1);
  command->footer(
      "Example: ravi subscribers add --db test.db imsi-001010123456780 --k 00112233445566778899aabbccddeeff"
      " --opc 63bfa50ee6523365ff14c1f45f88737d\nKeys are never shown.");
  const auto add_common = [&](CLI::App* sub) {
    sub->add_option("--db", options->file, "subscriber file; made if there is none")->capture_default_str();
    sub->add_flag("--json", options->is_json, "one JSON document on standard output");
  };

  CLI::App* add = command->add_subcommand("add", "Adds a subscriber");
  add_common(add);
  add->add_option("supi", options->supi, "imsi-DIGITS, or its digits")->required();
  add->add_option("--k", options->k, "long-term key, 32 hexadecimal digits")->required();
  add->add_option("--opc", options->opc, "OPc, 32 hexadecimal digits");
  add->add_option("--op", options->op, "OP in its place");
  add->add_option("--amf", options->amf, "authentication management field, 4 hexadecimal digits")->capture_default_str();
  add->add_option("--sqn", options->sqn, "last sequence number used")->capture_default_str();
  add->add_option("--dnn", options->dnns, "data networks, the default first, as internet,ims")->delimiter(',')->capture_default_str();
  add->add_option("--slice", options->slice, "SST or SST-SD")->capture_default_str();
  add->callback([options, &run] { run = [options] { return run_add(*options); }; });

  CLI::App* list = command->add_subcommand("list", "Lists them, without keys");
  add_common(list);
  list->callback([options, &run] { run = [options] { return run_list(*options); }; });

  CLI::App* remove = command->add_subcommand("remove", "Removes one; exit status 1: there was none");
  add_common(remove);
  remove->add_option("supi", options->supi, "imsi-DIGITS, or its digits")->required();
  remove->callback([options, &run] { run = [options] { return run_remove(*options); }; });
}

}  // namespace ravi::apps
