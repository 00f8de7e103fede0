// The letters and signs of sequence logos as outlines, so that a logo needs no font.
#pragma once

#include <cstddef>
#include <string>

namespace explainn::model {

/// A, C, G or T (0..3) in the rectangle 1 wide and `height` high whose upper left corner is (x, y):
/// bold, its colour included. `shared`: refers to logo_glyphs() of the same document.
std::string letter_at(std::size_t base, double x, double y, double height, bool shared);

/// One of "0123456789.bitps", as lines in the rectangle 6 wide and 10 high at (x, y). Throws
/// std::invalid_argument for another.
std::string sign_at(char sign, double x, double y, bool shared);

}  // namespace explainn::model
