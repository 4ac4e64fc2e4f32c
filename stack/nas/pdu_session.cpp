#include "stack/nas/pdu_session.h"

#include <algorithm>
#include <utility>

namespace ravi::nas {

namespace {

constexpr std::size_t kMaxDnnOctets = 100;
constexpr std::size_t kMaxLabel = 63;

/// Containers from the network whose length takes two octets. TS 24.008 §10.5.6.3.
bool has_long_length(std::uint16_t id)
{
  return id == 0x0023 || id == 0x0024 || id == 0x0030 || id == 0x0031 || id == 0x0032;
}

}  // namespace

bool is_valid_dnn(std::string_view name)
{
  if (name.empty() || name.size() >= kMaxDnnOctets) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (++label > kMaxLabel || c <= ' ' || c > '~') {
      return false;
    }
  }
  return label > 0;
}

bool read(Reader& in, Dnn& out)
{
  out.name.clear();
  if (in.left() > kMaxDnnOctets) return false;
  while (in.left() > 0) {
    const auto label = in.take(in.u8());
    if (!in.is_ok()) return false;
    if (!out.name.empty()) out.name += '.';
    for (const std::uint8_t c : label) {
      if (c == '.') return false;
      out.name += static_cast<char>(c);
    }
  }
  return is_valid_dnn(out.name);
}

void write(Writer& out, const Dnn& dnn)
{
  std::string_view rest = dnn.name;
  for (;;) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    out.u8(static_cast<unsigned>(label.size()));
    for (const char c : label) out.u8(static_cast<std::uint8_t>(c));
    if (label.size() == rest.size()) return;
    rest.remove_prefix(label.size() + 1);
  }
}

bool read(Reader& in, PduAddress& out)
{
  out.type = static_cast<PduSessionType>(in.u8() & 7);
  const bool has_ipv6 = out.type == PduSessionType::ipv6 || out.type == PduSessionType::ipv4v6;
  const bool has_ipv4 = out.type == PduSessionType::ipv4 || out.type == PduSessionType::ipv4v6;
  if (has_ipv6) std::ranges::copy(in.take(out.interface_id.size()), out.interface_id.begin());
  if (has_ipv4) std::ranges::copy(in.take(out.ipv4.size()), out.ipv4.begin());
  return in.is_ok() && (has_ipv4 || has_ipv6);
}

void write(Writer& out, const PduAddress& address)
{
  out.u8(static_cast<unsigned>(address.type));
  if (address.type != PduSessionType::ipv4) out.octets(address.interface_id);
  if (address.type != PduSessionType::ipv6) out.octets(address.ipv4);
}

bool read(Reader& in, PduSessionSet& out)
{
  const unsigned low = in.u8();
  const unsigned high = in.u8();
  out.bits = static_cast<std::uint16_t>(low | high << 8);
  return in.is_ok();
}

void write(Writer& out, const PduSessionSet& set)
{
  out.u8(set.bits);
  out.u8(unsigned{set.bits} >> 8);
}

const PcoItem* ExtendedPco::find(std::uint16_t id) const
{
  const auto found = std::find_if(items.begin(), items.end(), [id](const PcoItem& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

std::vector<Ipv4> ExtendedPco::dns_servers() const
{
  std::vector<Ipv4> servers;
  for (const PcoItem& item : items) {
    if (item.id != pco::kDnsIpv4 || item.content.size() != Ipv4{}.size()) continue;
    std::copy(item.content.begin(), item.content.end(), servers.emplace_back().begin());
  }
  return servers;
}

namespace {

constexpr std::uint8_t kPcoHead = 0x80;  // extension bit; configuration protocol: PPP for use with IP PDP type

bool read_items(Reader& in, std::vector<PcoItem>& out, bool (*has_long_length)(std::uint16_t id))
{
  in.u8();
  while (in.left() > 0) {
    PcoItem item;
    item.id = in.u16();
    const auto content = in.take(has_long_length(item.id) ? in.u16() : in.u8());
    if (!in.is_ok()) return false;
    item.content.assign(content.begin(), content.end());
    out.push_back(std::move(item));
  }
  return in.is_ok();
}

void write_items(Writer& out, const std::vector<PcoItem>& items, bool (*has_long_length)(std::uint16_t id))
{
  out.u8(kPcoHead);
  for (const PcoItem& item : items) {
    out.u16(item.id);
    if (has_long_length(item.id)) {
      out.u16(static_cast<unsigned>(item.content.size()));
    } else {
      out.u8(static_cast<unsigned>(item.content.size()));
    }
    out.octets(item.content);
  }
}

bool never(std::uint16_t) { return false; }

}  // namespace

bool read(Reader& in, ExtendedPco& out) { return read_items(in, out.items, has_long_length); }
bool read(Reader& in, UeExtendedPco& out) { return read_items(in, out.items, never); }
void write(Writer& out, const ExtendedPco& options) { write_items(out, options.items, has_long_length); }
void write(Writer& out, const UeExtendedPco& options) { write_items(out, options.items, never); }

}  // namespace ravi::nas
