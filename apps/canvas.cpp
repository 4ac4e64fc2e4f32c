#include "apps/canvas.h"

#include <fmt/format.h>

#include <cairo/cairo.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ravi::apps {

void Canvas::Free::operator()(_cairo* cairo) const { cairo_destroy(cairo); }
void Canvas::Free::operator()(_cairo_surface* surface) const { cairo_surface_destroy(surface); }

Canvas::Canvas(int width, int height, const Color& background)
  : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)), cairo_(cairo_create(surface_.get()))
{
  set(background);
  cairo_paint(cairo_.get());
}

void Canvas::set(const Color& color) { cairo_set_source_rgba(cairo_.get(), color.red, color.green, color.blue, color.alpha); }

void Canvas::set(const LineStyle& style)
{
  set(style.color);
  cairo_set_line_width(cairo_.get(), style.width);
  cairo_set_line_join(cairo_.get(), CAIRO_LINE_JOIN_ROUND);
  cairo_set_dash(cairo_.get(), &style.dash, style.dash > 0.0 ? 1 : 0, 0.0);
}

void Canvas::set(const TextStyle& style)
{
  set(style.color);
  cairo_select_font_face(cairo_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         style.weight == Weight::bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cairo_.get(), style.size);
}

void Canvas::path(const std::vector<XY>& points)
{
  cairo_new_path(cairo_.get());
  for (const XY& point : points) cairo_line_to(cairo_.get(), point.x, point.y);
}

void Canvas::fill(const Box& box, const Color& color)
{
  set(color);
  cairo_rectangle(cairo_.get(), box.x, box.y, box.width, box.height);
  cairo_fill(cairo_.get());
}

void Canvas::fill_under(const std::vector<XY>& line, double base, double top, const Color& top_color,
                        const Color& base_color)
{
  if (line.empty()) return;
  path(line);
  cairo_line_to(cairo_.get(), line.back().x, base);
  cairo_line_to(cairo_.get(), line.front().x, base);
  cairo_close_path(cairo_.get());
  cairo_pattern_t* const gradient = cairo_pattern_create_linear(0.0, top, 0.0, base);
  cairo_pattern_add_color_stop_rgba(gradient, 0.0, top_color.red, top_color.green, top_color.blue, top_color.alpha);
  cairo_pattern_add_color_stop_rgba(gradient, 1.0, base_color.red, base_color.green, base_color.blue, base_color.alpha);
  cairo_set_source(cairo_.get(), gradient);
  cairo_fill(cairo_.get());
  cairo_pattern_destroy(gradient);
}

void Canvas::frame(const Box& box, const LineStyle& style)
{
  set(style);
  cairo_rectangle(cairo_.get(), box.x, box.y, box.width, box.height);
  cairo_stroke(cairo_.get());
}

void Canvas::line(const std::vector<XY>& points, const LineStyle& style)
{
  set(style);
  path(points);
  cairo_stroke(cairo_.get());
}

void Canvas::triangle_down(XY tip, double size, const Color& color)
{
  set(color);
  path({tip, {tip.x - 0.6 * size, tip.y - size}, {tip.x + 0.6 * size, tip.y - size}});
  cairo_fill(cairo_.get());
}

double Canvas::text_width(const std::string& words, const TextStyle& style)
{
  set(style);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_.get(), words.c_str(), &extents);
  return extents.x_advance;
}

Box Canvas::text(XY at, const std::string& words, const TextStyle& style)
{
  const double width = text_width(words, style);
  const double shift = style.align == Align::left ? 0.0 : style.align == Align::center ? 0.5 : 1.0;
  const double left = std::round(at.x - shift * width);
  cairo_move_to(cairo_.get(), left, std::round(at.y + 0.36 * style.size));  // digits and capitals are 0.72 high
  cairo_show_text(cairo_.get(), words.c_str());
  return {left, at.y - 0.6 * style.size, width, 1.2 * style.size};
}

void Canvas::text_upward(XY middle, const std::string& words, const TextStyle& style)
{
  cairo_save(cairo_.get());
  cairo_translate(cairo_.get(), middle.x, middle.y);
  cairo_rotate(cairo_.get(), -0.5 * std::numbers::pi);
  TextStyle centered = style;
  centered.align = Align::center;
  text({0.0, 0.0}, words, centered);
  cairo_restore(cairo_.get());
}

void Canvas::image(const Box& box, const std::vector<std::uint32_t>& pixels, std::size_t num_columns,
                   std::size_t num_rows)
{
  if (num_columns == 0 || num_rows == 0) return;
  std::vector<std::uint32_t> copy(pixels);  // cairo wants to be able to write
  const auto columns = static_cast<int>(num_columns);
  const auto rows = static_cast<int>(num_rows);
  cairo_surface_t* const source = cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(copy.data()), CAIRO_FORMAT_RGB24, columns, rows, columns * 4);
  cairo_save(cairo_.get());
  cairo_rectangle(cairo_.get(), box.x, box.y, box.width, box.height);
  cairo_clip(cairo_.get());
  cairo_translate(cairo_.get(), box.x, box.y);
  cairo_scale(cairo_.get(), box.width / static_cast<double>(columns), box.height / static_cast<double>(rows));
  cairo_set_source_surface(cairo_.get(), source, 0.0, 0.0);
  cairo_pattern_set_extend(cairo_get_source(cairo_.get()), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter(cairo_get_source(cairo_.get()), CAIRO_FILTER_GOOD);
  cairo_paint(cairo_.get());
  cairo_restore(cairo_.get());
  cairo_surface_destroy(source);
}

void Canvas::clip(const Box& box)
{
  cairo_save(cairo_.get());
  cairo_rectangle(cairo_.get(), box.x, box.y, box.width, box.height);
  cairo_clip(cairo_.get());
}

void Canvas::unclip() { cairo_restore(cairo_.get()); }

bool Canvas::write_png(const std::string& path)
{
  cairo_surface_flush(surface_.get());
  return cairo_status(cairo_.get()) == CAIRO_STATUS_SUCCESS &&
         cairo_surface_write_to_png(surface_.get(), path.c_str()) == CAIRO_STATUS_SUCCESS;
}

Ticks round_ticks(double low, double high, int count)
{
  Ticks ticks;
  const double rough = (high - low) / static_cast<double>(std::max(count, 1));
  if (!(rough > 0.0) || !std::isfinite(rough)) return ticks;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  const double ratio = rough / decade;
  ticks.step = decade * (ratio < 1.5 ? 1.0 : ratio < 3.5 ? 2.0 : ratio < 7.5 ? 5.0 : 10.0);
  for (double k = std::ceil(low / ticks.step - 1e-9); k * ticks.step <= high + 1e-9 * ticks.step; k += 1.0) {
    ticks.at.push_back(k * ticks.step);
  }
  return ticks;
}

std::string number_text(double value, int decimals)
{
  std::string out = fmt::format("{:.{}f}", value, decimals);
  const bool is_minus = out.starts_with('-');
  if (is_minus) out.erase(0, 1);
  const bool is_zero = out.find_first_not_of("0.") == std::string::npos;
  return is_minus && !is_zero ? "\u2212" + out : out;
}

std::string tick_text(double value, double step)
{
  return number_text(value, std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9))));
}

}  // namespace ravi::apps
