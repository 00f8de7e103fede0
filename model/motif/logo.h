// Sequence logos (Schneider and Stephens 1990) as SVG: a stack of letters a column, as high as the
// column's information, each letter as high as its share of it, the most frequent on top.
//
// Letters are outlines: no fonts, no scripts, the same bytes on every machine. The background is
// transparent, letters are legible on light and dark ones; axes and words take the colour of the
// text around them (currentColor), in a file of its own a grey that suits both.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "data/motif_file.h"

namespace explainn::model {

struct LogoOptions {
  bool axes = true;
  bool reverse_complement = false;
  bool frequencies = false;  ///< letters as high as their probabilities, instead of bits
  /// Takes 3 / (2 ln 2 sites) bits off each column: what so few sites show by chance on the average
  /// (Schneider 1986). Nothing where the number of sites is not known.
  bool small_sample_correction = false;
  /// Refer to logo_glyphs(), to be in the same document once; else the outlines are repeated.
  bool shared_glyphs = false;
  /// Of the bits; the axis ends at log2(1 / smallest), 2 bits for a uniform one.
  std::array<double, 4> background{0.25, 0.25, 0.25, 0.25};
  double height = 100;  ///< pixels of the whole axis; signs of the axes grow with it
  double column_width = 20;
  std::string title;  ///< for screen readers; empty: id, name and consensus
};

struct LogoSize {
  double width;
  double height;
};

/// Pixels of a logo with so many columns, axes included.
LogoSize logo_size(std::size_t columns, const LogoOptions& options);

/// <defs> with all outlines, ids "logo..", for options with `shared_glyphs`. In a page of HTML they
/// belong into an <svg width="0" height="0">; style sheets may set `fill` of #logoA, #logoC ...
std::string logo_glyphs();

/// <g> with the logo, its upper left corner at (0, 0). Letters lower than 0.002 bits are left out.
/// All of these throw std::invalid_argument for a motif without columns, or with a column that is
/// no distribution, and for sizes that are not above 0.
std::string logo_group(const data::Motif& motif, const LogoOptions& options);

/// A file, or with `shared_glyphs` an <svg> for a page.
std::string logo_svg(const data::Motif& motif, const LogoOptions& options);

/// A query over a target of `explainn tomtom`, aligned columns shaded: column 0 of the query stands
/// over column `offset` of the target, or of its reverse complement if `reversed`. A file, or with
/// `shared_glyphs` an <svg> for a page.
std::string aligned_logos(const data::Motif& query, const data::Motif& target, std::int64_t offset,
                          bool reversed, const LogoOptions& options);

/// One file with all motifs, their names and numbers of sites, in a grid about as wide and high as
/// a page to print.
std::string logo_sheet(std::span<const data::Motif> motifs, const LogoOptions& options);

}  // namespace explainn::model
