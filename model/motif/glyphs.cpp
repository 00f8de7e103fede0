#include "model/motif/glyphs.h"

#include <array>
#include <string_view>

#include "kernels/base/error.h"
#include "model/motif/logo.h"
#include "model/svg.h"

namespace explainn::model {
namespace {

struct Glyph {
  std::string_view id;       // in a page; all begin with "logo"
  std::string_view outline;  // as in the attribute `d` of a path
  std::string_view colour;   // empty: a line in the colour of the text
};

// Hue as in most logos (green, blue, orange, red), yet told apart without red or green as well: A
// leans to blue and is lighter than T. All but G, whose hue has no such shade, keep a contrast of 3
// to both white and near black.
constexpr std::array<Glyph, 4> kLetters{
    Glyph{"logoA", "M.02 1L.355 0H.645L.98 1H.718L.651.8H.349L.282 1ZM.396.66H.604L.5.349Z",
          "#0fa173"},
    Glyph{"logoC",
          "M.97.35C.95.13.76 0 .5 0C.2 0 .02.2.02.5S.2 1 .5 1C.76 1 .95.87.97.65H.71"
          "C.69.77.61.85.5.85C.36.85.285.72.285.5S.36.15.5.15C.61.15.69.23.71.35Z",
          "#3173d6"},
    Glyph{"logoG",
          "M.97.34C.94.12.76 0 .51 0C.2 0 .02.2.02.5S.2 1 .48 1C.6 1 .7.955.77.87L.8 1H.98V.46H.52"
          "V.6H.73C.72.75.64.85.51.85C.36.85.285.72.285.5S.36.15.51.15C.62.15.69.22.71.34Z",
          "#eca000"},
    Glyph{"logoT", "M.03 0H.97V.15H.633V1H.367V.15H.03Z", "#d0313f"}};

constexpr std::string_view kSignLetters = "0123456789.bitps";
constexpr std::array<Glyph, kSignLetters.size()> kSigns{
    Glyph{"logo0", "M3 0C1 0 0 2 0 5S1 10 3 10S6 8 6 5S5 0 3 0Z", ""},
    Glyph{"logo1", "M.8 2.2L3.6 0V10", ""},
    Glyph{"logo2", "M.3 2.8C.3 1.2 1.4 0 3 0S5.7 1.1 5.7 2.8C5.7 5.2.4 7 .2 10H6", ""},
    Glyph{"logo3",
          "M.3 2C.7.8 1.7 0 3 0C4.5 0 5.6 1 5.6 2.4S4.5 4.7 2.3 4.7C4.6 4.7 6 5.6 6 7.3S4.8 10 3 10"
          "C1.6 10 .4 9.2 0 7.9",
          ""},
    Glyph{"logo4", "M4.6 10V0L0 7H6.2", ""},
    Glyph{"logo5",
          "M5.5 0H1.1L.5 4.7C1.2 4 2 3.7 3 3.7C4.8 3.7 6 5 6 6.8S4.8 10 3 10C1.6 10 .5 9.3 0 8.2",
          ""},
    Glyph{"logo6",
          "M5.5 1.6C5.1.6 4.2 0 3.2 0C1 0 0 2.2 0 5.4C0 8.3 1.1 10 3 10S6 8.6 6 6.8S4.8 3.8 3 3.8"
          "S.1 5 0 6.6",
          ""},
    Glyph{"logo7", "M0 0H6C4 3 2.6 6 2.3 10", ""},
    Glyph{"logo8",
          "M3 4.6C1.5 4.6.4 3.7.4 2.3S1.5 0 3 0S5.6.9 5.6 2.3S4.5 4.6 3 4.6C1.2 4.6 0 5.7 0 7.3"
          "S1.2 10 3 10S6 8.9 6 7.3S4.8 4.6 3 4.6Z",
          ""},
    Glyph{"logo9",
          "M.5 8.4C.9 9.4 1.8 10 2.8 10C5 10 6 7.8 6 4.6C6 1.7 4.9 0 3 0S0 1.4 0 3.2S1.2 6.2 3 6.2"
          "S5.9 5 6 3.4",
          ""},
    Glyph{"logo-point", "M3 10h.01", ""},
    Glyph{"logo-b", "M0 0V10M0 6.7C0 4.7 1.2 3.4 3 3.4S6 4.7 6 6.7S4.8 10 3 10S0 8.7 0 6.7", ""},
    Glyph{"logo-i", "M3 3.5V10M3 .7h.01", ""},
    Glyph{"logo-t", "M2.4 1V8C2.4 9.5 3.3 10.1 5 9.8M.3 3.5H5", ""},
    Glyph{"logo-p", "M0 3.4V13.4M0 6.7C0 4.7 1.2 3.4 3 3.4S6 4.7 6 6.7S4.8 10 3 10S0 8.7 0 6.7",
          ""},
    Glyph{"logo-s",
          "M5.4 4.8C5 3.9 4.1 3.4 3 3.4C1.6 3.4.6 4.1.6 5.1C.6 7.5 5.7 5.9 5.7 8.2"
          "C5.7 9.3 4.6 10 3.1 10C1.8 10 .8 9.4.3 8.5",
          ""}};

std::string fill(const Glyph& glyph) {
  return glyph.colour.empty() ? "" : cat(" fill=\"", glyph.colour, "\"");
}

std::string defined(const Glyph& glyph) {
  return cat("<path id=\"", glyph.id, "\"", fill(glyph), " d=\"", glyph.outline, "\"/>\n");
}

}  // namespace

std::string letter_at(std::size_t base, double x, double y, double height, bool shared) {
  const Glyph& letter = kLetters.at(base);
  const std::string transform = cat(" transform=\"matrix(1 0 0 ", svg_number(height, 2), " ",
                                    svg_number(x, 2), " ", svg_number(y, 2), ")\"");
  if (shared) return cat("<use href=\"#", letter.id, "\"", transform, "/>\n");
  return cat("<path", fill(letter), transform, " d=\"", letter.outline, "\"/>\n");
}

std::string sign_at(char sign, double x, double y, bool shared) {
  const std::size_t at = kSignLetters.find(sign);
  require(at != std::string_view::npos, "logo", "there is no outline of ", sign);
  const std::string left = svg_number(x, 1);
  const std::string top = svg_number(y, 1);
  if (shared) return cat("<use href=\"#", kSigns[at].id, "\" x=\"", left, "\" y=\"", top, "\"/>\n");
  return cat("<path transform=\"translate(", left, " ", top, ")\" d=\"", kSigns[at].outline,
             "\"/>\n");
}

std::string logo_glyphs() {
  std::string defs = "<defs>\n";
  for (const Glyph& glyph : kLetters) defs += defined(glyph);
  for (const Glyph& glyph : kSigns) defs += defined(glyph);
  return defs + "</defs>\n";
}

}  // namespace explainn::model
