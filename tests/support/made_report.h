// Reports made up for tests.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/error.h"
#include "model/report/report.h"

namespace explainn::model::report::made {

inline Number number(double value) {
  return std::isnan(value) ? Number{"nan", value} : Number{cat(value), value};
}

inline data::Motif motif_of(const std::string& id, std::mt19937& random, std::size_t width) {
  data::Motif motif{id, "", {}, 100};
  for (std::size_t i = 0; i < width; ++i) {
    std::array<double, 4> column{0.05, 0.05, 0.05, 0.05};
    column[random() % 4] += 0.8;
    motif.columns.push_back(column);
  }
  return motif;
}

inline void add_performance(Facts& facts, std::mt19937& random) {
  facts.performance.emplace();
  Performance& performance = *facts.performance;
  performance.split = "test";
  performance.sequences = 1234;
  performance.metrics.tasks = facts.tasks;
  performance.metrics.rows = {{"aucROC", 0.912345678, {}, 0, ""}, {"aucPR", 0.5, {}, 0, ""}};
  for (std::size_t t = 0; t < facts.tasks.size(); ++t) {
    std::vector<float> scores;
    std::vector<float> labels;
    for (int i = 0; i < 3000; ++i) {
      labels.push_back(random() % 3 == 0 ? 1.0F : 0.0F);
      scores.push_back(labels.back() + static_cast<float>(random() % 4096) / 1024.0F);
    }
    performance.curves.push_back(task_curves(scores, labels));
    performance.metrics.rows[0].per_task.push_back(roc_auc(scores, labels));
    performance.metrics.rows[1].per_task.push_back(average_precision(scores, labels));
  }
}

inline Filter filter_of(std::size_t unit, Facts& facts, std::mt19937& random) {
  std::normal_distribution<double> normal;
  Filter filter;
  filter.id = "filter" + std::to_string(unit);
  const bool dead = unit % 10 == 9;
  filter.annotation = dead ? "dead" : "unknown";
  filter.sites = number(dead ? 0 : static_cast<double>(10 + unit));
  filter.max_activation = number(3.25);
  filter.information = dead ? Number{"", std::nan("")} : number(12.5);
  filter.consensus = dead ? "" : "NNACGTNN";
  const double median = unit % 4 == 3 ? 0 : 1 + static_cast<double>(unit % 5);
  for (std::size_t t = 0; t < facts.tasks.size(); ++t) {
    filter.weights.push_back(number(normal(random)));
    filter.effects.push_back(number(0.5 * normal(random)));
    filter.importances.push_back(
        number(dead ? std::nan("") : median * filter.weights.back().value));
  }
  filter.importance = filter.importances[0];
  filter.top_task = facts.tasks[0];
  facts.outputs.push_back({0.1 * median, 0.5 * median, median, 2 * median, 3 * median});
  facts.examples.emplace_back();
  if (dead) return filter;
  filter.motif = motif_of(filter.id, random, 19);
  for (int i = 0; i < 4; ++i) {
    facts.examples.back().push_back(
        {"chr1:1-200", "chr1:51-69", '+', "ACGTACGT", "ACGTACGTACGTACGTACG", "ACGTACGT", 3, 4});
  }
  if (unit % 2 == 0) {
    const std::string id = "MA" + std::to_string(unit);
    filter.annotation = "Known" + std::to_string(unit);
    filter.match =
        Match{id,         number(1e-7), number(1e-4),  number(1.5e-5),
              number(12), number(2),    unit % 4 == 0, "MA" + std::to_string(unit / 4 * 4)};
    filter.matches = {{id, number(1.5e-5)}, {"MA_other", number(0.01)}};
    facts.known.push_back(motif_of(id, random, 15));
  }
  return filter;
}

// Filters 0 and 1 in one mode, 2 and 3, 4 and 5 ..; dead ones in none.
inline void add_modes(Report& report, std::mt19937& random) {
  for (std::size_t u = 0; u + 1 < report.filters.size(); u += 2) {
    Mode mode{"mode" + std::to_string(u / 2 + 1), u, {{u, number(0), false}}, {}};
    if (!report.filters[u + 1].dead()) {
      mode.members.push_back({u + 1, number(static_cast<double>(u % 7) - 3), u % 4 == 0});
    }
    mode.archetype = motif_of(mode.id, random, 19);
    report.modes.push_back(std::move(mode));
  }
}

inline Report report_of(std::size_t units, std::size_t tasks) {
  std::mt19937 random(3);
  Report report;
  Facts& facts = report.facts;
  facts.program = "explainn 0.1.0";
  facts.sources = {{"model", "model.safetensors", "00ff"}, {"data", "data.tsv.gz", "11ee"}};
  facts.criterion = "bcewithlogits";
  facts.filter_size = 19;
  facts.num_fc = 2;
  facts.input_length = 200;
  facts.both_strands = true;
  for (std::size_t t = 0; t < tasks; ++t) facts.tasks.push_back("task" + std::to_string(t));
  facts.split = "train";
  facts.sequences = 50000;
  facts.trusted = 40000;
  facts.rule = "with every label predicted right";
  facts.distance = "ed";
  facts.q_value = 0.05;
  facts.epochs = {{1, 0.5, 0.6, true}, {2, 0.4, 0.5, true}, {3, 0.3, 0.55, false}};
  add_performance(facts, random);
  for (std::size_t u = 0; u < units; ++u) report.filters.push_back(filter_of(u, facts, random));
  add_modes(report, random);
  return report;
}

// The page as XML: without its first line, styles and scripts.
inline std::string as_xml(std::string html) {
  for (const std::string name : {"style", "script"}) {
    for (std::size_t at = html.find("<" + name); at != std::string::npos;
         at = html.find("<" + name, at)) {
      const std::string end = "</" + name + ">";
      html.erase(at, html.find(end, at) + end.size() - at);
    }
  }
  return "<?xml version=\"1.0\"?>" + html.substr(html.find('\n') + 1);
}

}  // namespace explainn::model::report::made
