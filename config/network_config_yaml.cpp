#include "config/network_config_yaml.h"

#include "config/air_config_yaml.h"
#include "config/cell_config_yaml.h"
#include "config/table.h"
#include "radio/device_string.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>

namespace ravi::config {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostSettings = 100;

/// A field read from one text by a function that says what is wrong, empty if nothing.
template <class S>
Field<S> text_field(std::string_view key, std::string what, std::string default_value, std::string_view help,
                    std::function<std::string(const std::string&, S&)> read, Presence presence = Presence::optional)
{
  Field<S> result{.key = key, .what = std::move(what), .default_value = std::move(default_value), .range = {}, .help = help,
                  .presence = presence, .read = {}, .print = {}};
  result.read = [key, read = std::move(read)](const YamlNode& node, S& out, Faults& faults) {
    const std::string fault = node.kind == YamlNode::Kind::scalar ? read(node.text, out) : "must be one value";
    if (!fault.empty()) faults.push_back({node.line, fmt::format("'{}': {}", key, fault)});
  };
  result.print = [](const S&) -> std::optional<std::string> { return std::nullopt; };
  return result;
}

template <class S>
Field<S> endpoint_field(std::string_view key, IpEndpoint S::*member, std::string_view help)
{
  const IpEndpoint usual = S{}.*member;
  return text_field<S>(key, "ADDRESS or ADDRESS:PORT", ravi::to_text(usual), help, [=](const std::string& text, S& out) {
    const auto endpoint = parse_ip_endpoint(text, usual.port);
    if (!endpoint) return endpoint.error().message;
    out.*member = *endpoint;
    return std::string();
  });
}

template <class S>
Field<S> address_field(std::string_view key, Ipv4 S::*member, std::string_view help)
{
  return text_field<S>(key, "IPv4 address", ravi::to_text(S{}.*member), help, [=](const std::string& text, S& out) {
    const auto address = parse_ipv4(text);
    if (!address) return fmt::format("'{}' is no IPv4 address; write it as 127.0.0.1", text);
    out.*member = *address;
    return std::string();
  });
}

bool is_digits(std::string_view text, std::string_view digits) { return text.find_first_not_of(digits) == std::string_view::npos; }

/// What is wrong with a key is said without showing it.
template <class S>
Field<S> key_field(std::string_view key, std::string S::*member, std::size_t num_digits, std::string_view help)
{
  return text_field<S>(
      key, fmt::format("{} hexadecimal digits", num_digits), "", help,
      [=](const std::string& text, S& out) {
        const bool is_key = text.size() == num_digits && is_digits(text, "0123456789abcdefABCDEF");
        if (!is_key) return fmt::format("must be {} hexadecimal digits, not {} characters", num_digits, text.size());
        out.*member = text;
        return std::string();
      },
      Presence::required);
}

/// "9.9.9.9" or "9.9.9.9,8.8.8.8".
std::string read_dns(const std::string& text, CoreSection& out)
{
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto address = parse_ipv4(text.substr(begin, end - begin));
    if (!address) return fmt::format("'{}' are no IPv4 addresses; write them as 9.9.9.9,8.8.8.8", text);
    out.dns.push_back(*address);
    begin = end + 1;
  }
  return {};
}

std::string read_p_cscf(const std::string& text, CoreSection& out)
{
  const auto address = parse_ipv4(text);
  if (!address) return fmt::format("'{}' is no IPv4 address; write it as 10.45.0.1", text);
  out.p_cscf = *address;
  return {};
}

std::string read_imsi(const std::string& text, UsimSection& out)
{
  const std::string digits = text.starts_with("imsi-") ? text.substr(5) : text;
  if (digits.size() < 14 || digits.size() > 15 || !is_digits(digits, "0123456789")) return fmt::format("'{}' is no IMSI of 14 or 15 digits, as 001010123456780", text);
  out.imsi = digits;
  return {};
}

template <class S>
std::string read_radio(const std::string& text, S& out)
{
  const auto device = parse_device_string(text);
  if (!device) return device.error().message;
  out.device = text;
  return {};
}

