#include "stack/nas/identity.h"

#include <algorithm>

namespace ravi::nas {

namespace {

constexpr unsigned kFiller = 0x0F;
constexpr std::size_t kMaxTaisInList = 16;  // TS 24.501 §9.11.3.9

unsigned digit(std::string_view digits, std::size_t index)
{
  if (index >= digits.size()) return kFiller;
  return static_cast<unsigned>(digits[index] - '0') & 0x0FU;
}

/// IMEI and IMEISV: the first digit shares its octet with the type. TS 24.501 Figure 9.11.3.4.4.
void write_equipment(Writer& out, IdentityType type, std::string_view digits)
{
  const unsigned is_odd = digits.size() % 2;
  out.u8(digit(digits, 0) << 4 | is_odd << 3 | static_cast<unsigned>(type));
  out.octets(to_bcd(digits.substr(std::min<std::size_t>(1, digits.size()))));
}

std::optional<std::string> read_equipment(Reader& in, std::uint8_t first)
{
  constexpr std::size_t kMaxOctets = 8;
  const unsigned first_digit = first >> 4;
  if (first_digit > 9 || in.left() > kMaxOctets) return std::nullopt;
  auto rest = from_bcd(in.rest());
  if (rest) rest->insert(rest->begin(), static_cast<char>('0' + first_digit));
  return rest;
}

void write_suci(Writer& out, const Suci& suci)
{
  out.u8(static_cast<unsigned>(IdentityType::suci));
  write(out, suci.plmn);
  for (std::size_t i = 0; i < 4; i += 2) out.u8(digit(suci.routing_indicator, i) | digit(suci.routing_indicator, i + 1) << 4);
  out.u8(static_cast<unsigned>(suci.scheme));
  out.u8(suci.home_network_key);
  out.octets(suci.scheme_output);
}

bool read_suci(Reader& in, Suci& out)
{
  if (!read(in, out.plmn)) return false;
  const auto routing = from_bcd(in.take(2));
  out.scheme = static_cast<security::SuciScheme>(in.u8() & 0x0F);
  out.home_network_key = in.u8();
  if (!in.is_ok() || !routing) return false;
  out.routing_indicator = *routing;
  const auto output = in.rest();
  out.scheme_output.assign(output.begin(), output.end());
  return true;
}

}  // namespace

std::uint64_t STmsi::value() const
{
  return std::uint64_t{amf_set & 0x3FFU} << 38 | std::uint64_t{amf_pointer & 0x3FU} << 32 | tmsi;
}

STmsi STmsi::of(std::uint64_t value)
{
  return {.amf_set = static_cast<std::uint16_t>(value >> 38U & 0x3FFU),
          .amf_pointer = static_cast<std::uint8_t>(value >> 32U & 0x3FU),
          .tmsi = static_cast<std::uint32_t>(value)};
}

IdentityType type_of(const MobileIdentity& identity)
{
  struct Type {
    IdentityType operator()(const NoIdentity&) const { return IdentityType::none; }
    IdentityType operator()(const Suci&) const { return IdentityType::suci; }
    IdentityType operator()(const NaiSuci&) const { return IdentityType::suci; }
    IdentityType operator()(const Guti&) const { return IdentityType::guti; }
    IdentityType operator()(const Imei&) const { return IdentityType::imei; }
    IdentityType operator()(const STmsi&) const { return IdentityType::s_tmsi; }
    IdentityType operator()(const Imeisv&) const { return IdentityType::imeisv; }
  };
  return std::visit(Type{}, identity);
}

Octets to_bcd(std::string_view digits)
{
  Octets out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(digit(digits, i) | digit(digits, i + 1) << 4));
  }
  return out;
}

std::optional<std::string> from_bcd(std::span<const std::uint8_t> octets)
{
  std::string digits;
  bool has_ended = false;
  for (const std::uint8_t octet : octets) {
    for (const unsigned half : {octet & 0x0FU, unsigned{octet} >> 4}) {
      if (half == kFiller) {
        has_ended = true;
      } else if (half > 9 || has_ended) {
        return std::nullopt;
      } else {
        digits += static_cast<char>('0' + half);
      }
    }
  }
  return digits;
}

