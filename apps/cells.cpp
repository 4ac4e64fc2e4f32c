// ravi cells: finds the 5G cells in a recording or on the air and reads their MIB and SIB1.

#include "apps/cell_report.h"
#include "apps/command.h"
#include "apps/progress.h"
#include "apps/spectrum_input.h"
#include "stack/nr/coreset0.h"
#include "stack/nr/ssb_pattern.h"
#include "stack/phy/sub_band.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace ravi::apps {
namespace {

struct CellsOptions {
  InputOptions input;
  std::string recording;
  std::string band;
  std::optional<Hertz> ssb_frequency;
  bool as_json = false;
};

/// A place to look at, with the block pattern that the raster gives it.
struct Place {
  Hertz frequency;
  nr::SsbCase ssb_case = nr::SsbCase::a;
  unsigned l_max = 4;
  unsigned band = 0;
  friend bool operator==(const Place& a, const Place& b) { return a.frequency == b.frequency && a.ssb_case == b.ssb_case; }
};

/// A stretch of samples and where its spectrum lies.
struct Stretch {
  std::vector<Cf32> samples;
  SampleRate rate;
  Hertz center;
  std::int64_t first = 0;  ///< of the first sample in the recording
};

Hertz half_width(const Place& place) { return nr::spacing(nr::scs_of(place.ssb_case)) * 120.0; }

double band_width(const nr::Band& band) { return (band.downlink->high - band.downlink->low).value(); }

Result<std::vector<const nr::Band*>> bands_to_search(const CellsOptions& options, std::optional<Hertz> center)
{
  if (!options.band.empty()) {
    const std::string digits = options.band.front() == 'n' ? options.band.substr(1) : options.band;
    const auto number = parse_integer(digits);
    const nr::Band* const band = number && *number > 0 && *number < 1000 ? nr::find_band(static_cast<unsigned>(*number)) : nullptr;
    if (band == nullptr || !band->downlink) {
      return fail(ErrorCode::bad_input, fmt::format("--band {} is no downlink band of FR1 (such as n78)", options.band));
    }
    return std::vector{band};
  }
  auto bands = center ? nr::bands_at(options.ssb_frequency.value_or(*center), nr::LinkDirection::downlink) : std::vector<const nr::Band*>{};
  // The narrowest band that holds a frequency is the likeliest: n78 rather than n77.
  std::sort(bands.begin(), bands.end(), [](const nr::Band* a, const nr::Band* b) { return band_width(*a) < band_width(*b); });
  if (bands.empty()) return fail(ErrorCode::bad_input, "no band of FR1 has a downlink at this frequency: name one with --band");
  return bands;
}

/// Every place of the synchronization raster of these bands, each once, ascending.
std::vector<Place> places_of(const std::vector<const nr::Band*>& bands, std::optional<Hertz> only)
{
  std::vector<Place> places;
  for (const nr::Band* const band : bands) {
    for (const nr::SsRaster& raster : nr::ss_rasters(band->number)) {
      const auto add = [&](Hertz frequency) {
        const Place place{.frequency = frequency, .ssb_case = raster.ssb_case,
                          .l_max = nr::ssb_l_max(raster.ssb_case, frequency, band->duplex), .band = band->number};
        if (place.l_max <= 8 && std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
      };
      if (only) {
        add(*only);
        continue;
      }
      for (const nr::Gscn gscn : nr::gscns(raster)) add(nr::ss_ref(gscn));
    }
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.frequency < b.frequency; });
  return places;
}

/// Reads all the input gives; after a gap it begins anew, since a search needs one piece.
Result<Stretch> read_stretch(const InputOptions& options)
{
  auto input = open_input(options);
  if (!input) return tl::unexpected(input.error());
  if (!input->conditions.center) {
    return fail(ErrorCode::bad_input, fmt::format("{} does not say its center frequency (core:frequency)", options.input));
  }
  Stretch stretch{.samples = {}, .rate = input->conditions.sample_rate, .center = *input->conditions.center};
  stretch.first = std::llround(input->conditions.start_s * static_cast<double>(stretch.rate.hz()));
  std::vector<Cf32> block(65536);
  while (!stop_requested() && stretch.samples.size() < input->num_samples) {
    const auto got = input->read(block);
    if (!got) return tl::unexpected(got.error());
    if (got->num_samples == 0) break;
    if (got->is_after_gap) {
      stretch.first += static_cast<std::int64_t>(stretch.samples.size()) + got->lost.value();
      stretch.samples.clear();
    }
    stretch.samples.insert(stretch.samples.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got->num_samples));
  }
  return stretch;
}

