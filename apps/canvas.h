#pragma once
// A thin layer over cairo with the few things a diagram is drawn with: lines, boxes, text, axes.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct _cairo;
struct _cairo_surface;

namespace ravi::apps {

struct Color {
  double red = 0.0;
  double green = 0.0;
  double blue = 0.0;
  double alpha = 1.0;
};

/// In points from the upper left corner.
struct Box {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  [[nodiscard]] double right() const { return x + width; }
  [[nodiscard]] double bottom() const { return y + height; }
  [[nodiscard]] bool overlaps(const Box& other) const
  {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }
};

struct XY {
  double x = 0.0;
  double y = 0.0;
};

enum class Align { left, center, right };
enum class Weight { normal, bold };

struct TextStyle {
  double size = 14.0;
  Color color;
  Align align = Align::left;
  Weight weight = Weight::normal;
};

struct LineStyle {
  Color color;
  double width = 1.0;
  double dash = 0.0;  ///< length of dashes and gaps; 0: solid
};

/// A raster picture in the making.
class Canvas {
public:
  Canvas(int width, int height, const Color& background);

  void fill(const Box& box, const Color& color);
  /// Below a line down to `base`: from `top_color` at `top` to `base_color`.
  void fill_under(const std::vector<XY>& line, double base, double top, const Color& top_color, const Color& base_color);
  void frame(const Box& box, const LineStyle& style);
  void line(const std::vector<XY>& points, const LineStyle& style);
  void triangle_down(XY tip, double size, const Color& color);

  /// `at`: on the text's middle line; returns the box it fills.
  Box text(XY at, const std::string& words, const TextStyle& style);
  void text_upward(XY middle, const std::string& words, const TextStyle& style);
  [[nodiscard]] double text_width(const std::string& words, const TextStyle& style);

  /// `pixels`: 0x00RRGGBB, [row][column], stretched smoothly over `box`.
  void image(const Box& box, const std::vector<std::uint32_t>& pixels, std::size_t num_columns, std::size_t num_rows);

  /// Everything until `unclip` stays within `box`.
  void clip(const Box& box);
  void unclip();

  [[nodiscard]] bool write_png(const std::string& path);

private:
  struct Free {
    void operator()(_cairo* cairo) const;
    void operator()(_cairo_surface* surface) const;
  };
  void set(const Color& color);
  void set(const LineStyle& style);
  void set(const TextStyle& style);
  void path(const std::vector<XY>& points);

  std::unique_ptr<_cairo_surface, Free> surface_;
  std::unique_ptr<_cairo, Free> cairo_;
};

/// Round values within [low, high], about `count` of them, 1, 2 or 5 times a power of ten apart.
struct Ticks {
  double step = 1.0;
  std::vector<double> at;
};
[[nodiscard]] Ticks round_ticks(double low, double high, int count);

/// A number with as many decimals as ticks `step` apart need, and a true minus sign.
[[nodiscard]] std::string tick_text(double value, double step);
[[nodiscard]] std::string number_text(double value, int decimals);

}  // namespace ravi::apps