template <class S>
Field<S> sctp_field()
{
  return choice("sctp", &S::sctp,
                {{"auto", SctpKind::automatic}, {"kernel", SctpKind::kernel}, {"usrsctp", SctpKind::usrsctp}, {"usrsctp-udp", SctpKind::usrsctp_udp}},
                "who does SCTP: the kernel, usrsctp on raw IP (root), usrsctp in UDP; auto: the first that works");
}

// -- tables -----------------------------------------------------------------------------------------------------------

const Table<UsimSection>& usim_table()
{
  static const Table<UsimSection> table{
      text_field<UsimSection>("imsi", "14 or 15 digits", UsimSection{}.imsi, "who it is", read_imsi),
      key_field("key", &UsimSection::key, 32, "K, the long-term key"),
      key_field("opc", &UsimSection::opc, 32, "OPc"),
  };
  return table;
}

/// `radio:` is the device alone, or a map.
const Table<RadioSection>& radio_table()
{
  using R = RadioSection;
  static const Table<R> table{
      text_field<R>("device", "radio, DRIVER:...", "", "the radio: air:NAME@HUB, zmq:..., uhd:..., soapy:...", read_radio<R>, Presence::required),
      field("rate", &R::rate, {1e6, 200e6}, "sample rate; none: the smallest that holds the cell"),
      field("tx_gain", &R::tx_gain, {-100, 120}, "of a hardware radio's transmitter"),
      field("rx_gain", &R::rx_gain, {-100, 120}, "of its receiver"),
      field("antenna", &R::antenna, {}, "its receiver's port, e.g. RX2"),
      field("clock", &R::clock, {}, "its frequency reference: internal, external, gpsdo"),
      field("time", &R::time, {}, "its time reference"),
  };
  return table;
}

const Table<AmfSection>& amf_table()
{
  using A = AmfSection;
  static const Table<A> table{
      endpoint_field("amf", &A::amf, "where the AMF listens"),
      address_field("bind", &A::bind, "the gNB's own address, of N2 and N3"),
      sctp_field<A>(),
      field("udp_port", &A::udp_port, {1, 65535}, "of SCTP in UDP, at the AMF"),
  };
  return table;
}