CellReport report_of(const phy::SubBand& band, const Stretch& stretch, const Place& place, const phy::FoundCell& cell)
{
  CellReport report{.cell = cell, .band = place.band, .gscn = nr::gscn_of(place.frequency)};
  report.sample_offset = stretch.first + std::llround(cell.sample_offset);
  const double bins = static_cast<double>(stretch.rate.hz()) / static_cast<double>(nr::spacing_hz(cell.candidate.scs));
  report.ss_rsrp_dbfs = 10.0 * std::log10(std::max(static_cast<double>(cell.pbch.ss_rsrp), 1e-30) * bins);
  report.sib1 = phy::read_sib1(band, stretch.center, cell, place.ssb_case, nr::minimum_bandwidth_of(place.band));
  if (report.sib1.status != phy::Sib1Status::read) return report;
  report.summary = read_sib1_message(report.sib1.transport_block);
  if (report.summary && !report.summary->bands.empty()) report.band = report.summary->bands.front();
  return report;
}

/// Looks at every place that lies wholly within the stretch; returns how many there were.
Result<std::size_t> search_stretch(const Stretch& stretch, const std::vector<Place>& places, Progress& progress,
                                   std::vector<CellReport>& cells)
{
  const auto band = phy::SubBand::make(stretch.samples, stretch.rate);
  if (!band) return tl::unexpected(band.error());
  std::vector<Place> inside;
  std::copy_if(places.begin(), places.end(), std::back_inserter(inside), [&](const Place& place) {
    return std::abs((place.frequency - stretch.center).value()) + half_width(place).value() <= stretch.rate.bandwidth().value() / 2.0;
  });
  for (std::size_t i = 0; i < inside.size() && !stop_requested(); ++i) {
    const Place& place = inside[i];
    progress.show(static_cast<double>(i) / static_cast<double>(inside.size()),
                  fmt::format("{}: {} cells so far", to_text(place.frequency), cells.size()));
    const phy::SsbCandidate candidate{.frequency = place.frequency, .scs = nr::scs_of(place.ssb_case), .l_max = place.l_max};
    for (const phy::FoundCell& cell : phy::search_cells(*band, stretch.center, candidate)) {
      const bool is_known = std::any_of(cells.begin(), cells.end(), [&](const CellReport& known) {
        return known.cell.pci == cell.pci && known.cell.candidate.frequency == place.frequency &&
               known.cell.candidate.scs == candidate.scs;
      });
      if (!is_known) cells.push_back(report_of(*band, stretch, place, cell));
    }
  }
  return inside.size();
}

/// Center frequencies at which a radio of this rate sees all places, each wholly within the middle four fifths.
std::vector<Hertz> centers_for(const std::vector<Place>& places, SampleRate rate)
{
  std::vector<Hertz> centers;
  const Hertz usable = rate.bandwidth() * 0.8;
  for (const Place& place : places) {
    const bool is_seen = !centers.empty() && place.frequency + half_width(place) <= centers.back() + usable * 0.5;
    if (!is_seen) centers.push_back(place.frequency - half_width(place) + usable * 0.5);
  }
  return centers;
}

