#include "apps/cell_report.h"

#include "radio/quantity_text.h"
#include "stack/asn1/rrc.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace ravi::apps {
namespace {

namespace rrc = asn1::rrc;

std::string plmn_text(const rrc::PlmnIdentity& plmn, const std::string& mcc_before)
{
  std::string mcc = mcc_before;  // TS 38.331: absent means that of the entry before
  if (plmn.mcc) {
    mcc.clear();
    for (const auto digit : *plmn.mcc) mcc += fmt::format("{}", static_cast<unsigned>(digit));
  }
  std::string mnc;
  for (const auto digit : plmn.mnc) mnc += fmt::format("{}", static_cast<unsigned>(digit));
  return mcc + "-" + mnc;
}

void read_serving_cell(const rrc::ServingCellConfigCommonSib& common, Sib1Summary& summary)
{
  constexpr std::array<unsigned, 6> kPeriods{5, 10, 20, 40, 80, 160};
  const auto& frequency = common.downlink_config_common.frequency_info_dl;
  for (const auto& band : frequency.frequency_band_list) {
    if (band.freq_band_indicator_nr) summary.bands.push_back(static_cast<unsigned>(*band.freq_band_indicator_nr));
  }
  summary.offset_to_point_a = frequency.offset_to_point_a;
  if (!frequency.scs_specific_carrier_list.empty()) {
    const auto& carrier = frequency.scs_specific_carrier_list.front();
    summary.carrier_prb = carrier.carrier_bandwidth;
    summary.carrier_scs_khz = 15U << static_cast<unsigned>(carrier.subcarrier_spacing);
    summary.offset_to_carrier = carrier.offset_to_carrier;
  }
  const auto period = static_cast<std::size_t>(common.ssb_periodicity_serving_cell);
  if (period < kPeriods.size()) summary.ssb_period_ms = kPeriods[period];
  summary.ss_pbch_block_power_dbm = common.ss_pbch_block_power;
}

nlohmann::ordered_json sib1_json(const CellReport& report)
{
  nlohmann::ordered_json json;
  json["hex"] = fmt::format("{:02x}", fmt::join(report.sib1.transport_block, ""));
  if (!report.summary) return json;
  const Sib1Summary& summary = *report.summary;
  const auto set = [&json](const char* key, const auto& value) {
    if (value) {
      json[key] = *value;
    } else {
      json[key] = nullptr;
    }
  };
  json["plmns"] = summary.plmns;
  set("tac", summary.tac);
  json["nr_cell_identity"] = fmt::format("{:09x}", summary.nr_cell_identity);
  json["bands"] = summary.bands;
  set("carrier_prb", summary.carrier_prb);
  set("carrier_scs_khz", summary.carrier_scs_khz);
  set("offset_to_carrier", summary.offset_to_carrier);
  set("offset_to_point_a", summary.offset_to_point_a);
  set("ssb_period_ms", summary.ssb_period_ms);
  set("ss_pbch_block_power_dbm", summary.ss_pbch_block_power_dbm);
  set("q_rx_lev_min_dbm", summary.q_rx_lev_min_dbm);
  return json;
}

double rounded(double value) { return std::round(value * 10.0) / 10.0; }

bool is_barred(const CellReport& report)
{
  const auto mib = phy::parse_mib(report.cell.pbch.mib);
  return mib && mib->is_cell_barred;
}

const char* why_no_sib1(phy::Sib1Status status)
{
  switch (status) {
    case phy::Sib1Status::no_coreset0: return "none: the MIB names no CORESET#0 (a cell for dual connectivity)";
    case phy::Sib1Status::out_of_span: return "not received: CORESET#0 lies outside the sampled span";
    case phy::Sib1Status::no_dci: return "not found: nothing with SI-RNTI in the slots that were received";
    case phy::Sib1Status::bad_transport_block: return "scheduled, but its transport block came with errors";
    case phy::Sib1Status::read: break;
  }
  return "received, but not understood";
}

}  // namespace