template <class S>
Field<S> radio_field()
{
  Field<S> result{.key = "radio", .what = "radio, DRIVER:..., or map, below", .default_value = S{}.radio.device, .range = {}, .help = "the radio",
                  .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [](const YamlNode& node, S& out, Faults& faults) {
    if (node.kind == YamlNode::Kind::map) return read_map(radio_table(), node, out.radio, faults);
    const std::string fault = node.kind == YamlNode::Kind::scalar ? read_radio(node.text, out.radio) : "must be a radio or a map";
    if (!fault.empty()) faults.push_back({node.line, "'radio': " + fault});
  };
  result.print = [](const S&) -> std::optional<std::string> { return std::nullopt; };
  return result;
}

/// "embedded", or the way to an AMF.
Field<GnbSection> gnb_core_field()
{
  Field<GnbSection> result{.key = "core", .what = "'embedded', or map, below", .default_value = "embedded", .range = {}, .help = "the core network",
                           .presence = Presence::optional, .read = {}, .print = {}};
  result.read = [](const YamlNode& node, GnbSection& out, Faults& faults) {
    if (node.kind == YamlNode::Kind::scalar && node.text == "embedded") return out.core.reset();
    if (node.kind != YamlNode::Kind::map) {
      faults.push_back({node.line, "'core': write 'embedded', or 'amf: ADDRESS' below it"});
      return;
    }
    read_map(amf_table(), node, out.core.emplace(), faults);
    if (is_loopback(out.core->bind) != is_loopback(out.core->amf.address)) {
      faults.push_back({node.line, fmt::format("'core': from {} there is no way to the AMF at {}: give this machine's address as 'bind'",
                                               ravi::to_text(out.core->bind), ravi::to_text(out.core->amf.address))});
    }
  };
  result.print = [](const GnbSection&) -> std::optional<std::string> { return std::nullopt; };
  return result;
}

const Table<GnbSection>& gnb_table()
{
  using G = GnbSection;
  static const Table<G> table{
      radio_field<G>(),
      gnb_core_field(),
      field("id", &G::id, {0, 4'194'303}, "gNB ID, 22 bits"),
      field("name", &G::name, {}, "as the AMF shows it"),
      field("lead", &G::lead, {2, 8}, "slots from an uplink received to the downlink made with it"),
      choice("csi", &G::csi, {{"block", CsiReports::block}, {"none", CsiReports::none}}, "channel quality reports of UEs; none: for phones (docs/phones.md)"),
      field("inactivity", &G::inactivity, {0.1, 86'400}, "a UE without a packet for so long is sent to idle; none: never"),
      number_list("um_five_qis", &G::um_five_qis, {1, 255}, "5QIs whose sessions get a bearer in RLC UM; others: AM"),
  };
  return table;
}

const Table<UeSection>& ue_table()
{
  using U = UeSection;
  static const Table<U> table{
      radio_field<U>(),
      text_field<U>("band", "band, e.g. n78", "the cell's", "operating band",
                    [](const std::string& text, U& out) { return read_band(text, out.band.emplace()); }),
      field("frequency", &U::frequency, {0, 7.125e9}, "middle of the downlink carrier; none: the cell's"),
      field("scs", &U::scs_khz, {15, 30}, "subcarrier spacing in kHz; none: the cell's"),
      map_of("usim", &U::usim, usim_table(), "the subscriber"),
  };
  return table;
}

const Table<SuciKeySection>& suci_key_table()
{
  using K = SuciKeySection;
  static const Table<K> table{
      field("id", &K::id, {1, 255}, "home network public key identifier, as the USIM has it"),
      choice("profile", &K::profile, {{"a", SuciProfile::a}, {"b", SuciProfile::b}}, "a: X25519, b: P-256"),
      key_field("key", &K::key, 64, "the private key"),
  };
  return table;
}

const Table<CoreSection>& core_table()
{
  using C = CoreSection;
  static const Table<C> table{
      endpoint_field("n2", &C::n2, "where the AMF listens for gNBs"),
      address_field("n3", &C::n3, "the UPF's address of user traffic, port 2152"),
      sctp_field<C>(),
      field("udp_port", &C::udp_port, {1, 65535}, "of SCTP in UDP"),
      field("subscribers", &C::subscribers, {}, "file of `ravi subscribers`; :memory: keeps nothing"),
      list_of("users", &C::users, usim_table(), "subscribers to be there besides; keys as under usim"),
      text_field<C>("plmn", "PLMN, e.g. 001-01", "the cell's", "network's identity",
                    [](const std::string& text, C& out) { return read_plmn(text, out.plmn.emplace()); }),
      field("tac", &C::tac, {0, 16'777'215}, "tracking area code; none: the cell's"),
      address_field("pool", &C::pool, "UEs' addresses: a /16 whose .0.1 is the gateway"),
      field("name", &C::name, {}, "of the network, as phones show it"),
      field("short_name", &C::short_name, {}, "the same where there is little room"),
      text_field<C>("dns", "IPv4 addresses, with commas between", "the gateway", "DNS servers that UEs are told", read_dns),
      text_field<C>("p_cscf", "IPv4 address", "none", "of an IMS, for sessions that ask for it", read_p_cscf),
      list_of("suci_keys", &C::suci_keys, suci_key_table(), "private keys of the home network, for USIMs that conceal their IMSI"),
      field("five_qi", &C::five_qi, {1, 255}, "5QI of each session's QoS flow: 9 for the Internet, 1 voice, 2 video, 7 live media"),
  };
  return table;
}

/// A map that has a loader of its own.
template <class Read>
Field<NetworkConfig> section(std::string_view key, std::string_view help, Read read)
{
  return {.key = key, .what = "map", .default_value = {}, .range = {}, .help = help, .presence = Presence::optional, .read = read,
          .print = [](const NetworkConfig&) -> std::optional<std::string> { return std::nullopt; }};
}

const Table<NetworkConfig>& network_table()
{
  static const Table<NetworkConfig> table{
      section("cell", "the cell: keys as `ravi config keys` shows them",
              [](const YamlNode& node, NetworkConfig& out, Faults& faults) { read_cell_intent(node, out.cell, faults); }),
      section("air", "the emulated air: keys as `ravi air --help-config` shows them",
              [](const YamlNode& node, NetworkConfig& out, Faults& faults) { read_air_config(node, out.air.emplace(), faults); }),
      map_of("gnb", &NetworkConfig::gnb, gnb_table(), "for `ravi gnb`"),
      map_of("ue", &NetworkConfig::ue, ue_table(), "for `ravi ue`"),
      map_of("core", &NetworkConfig::core, core_table(), "for `ravi core`"),
      choice("quirks", &NetworkConfig::quirks, {{"none", Quirks::none}, {"srsue", Quirks::srsue}, {"ocudu", Quirks::ocudu}},
             "what is done otherwise for a foreign UE or gNB that departs from the standard (docs/interop.md)"),
  };
  return table;
}

// -- settings ---------------------------------------------------------------------------------------------------------

/// "cell.bandwidth=40 MHz": puts the value in its place in the tree, where need be in a new map. What is wrong; empty: nothing.
std::string set(YamlNode& root, const std::string& setting)
{
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) return fmt::format("--set {}: write it as cell.bandwidth=40MHz", setting.substr(0, setting.find('=')));
  const auto value = parse_yaml(setting.substr(equals + 1), {.bytes = 4096});
  const std::string path = setting.substr(0, equals);
  if (!value) return fmt::format("--set {}: {}", path, value.error().message);
  YamlNode* node = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (node->kind != YamlNode::Kind::map) *node = {.kind = YamlNode::Kind::map, .line = 0, .text = {}, .keys = {}, .key_lines = {}, .children = {}};
    const auto found = std::ranges::find(node->keys, key);
    const auto place = static_cast<std::size_t>(found - node->keys.begin());
    if (found == node->keys.end()) {
      node->keys.push_back(key);
      node->key_lines.push_back(0);
      node->children.emplace_back();
    }
    node = &node->children[place];
    begin = end + 1;
  }
  *node = *value;
  node->line = 0;
  return {};
}

std::string message_of(std::string_view name, Faults faults)
{
  std::ranges::stable_sort(faults, {}, &Fault::line);
  std::string message;
  for (const Fault& fault : faults) {
    const std::string where = fault.line == 0 ? "--set" : fmt::format("{}:{}", name, fault.line);
    message += fmt::format("{}{}: {}", message.empty() ? "" : "\n", where, fault.message);
  }
  return message;
}

}  // namespace