Result<std::vector<CellReport>> search(const CellsOptions& options)
{
  InputOptions input = options.input;
  std::vector<CellReport> cells;
  Progress progress;
  const bool is_sweep = options.recording.empty() && !input.radio.frequency;
  if (!is_sweep) {
    const auto stretch = read_stretch(input);
    if (!stretch) return tl::unexpected(stretch.error());
    const auto bands = bands_to_search(options, stretch->center);
    if (!bands) return tl::unexpected(bands.error());
    const auto num_places = search_stretch(*stretch, places_of(*bands, options.ssb_frequency), progress, cells);
    if (!num_places) return tl::unexpected(num_places.error());
    if (*num_places == 0) {
      return fail(ErrorCode::bad_input, fmt::format("no place of the synchronization raster lies within {} around {}: a block is "
                                                    "3.6 or 7.2 MHz wide; take another --band or a wider recording",
                                                    to_text(stretch->rate.bandwidth()), to_text(stretch->center)));
    }
    return cells;
  }
  if (options.band.empty()) return fail(ErrorCode::bad_input, "a radio needs --freq, or --band to go through");
  if (!input.radio.rate) return fail(ErrorCode::bad_input, "a radio needs --rate, e.g. --rate 23.04MHz");
  const auto bands = bands_to_search(options, std::nullopt);
  if (!bands) return tl::unexpected(bands.error());
  const std::vector<Place> places = places_of(*bands, options.ssb_frequency);
  for (const Hertz center : centers_for(places, *input.radio.rate)) {
    if (stop_requested()) break;
    input.radio.frequency = center;
    const auto stretch = read_stretch(input);
    if (!stretch) return tl::unexpected(stretch.error());
    const auto done = search_stretch(*stretch, places, progress, cells);
    if (!done) return tl::unexpected(done.error());
  }
  return cells;
}

int run_cells(const CellsOptions& options)
{
  auto cells = search(options);
  if (!cells) return report(cells.error());
  std::stable_sort(cells->begin(), cells->end(), [](const CellReport& a, const CellReport& b) { return a.ss_rsrp_dbfs > b.ss_rsrp_dbfs; });
  if (options.as_json) {
    fmt::print("{}\n", to_json(*cells).dump(2));
  } else if (cells->empty()) {
    fmt::print("no cell found\n");
  } else {
    for (const CellReport& cell : *cells) fmt::print("{}", to_text(cell));
  }
  return cells->empty() ? kAnswerIsNo : kDone;
}

}  // namespace

void add_cells(CLI::App& ravi, Run& run)
{
  const auto options = std::make_shared<CellsOptions>();
  CLI::App* const app = ravi.add_subcommand("cells", "find the 5G cells in a recording or on the air, and read MIB and SIB1");
  app->footer("Examples:\n  ravi cells --input capture.sigmf-meta\n"
              "  ravi cells --device uhd:type=b200 --rate 23.04MHz --gain 50dB --band n78 --json");
  add_radio_options(*app, options->input.radio, Direction::receive);
  CLI::Option* const recording = app->add_option("--input", options->recording, "SigMF recording");
  app->get_option("--device")->excludes(recording);
  app->add_option("--channel", options->input.channel, "channel to look at, from 0")
      ->check(CLI::Range(0, 63))
      ->capture_default_str();
  app->add_option("--band", options->band, "search this band, e.g. n78 (all that have a downlink at the center frequency)");
  add_quantity(*app, "--ssb", options->ssb_frequency, parse_frequency, "look at this SSB frequency (SS_REF) only");
  add_quantity(*app, "--duration", options->input.duration, parse_duration, "search in so much (60 ms)");
  app->add_flag("--json", options->as_json, "one JSON document on standard output");
  app->callback([options, &run] {
    if (options->recording.empty() && options->input.radio.device.empty()) {
      throw CLI::ValidationError("cells", "give --input RECORDING or --device DRIVER:key=value,...");
    }
    options->input.input = options->recording.empty() ? options->input.radio.device : options->recording;
    if (!options->input.duration) options->input.duration = std::chrono::milliseconds(60);
    run = [options] { return run_cells(*options); };
  });
}

}  // namespace ravi::apps
