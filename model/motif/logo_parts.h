// What single logos, pairs and sheets have in common.
#pragma once

#include <string>
#include <string_view>

#include "model/motif/logo.h"

namespace explainn::model {

/// What currentColor is in a file of its own: its contrast is alike to white and to near black.
inline constexpr std::string_view kGreyInk = " color=\"#757575\"";
/// Axes are drawn in units of a sign's tenth, this part of a logo's height.
inline constexpr double kSignUnit = 0.0075;

/// Room around the stacks.
struct LogoMargins {
  double left, right, top, bottom;
};
/// In units of signs.
LogoMargins sign_margins(const LogoOptions& options);
/// In pixels.
LogoMargins logo_margins(const LogoOptions& options);

/// "MA0139.1 CTCF"
std::string full_name(const data::Motif& motif);

/// options.title, or what a logo shows.
std::string logo_title(const data::Motif& motif, const LogoOptions& options);

/// Pixels of a line of words, which grow with the logo, and of their letters.
double line_pixels(const LogoOptions& options);
double font_pixels(const LogoOptions& options);

/// Attributes of a picture with words.
std::string word_style(const LogoOptions& options);

/// Pixels that words take, rather more than less: fonts differ.
double word_pixels(std::string_view words, const LogoOptions& options);

/// The words, or as many of them as fit with "..", in whole letters of UTF-8.
std::string fitting(std::string_view words, double pixels, const LogoOptions& options);

}  // namespace explainn::model