Suci null_scheme_suci(const Plmn& plmn, std::string_view msin, std::string_view routing_indicator)
{
  Suci suci;
  suci.plmn = plmn;
  suci.routing_indicator = routing_indicator;
  suci.scheme_output = to_bcd(msin);
  return suci;
}

std::optional<std::string> imsi_of(const Suci& suci)
{
  if (suci.scheme != security::SuciScheme::null_scheme) return std::nullopt;
  const auto msin = from_bcd(suci.scheme_output);
  constexpr std::size_t kMaxImsiDigits = 15;
  if (!msin || msin->empty() || suci.plmn.mcc.size() + suci.plmn.mnc.size() + msin->size() > kMaxImsiDigits) {
    return std::nullopt;
  }
  return suci.plmn.mcc + suci.plmn.mnc + *msin;
}

bool TaiList::contains(const Tai& tai) const
{
  return std::any_of(lists.begin(), lists.end(), [&tai](const PartialTaiList& list) {
    return std::find(list.tais.begin(), list.tais.end(), tai) != list.tais.end();
  });
}

TaiList tai_list_of(const Tai& tai) { return {.lists = {{.type = TaiListType::one_plmn, .tais = {tai}}}}; }

bool read(Reader& in, Plmn& out)
{
  const auto octets = in.take(3);
  if (octets.size() != 3) return false;
  const unsigned mnc3 = unsigned{octets[1]} >> 4;
  const std::array<unsigned, 5> digits = {octets[0] & 0x0FU, unsigned{octets[0]} >> 4, octets[1] & 0x0FU, octets[2] & 0x0FU,
                                          unsigned{octets[2]} >> 4};
  if (std::any_of(digits.begin(), digits.end(), [](unsigned d) { return d > 9; })) return false;
  if (mnc3 > 9 && mnc3 != kFiller) return false;
  const auto text = [](unsigned value) { return static_cast<char>('0' + value); };
  out.mcc = {text(digits[0]), text(digits[1]), text(digits[2])};
  out.mnc = {text(digits[3]), text(digits[4])};
  if (mnc3 != kFiller) out.mnc += text(mnc3);
  return true;
}

void write(Writer& out, const Plmn& plmn)
{
  out.u8(digit(plmn.mcc, 0) | digit(plmn.mcc, 1) << 4);
  out.u8(digit(plmn.mcc, 2) | digit(plmn.mnc, 2) << 4);
  out.u8(digit(plmn.mnc, 0) | digit(plmn.mnc, 1) << 4);
}

bool read(Reader& in, STmsi& out)
{
  const std::uint16_t set_and_pointer = in.u16();
  out.amf_set = static_cast<std::uint16_t>(set_and_pointer >> 6);
  out.amf_pointer = set_and_pointer & 0x3F;
  out.tmsi = in.u32();
  return in.is_ok();
}

void write(Writer& out, const STmsi& s_tmsi)
{
  out.u16(unsigned{s_tmsi.amf_set} << 6 | (s_tmsi.amf_pointer & 0x3FU));
  out.u32(s_tmsi.tmsi);
}

bool read(Reader& in, MobileIdentity& out)
{
  const std::uint8_t first = in.u8();
  if (!in.is_ok()) return false;
  switch (static_cast<IdentityType>(first & 0x07)) {
    case IdentityType::none: out = NoIdentity{}; return true;
    case IdentityType::suci:
      if (const auto format = static_cast<std::uint8_t>((first >> 4) & 0x07); format != 0) {
        const auto nai = in.rest();
        out = NaiSuci{format, Octets(nai.begin(), nai.end())};
        return true;
      }
      return read_suci(in, out.emplace<Suci>());
    case IdentityType::guti: {
      Guti& guti = out.emplace<Guti>();
      if (!read(in, guti.plmn)) return false;
      guti.amf_region = in.u8();
      return read(in, guti.s_tmsi);
    }
    case IdentityType::s_tmsi: return read(in, out.emplace<STmsi>());
    case IdentityType::imei:
    case IdentityType::imeisv: {
      auto digits = read_equipment(in, first);
      if (!digits) return false;
      if (static_cast<IdentityType>(first & 0x07) == IdentityType::imei) {
        out = Imei{std::move(*digits)};
      } else {
        out = Imeisv{std::move(*digits)};
      }
      return true;
    }
  }
  return false;
}

