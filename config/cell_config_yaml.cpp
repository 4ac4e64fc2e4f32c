#include "config/cell_config_yaml.h"

#include "config/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>

namespace ravi::config {
namespace {

using rrc::CellIntent;

constexpr std::size_t kMostBytes = 1 << 20;

/// The TDD pattern as it is written.
struct TddKeys {
  Seconds period{5e-3};
  unsigned downlink_slots = 7;
  unsigned downlink_symbols = 6;
  unsigned uplink_slots = 2;
  unsigned uplink_symbols = 4;
};

const Table<TddKeys>& tdd_table()
{
  static const Table<TddKeys> table{
      field("period", &TddKeys::period, {0.0005, 0.01}, "after which the pattern repeats"),
      field("downlink_slots", &TddKeys::downlink_slots, {1, 80}, "whole slots at its start"),
      field("downlink_symbols", &TddKeys::downlink_symbols, {0, 13}, "in the slot after those"),
      field("uplink_slots", &TddKeys::uplink_slots, {1, 80}, "whole slots at its end"),
      field("uplink_symbols", &TddKeys::uplink_symbols, {0, 13}, "in the slot before those"),
  };
  return table;
}

/// One entry of `access_barring`.
const Table<nr::AccessBarring>& barring_table()
{
  using B = nr::AccessBarring;
  static const Table<B> table{
      field("category", &B::category, {1, 63}, "access category: 2 emergency, 3 signalling, 4 voice, 5 video, 6 SMS, 7 data", Presence::required),
      field("factor", &B::factor_percent, {0, 95}, "percent of them that may go on: 0, 5, .. 30, 40, .. 70, 75, .. 95"),
      field("time", &B::time_s, {4, 512}, "seconds that the others wait, more or less: 4, 8, .. 512"),
  };
  return table;
}

/// A field read from one text by a function that says what is wrong, empty if nothing.
Field<CellIntent> text_field(std::string_view key, std::string what, std::string default_value, std::string_view help,
                             const std::function<std::string(const std::string&, CellIntent&)>& read)
{
  Field<CellIntent> result{.key = key, .what = std::move(what), .default_value = std::move(default_value), .range = {}, .help = help,
                           .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [=](const YamlNode& node, CellIntent& out, Faults& faults) {
    const std::string fault = node.kind == YamlNode::Kind::scalar ? read(node.text, out) : "must be one value";
    if (!fault.empty()) faults.push_back({node.line, fmt::format("'{}': {}", key, fault)});
  };
  result.print = [](const CellIntent&) -> std::optional<std::string> { return std::nullopt; };
  return result;
}

Field<CellIntent> tdd_field()
{
  Field<CellIntent> result{.key = "tdd", .what = "map, below", .default_value = "5 ms with 70 % downlink in a TDD band", .range = {},
                           .help = "TDD pattern", .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [](const YamlNode& node, CellIntent& out, Faults& faults) {
    TddKeys keys;
    read_map(tdd_table(), node, keys, faults);
    out.tdd_pattern = nr::TddPattern{.period = std::chrono::round<std::chrono::microseconds>(keys.period),
                                     .num_downlink_slots = keys.downlink_slots,
                                     .num_downlink_symbols = keys.downlink_symbols,
                                     .num_uplink_slots = keys.uplink_slots,
                                     .num_uplink_symbols = keys.uplink_symbols};
  };
  result.print = [](const CellIntent&) -> std::optional<std::string> { return std::nullopt; };
  return result;
}

const Table<CellIntent>& cell_table()
{
  static const Table<CellIntent> table{
      text_field("band", "band, e.g. n78", "n3", "operating band of FR1",
                 [](const std::string& text, CellIntent& out) { return read_band(text, out.band); }),
      field("bandwidth", &CellIntent::bandwidth, {5e6, 100e6}, "of the channel"),
      field("scs", &CellIntent::scs_khz, {15, 30}, "subcarrier spacing in kHz"),
      field("arfcn", &CellIntent::arfcn, {0, 3'279'165}, "downlink carrier by number"),
      field("frequency", &CellIntent::frequency, {0, 7.125e9}, "downlink carrier by frequency, instead of arfcn"),
      field("gscn", &CellIntent::gscn, {2, 26'639}, "of the SS/PBCH block"),
      field("pci", &CellIntent::pci, {0, 1007}, "physical cell identity"),
      text_field("plmn", "PLMN, e.g. 001-01", "001-01", "network's identity",
                 [](const std::string& text, CellIntent& out) { return read_plmn(text, out.plmn); }),
      field("tac", &CellIntent::tracking_area_code, {0, 16'777'215}, "tracking area code"),
      field("nr_cell_identity", &CellIntent::nr_cell_identity, {0, 68'719'476'735}, "NR cell identity, 36 bits"),
      tdd_field(),
      field("ssb_period", &CellIntent::ssb_period_ms, {5, 160}, "of the SS/PBCH block, in ms: 5, 10, 20, 40, 80, 160"),
      field("coreset0", &CellIntent::coreset0_index, {0, 15}, "controlResourceSetZero"),
      field("search_space0", &CellIntent::search_space0_index, {0, 15}, "searchSpaceZero"),
      field("prach_index", &CellIntent::prach_configuration_index, {0, 255}, "prach-ConfigurationIndex"),
      field("prach_root", &CellIntent::root_sequence_index, {0, 837}, "prach-RootSequenceIndex"),
      field("prach_zone", &CellIntent::zero_correlation_zone, {0, 15}, "zeroCorrelationZoneConfig"),
      field("preambles", &CellIntent::num_preambles, {4, 64}, "of random access, in steps of 4"),
      field("pucch_common", &CellIntent::pucch_resource_common, {3, 15}, "pucch-ResourceCommon"),
      list_of("access_barring", &CellIntent::access_barring, barring_table(), "accesses held back, by category"),
      field("min_k2", &CellIntent::min_k2, {1, 8}, "slots a UE needs from a grant to its PUSCH"),
  };
  return table;
}

struct File {
  CellIntent cell;
};

std::string message_of(std::string_view name, Faults faults)
{
  std::ranges::stable_sort(faults, {}, &Fault::line);
  std::string message;
  for (const Fault& fault : faults) {
    message += fmt::format("{}{}:{}: {}", message.empty() ? "" : "\n", name, fault.line, fault.message);
  }
  return message;
}

}  // namespace

std::string read_band(const std::string& text, unsigned& band)
{
  const char* const begin = text.c_str() + (!text.empty() && (text[0] == 'n' || text[0] == 'N') ? 1 : 0);
  const char* const end = text.c_str() + text.size();
  unsigned number = 0;
  const auto [stopped, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || stopped != end) return fmt::format("'{}' is no band; write it as n78", text);
  band = number;
  return {};
}

std::string read_plmn(const std::string& text, nr::Plmn& plmn)
{
  std::string digits = text;
  if (digits.size() > 3 && digits[3] == '-') digits.erase(3, 1);
  const bool is_right = (digits.size() == 5 || digits.size() == 6) && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_right) return fmt::format("'{}' is no PLMN; write it as 001-01", text);
  plmn = {.mcc = digits.substr(0, 3), .mnc = digits.substr(3)};
  return {};
}

void read_cell_intent(const YamlNode& cell, CellIntent& intent, Faults& faults) { read_map(cell_table(), cell, intent, faults); }

Result<CellIntent> parse_cell_config(std::string_view text, std::string_view name)
{
  const auto root = parse_yaml(text, {.bytes = kMostBytes});
  if (!root) return fail(ErrorCode::bad_input, message_of(name, {root.error()}));
  static const Table<File> table{map_of("cell", &File::cell, cell_table(), "the cell")};
  File file;
  Faults faults;
  read_map(table, *root, file, faults);
  if (!faults.empty()) return fail(ErrorCode::bad_input, message_of(name, std::move(faults)));
  return file.cell;
}

Result<CellIntent> load_cell_config(const std::string& path)
{
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::bad_input, fmt::format("cannot read {}: is it there, and yours to read?", path));
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_cell_config(text, path);
}

std::string cell_config_reference()
{
  return reference_text("cell", cell_table()) + "\n" + reference_text("tdd (in cell)", tdd_table()) + "\n" +
         reference_text("access_barring (in cell)", barring_table());
}

}  // namespace ravi::config
