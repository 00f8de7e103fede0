// Binding modes: groups of filters whose motifs match each other.
#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "model/motif/logo.h"
#include "model/motif/matrix.h"
#include "model/plot_axis.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

constexpr double kTileLogo = 44;
// Modes below this share of the largest effect are folded away.
constexpr double kTinyShare = 0.01;
// Of the logos under each other, beside those of the page.
constexpr double kScale = 0.5;
constexpr double kRow = 30;
constexpr double kLabels = 76;

// What the filters of a mode add to a task, together.
double effect_of(const Report& report, const Mode& mode, std::size_t task) {
  double sum = 0;
  for (const ModeFilter& member : mode.members) {
    const double effect = report.filters[member.unit].effects[task].value;
    if (!std::isnan(effect)) sum += effect;
  }
  return sum;
}

struct Strongest {
  std::size_t task;
  double effect;
};

Strongest strongest_of(const Report& report, const Mode& mode) {
  Strongest strongest{report.tasks(), 0};
  for (std::size_t t = 0; t < report.tasks(); ++t) {
    const double effect = effect_of(report, mode, t);
    if (std::abs(effect) > std::abs(strongest.effect)) strongest = {t, effect};
  }
  return strongest;
}

// What it is called: as its representative, else as most of its filters are.
std::string name_of(const Report& report, const Mode& mode) {
  const Filter& representative = report.filters[mode.representative];
  if (representative.named()) return representative.annotation;
  for (const ModeFilter& member : mode.members) {
    const Filter& filter = report.filters[member.unit];
    if (!filter.named()) continue;
    const auto called =
        std::count_if(mode.members.begin(), mode.members.end(), [&](const ModeFilter& other) {
          return report.filters[other.unit].annotation == filter.annotation;
        });
    if (2 * static_cast<std::size_t>(called) > mode.members.size()) return filter.annotation;
  }
  return "";
}

std::string tile(const Report& report, const Mode& mode, const Strongest& strongest) {
  const std::size_t count = mode.members.size();
  const Filter& filter = report.filters[mode.representative];
  const std::string name = name_of(report, mode);
  std::string html = cat(
      "<figure class=\"tile\" id=\"", xml_text(mode.id), "\">\n<figcaption>",
      xml_text(name.empty() ? filter.id : name), " <span class=\"id\">", xml_text(mode.id),
      "</span></figcaption>\n<a href=\"#", card_id(mode.representative), "\">",
      count == 1 ? small_logo(filter, mode.representative, kTileLogo)
                 : core_logo(mode.archetype, cat(mode.id, ": ", iupac_consensus(mode.archetype)),
                             kTileLogo, logo_group(mode.archetype, page_logo())),
      "</a>\n");
  if (strongest.task < report.tasks()) {
    html += cat("<p>effect on ", xml_text(report.facts.tasks[strongest.task]), " <data value=\"",
                general_number(strongest.effect, 9), "\">", shown(strongest.effect, 3),
                "</data></p>\n");
  }
  if (count == 1) return html + "</figure>\n";
  const Plot plot = mode_plot(report, mode, true);
  return cat(html, "<details><summary>", plural(static_cast<std::int64_t>(count), "filter"),
             "</summary>\n<div class=\"scroll\">\n",
             svg_element(plot.width, plot.height, plot.title,
                         " class=\"stack\" font-size=\"10\" fill=\"currentColor\"", "group"),
             plot.group, "</svg>\n</div></details>\n</figure>\n");
}

// A logo in its row, `column` columns from the left end.
std::string placed(double row, double column, const std::string& logo) {
  return cat("<g transform=\"translate(", svg_number(kLabels + column * kLogoColumn * kScale, 1),
             " ", svg_number(row * kRow, 1), ") scale(", svg_number(kScale, 2), ")\">", logo,
             "</g>\n");
}

std::string label(double row, const std::string& words) {
  return svg_text(kLabels - 8, (row + 0.62) * kRow, "end", words);
}

std::string member_logo(const Report& report, const ModeFilter& member, bool page) {
  LogoOptions options = page_logo();
  options.shared_glyphs = page;
  options.reverse_complement = member.reverse;
  if (page && !member.reverse) return cat("<use href=\"#logo-", member.unit, "\"/>");
  return logo_group(*report.filters[member.unit].motif, options);
}

}  // namespace

Plot mode_plot(const Report& report, const Mode& mode, bool page) {
  double first = 0;
  double end = 0;
  for (const ModeFilter& member : mode.members) {
    first = std::min(first, member.start.value);
    end = std::max(end, member.start.value +
                            static_cast<double>(report.filters[member.unit].motif->columns.size()));
  }
  std::string group;
  double row = 0;
  for (const ModeFilter& member : mode.members) {
    const std::string& id = report.filters[member.unit].id;
    const std::string words = label(row, id + (member.reverse ? " (\xe2\x88\x92)" : ""));
    group += page ? cat("<a href=\"#", card_id(member.unit), "\">", words, "</a>\n") : words;
    group += placed(row, member.start.value - first, member_logo(report, member, page));
    row += 1;
  }
  return {kLabels + (end - first) * kLogoColumn * kScale, row * kRow,
          cat("filters of ", mode.id, ", aligned"), group};
}

std::string modes_section(const Report& report) {
  if (report.modes.empty()) return "";
  struct Shown {
    const Mode* mode;
    Strongest strongest;
  };
  std::vector<Shown> all;
  std::int64_t filters = 0;
  for (const Mode& mode : report.modes) {
    all.push_back({&mode, strongest_of(report, mode)});
    filters += static_cast<std::int64_t>(mode.members.size());
  }
  std::stable_sort(all.begin(), all.end(), [](const Shown& a, const Shown& b) {
    return std::abs(a.strongest.effect) > std::abs(b.strongest.effect);
  });
  std::string html = section_start(
      "modes", "Binding modes",
      cat(plural(filters, "filter"), " of ",
          plural(static_cast<std::int64_t>(all.size()), "binding mode"),
          ": filters whose motifs all match each other are one, and its logo is that of their "
          "sites together. With it, the task on which its filters have the largest effect, added "
          "up; the largest come first.",
          report.discovered.empty()
              ? ""
              : " (Discovered motifs, above, stand for all filters that look like them, though "
                "these may not look like each other.)"));
  const double least = kTinyShare * (all.empty() ? 0 : std::abs(all.front().strongest.effect));
  const auto tiny = std::find_if(all.begin(), all.end(), [&](const Shown& one) {
    return std::abs(one.strongest.effect) < least;
  });
  const auto tiles = [&](auto begin, auto end) {
    std::string some = "<div class=\"tiles\">\n";
    for (auto one = begin; one != end; ++one) some += tile(report, *one->mode, one->strongest);
    return some + "</div>\n";
  };
  html += tiles(all.begin(), tiny);
  if (tiny != all.end()) {
    html += cat("<details class=\"more\"><summary>",
                plural(static_cast<std::int64_t>(all.end() - tiny), "mode"),
                " with less than a hundredth of the largest effect</summary>\n",
                tiles(tiny, all.end()), "</details>\n");
  }
  return cat(html, kSectionEnd);
}

}  // namespace explainn::model::report