std::optional<Sib1Summary> read_sib1_message(std::span<const std::uint8_t> transport_block)
{
  const auto message = rrc::decode<rrc::BcchDlSchMessage>(transport_block);
  if (!message) return std::nullopt;
  const auto* const c1 = message->message.c1();
  const rrc::Sib1* const sib1 = c1 != nullptr ? c1->system_information_block_type1() : nullptr;
  if (sib1 == nullptr || sib1->cell_access_related_info.plmn_identity_list.empty()) return std::nullopt;
  Sib1Summary summary;
  const auto& infos = sib1->cell_access_related_info.plmn_identity_list;
  for (const auto& info : infos) {
    std::string mcc;
    for (const auto& plmn : info.plmn_identity_list) {
      summary.plmns.push_back(plmn_text(plmn, mcc));
      mcc = summary.plmns.back().substr(0, 3);
    }
  }
  if (infos.front().tracking_area_code) summary.tac = infos.front().tracking_area_code->value;
  summary.nr_cell_identity = infos.front().cell_identity.value;
  if (sib1->cell_selection_info) summary.q_rx_lev_min_dbm = 2 * static_cast<int>(sib1->cell_selection_info->q_rx_lev_min);
  if (sib1->serving_cell_config_common) read_serving_cell(*sib1->serving_cell_config_common, summary);
  return summary;
}

nlohmann::ordered_json to_json(const std::vector<CellReport>& cells)
{
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CellReport& report : cells) {
    const phy::PbchResult& pbch = report.cell.pbch;
    nlohmann::ordered_json cell;
    cell["pci"] = report.cell.pci.value();
    cell["band"] = report.band != 0 ? nlohmann::ordered_json(fmt::format("n{}", report.band)) : nlohmann::ordered_json();
    cell["ssb_frequency_hz"] = std::llround(report.cell.candidate.frequency.value());
    cell["gscn"] = report.gscn ? nlohmann::ordered_json(report.gscn->value()) : nlohmann::ordered_json();
    cell["ssb_scs_khz"] = nr::spacing_hz(report.cell.candidate.scs) / 1000;
    cell["ssb_index"] = pbch.ssb_block_index;
    cell["half_frame"] = pbch.half_frame;
    cell["sfn"] = pbch.sfn;
    cell["k_ssb"] = pbch.k_ssb;
    cell["cell_barred"] = is_barred(report);
    cell["mib_hex"] = fmt::format("{:06x}", pbch.mib);
    cell["sample_offset"] = report.sample_offset;
    cell["snr_db"] = rounded(static_cast<double>(pbch.snr_db));
    cell["ss_rsrp_dbfs"] = rounded(report.ss_rsrp_dbfs);
    cell["cfo_hz"] = std::llround(report.cell.cfo_hz);
    cell["sib1"] = report.sib1.status == phy::Sib1Status::read ? sib1_json(report) : nlohmann::ordered_json();
    list.push_back(std::move(cell));
  }
  return {{"cells", std::move(list)}};
}

std::string to_text(const CellReport& report)
{
  const phy::PbchResult& pbch = report.cell.pbch;
  std::string text = fmt::format("PCI {}  {}  {}{}  {} kHz{}\n", report.cell.pci.value(),
                                 report.band != 0 ? fmt::format("n{}", report.band) : "no band",
                                 to_text(report.cell.candidate.frequency),
                                 report.gscn ? fmt::format(" (GSCN {})", report.gscn->value()) : "",
                                 nr::spacing_hz(report.cell.candidate.scs) / 1000, is_barred(report) ? "  barred" : "");
  text += fmt::format("  signal  SNR {:.1f} dB, SS-RSRP {:.1f} dBFS, carrier offset {:+} Hz\n", static_cast<double>(pbch.snr_db),
                      report.ss_rsrp_dbfs, std::llround(report.cell.cfo_hz));
  text += fmt::format("  timing  SSB {} begins at sample {}: SFN {}, {} half frame\n", pbch.ssb_block_index, report.sample_offset,
                      pbch.sfn, pbch.half_frame == 0 ? "first" : "second");
  text += fmt::format("  MIB     {:06x}, k_SSB {}\n", pbch.mib, pbch.k_ssb);
  if (!report.summary) return text + fmt::format("  SIB1    {}\n", why_no_sib1(report.sib1.status));
  const Sib1Summary& summary = *report.summary;
  text += fmt::format("  SIB1    PLMN {}, TAC {}, cell identity {:09x}\n", fmt::join(summary.plmns, ", "),
                      summary.tac ? fmt::format("{}", *summary.tac) : "none", summary.nr_cell_identity);
  if (summary.carrier_prb) {
    text += fmt::format("  carrier {} PRB at {} kHz, offsetToPointA {}, SSB every {} ms at {} dBm\n", *summary.carrier_prb,
                        *summary.carrier_scs_khz, *summary.offset_to_point_a, summary.ssb_period_ms.value_or(0),
                        *summary.ss_pbch_block_power_dbm);
  }
  return text;
}

}  // namespace ravi::apps
