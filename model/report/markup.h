// What the sections of the report have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/motif/logo.h"
#include "model/report/report.h"
#include "model/svg.h"

namespace explainn::model::report {

/// Pixels of logos as they stand once in the page, to be referred to in any size.
inline constexpr double kLogoHeight = 50;
inline constexpr double kLogoColumn = 14;
/// How they are drawn there.
LogoOptions page_logo();

/// For readers: `digits` of them, a true minus, powers of ten written out; a dash for NaN.
std::string shown(double value, int digits);
/// The same of a number as printf's %g prints it.
std::string shown(const std::string& text);
/// The head of a table's column; `more` are attributes, a space before each.
std::string column_header(std::string_view title, bool numbers, std::string_view more = "");
/// 12,345
std::string grouped(std::int64_t count);
/// "1 filter", "1,234 filters"
std::string plural(std::int64_t count, std::string_view noun);

/// <data value="as in the table">as shown</data>
std::string number_data(const Number& number, int digits);
/// <td> with the same, for numbers to be sorted by.
std::string number_cell(const Number& number, int digits);

/// Heading of a section; `words` under it, which are HTML. Sections end with kSectionEnd.
std::string section_start(std::string_view id, std::string_view title, std::string_view words);
inline constexpr std::string_view kSectionEnd = "</section>\n";

/// The task on which a filter's effect is largest, either way; the number of tasks if there is
/// none.
std::size_t top_effect(const Filter& filter);

/// What a filter is called: its annotation where it has a match, else its id.
std::string display_name(const Filter& filter);
/// Where its card is.
std::string card_id(std::size_t unit);

/// Pixels of the words of plots; names of tasks and filters are cut where they would take more than
/// kLongestLabel.
inline constexpr double kPlotFont = 10;
inline constexpr double kLongestLabel = 150;
std::string plot_label(std::string_view name);
/// Pixels that such a label takes at most.
double label_pixels(std::string_view name);

/// Definitions of all glyphs and, once a filter, of its logo.
std::string logo_definitions(const Report& report);
/// The core of a motif's logo, `height` pixels high, over an axis of 2 bits; `drawing` is the logo
/// as page_logo() has it, or refers to it.
std::string core_logo(const data::Motif& motif, const std::string& name, double height,
                      const std::string& drawing);
/// The core of a filter's logo, `height` pixels high, over an axis of 2 bits. Requires a motif.
std::string small_logo(const Filter& filter, std::size_t unit, double height);

}  // namespace explainn::model::report