Result<NetworkConfig> parse_network_config(std::string_view text, std::string_view name, const std::vector<std::string>& settings)
{
  auto root = parse_yaml(text, {.bytes = kMostBytes});
  if (!root) return fail(ErrorCode::bad_input, message_of(name, {root.error()}));
  if (settings.size() > kMostSettings) return fail(ErrorCode::bad_input, fmt::format("more than {} of --set", kMostSettings));
  for (const std::string& setting : settings) {
    if (const std::string fault = set(*root, setting); !fault.empty()) return fail(ErrorCode::bad_input, fault);
  }
  NetworkConfig config;
  Faults faults;
  read_map(network_table(), *root, config, faults);
  if (!faults.empty()) return fail(ErrorCode::bad_input, message_of(name, std::move(faults)));
  return config;
}

Result<NetworkConfig> load_network_config(const std::string& path, const std::vector<std::string>& settings)
{
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::bad_input, fmt::format("cannot read {}: is it there, and yours to read?", path));
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_network_config(text, path, settings);
}

std::string network_config_reference()
{
  return "A YAML file for `ravi gnb`, `ravi ue`, `ravi core` and `ravi air`: -c FILE. Each uses its part.\n\n" +
         reference_text("Top level:", network_table()) + reference_text("\ngnb:", gnb_table()) +
         reference_text("\ngnb.core:", amf_table()) + reference_text("\nue:", ue_table()) +
         reference_text("\ngnb.radio, ue.radio:", radio_table()) + reference_text("\nue.usim, core.users:", usim_table()) +
         reference_text("\ncore.suci_keys:", suci_key_table()) + reference_text("\ncore:", core_table()) + "\n" + cell_config_reference();
}

}  // namespace ravi::config
