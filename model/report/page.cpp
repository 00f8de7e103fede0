// The page: its frame and the order of its sections. A section more is a
// function in sections.h and a line in kSections.
//
// The page asks the network for nothing: no fonts, no pictures but inline ones, and a policy that
// forbids all requests. It can be read as XML, and without its script, which only sorts, searches
// and looks up.
#include <array>

#include "kernels/base/error.h"
#include "model/report/assets.h"
#include "model/report/markup.h"
#include "model/report/sections.h"

namespace explainn::model::report {
namespace {

struct Section {
  const char* id;
  const char* name;  // in the navigation
  std::string (*html)(const Report&);
};

constexpr std::array kSections{Section{"discovered", "Discovered", discovered_section},
                               Section{"drives", "Motifs and tasks", drives_section},
                               Section{"modes", "Binding modes", modes_section},
                               Section{"performance", "Performance", performance_section},
                               Section{"training", "Training", training_section},
                               Section{"weights", "Weights", weights_section},
                               Section{"filters", "Filters", filters_section},
                               Section{"units", "Cards", cards_section},
                               Section{"notes", "Notes", notes_section}};

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; script-src 'unsafe-inline'\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<meta name=\"color-scheme\" content=\"light dark\"/>\n";

}  // namespace

std::string report_html(const Report& report) {
  std::string sections;
  std::string navigation;
  for (const Section& section : kSections) {
    const std::string html = section.html(report);
    if (html.empty()) continue;
    sections += html;
    navigation += cat("<li><a href=\"#", section.id, "\">", section.name, "</a></li>\n");
  }
  std::string html =
      cat(kHead, "<title>Motifs of ", plural(static_cast<std::int64_t>(report.tasks()), "task"),
          " \xe2\x80\x93 explainn</title>\n<style>\n", kStyle,
          "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the "
          "results</a>\n");
  html += cat("<nav aria-label=\"Sections\">\n<ul>\n", navigation, "</ul>\n</nav>\n",
              "<main id=\"main\">\n", summary(report), sections, "</main>\n");
  // Behind what refers to them, so that the first screen does not wait for them.
  html += logo_definitions(report);
  return cat(html, script_data(report), "<script>\n", kScript, "</script>\n</body>\n</html>\n");
}

}  // namespace explainn::model::report