void write(Writer& out, const MobileIdentity& identity)
{
  struct Write {
    Writer& out;
    void operator()(const NoIdentity&) const { out.u8(0); }
    void operator()(const Suci& suci) const { write_suci(out, suci); }
    void operator()(const NaiSuci& suci) const
    {
      out.u8((suci.supi_format & 7U) << 4 | static_cast<unsigned>(IdentityType::suci));
      out.octets(suci.nai);
    }
    void operator()(const Guti& guti) const
    {
      out.u8(0xF0U | static_cast<unsigned>(IdentityType::guti));
      write(out, guti.plmn);
      out.u8(guti.amf_region);
      write(out, guti.s_tmsi);
    }
    void operator()(const STmsi& s_tmsi) const
    {
      out.u8(0xF0U | static_cast<unsigned>(IdentityType::s_tmsi));
      write(out, s_tmsi);
    }
    void operator()(const Imei& imei) const { write_equipment(out, IdentityType::imei, imei.digits); }
    void operator()(const Imeisv& imeisv) const { write_equipment(out, IdentityType::imeisv, imeisv.digits); }
  };
  std::visit(Write{out}, identity);
}

bool read(Reader& in, Tai& out)
{
  if (!read(in, out.plmn)) return false;
  out.tac = in.u24();
  return in.is_ok();
}

void write(Writer& out, const Tai& tai)
{
  write(out, tai.plmn);
  out.u24(tai.tac);
}

namespace {

bool read_partial(Reader& in, PartialTaiList& out)
{
  const std::uint8_t head = in.u8();
  const unsigned type = (head >> 5) & 3U;
  const std::size_t count = (head & 0x1FU) + 1U;
  if (!in.is_ok() || type > 2 || count > kMaxTaisInList) return false;
  out.type = static_cast<TaiListType>(type);
  Tai tai;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == 0 || out.type == TaiListType::several_plmns) {
      if (!read(in, tai)) return false;
    } else if (out.type == TaiListType::one_plmn) {
      tai.tac = in.u24();
    } else {
      tai.tac = (tai.tac + 1) & 0xFFFFFF;
    }
    out.tais.push_back(tai);
  }
  return in.is_ok();
}

}  // namespace

bool read(Reader& in, TaiList& out)
{
  while (in.left() > 0) {
    if (!read_partial(in, out.lists.emplace_back())) return false;
  }
  return !out.lists.empty();
}

void write(Writer& out, const TaiList& list)
{
  for (const PartialTaiList& partial : list.lists) {
    const std::size_t count = std::min(partial.tais.size(), kMaxTaisInList);
    if (count == 0) continue;
    out.u8(static_cast<unsigned>(partial.type) << 5 | static_cast<unsigned>(count - 1));
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0 || partial.type == TaiListType::several_plmns) {
        write(out, partial.tais[i]);
      } else if (partial.type == TaiListType::one_plmn) {
        out.u24(partial.tais[i].tac);
      }
    }
  }
}

bool read(Reader& in, PlmnList& out)
{
  while (in.left() > 0) {
    if (!read(in, out.plmns.emplace_back())) return false;
  }
  return !out.plmns.empty();
}

void write(Writer& out, const PlmnList& list)
{
  for (const Plmn& plmn : list.plmns) write(out, plmn);
}

}  // namespace ravi::nas
