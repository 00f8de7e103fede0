#include "model/report/facts.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/atomic_file.h"
#include "kernels/base/error.h"

namespace explainn::model::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

// NaN has no place in JSON; null stands for it (and for what is infinite, which no number here is).
double number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::vector<double> numbers(const Json& json) {
  std::vector<double> values;
  for (const Json& value : json) values.push_back(number(value));
  return values;
}

Json points_json(const std::vector<CurvePoint>& points) {
  Json json = Json::array();
  for (const CurvePoint& point : points) {
    json.push_back(point.x);
    json.push_back(point.y);
  }
  return json;
}

std::vector<CurvePoint> points_from(const Json& json) {
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i + 1 < json.size(); i += 2) {
    points.push_back({json[i].get<std::int32_t>(), json[i + 1].get<std::int32_t>()});
  }
  return points;
}

Json performance_json(const Performance& performance) {
  Json rows = Json::array();
  for (const MetricRow& row : performance.metrics.rows) {
    rows.push_back({{"name", row.name}, {"global", row.global}, {"per_task", row.per_task}});
  }
  Json curves = Json::array();
  for (const TaskCurves& task : performance.curves) {
    curves.push_back({{"positives", task.positives},
                      {"negatives", task.negatives},
                      {"unresolved", task.unresolved},
                      {"roc", points_json(task.roc)},
                      {"precision_recall", points_json(task.precision_recall)}});
  }
  return {{"split", performance.split},
          {"sequences", performance.sequences},
          {"metrics", rows},
          {"curves", curves}};
}

Performance performance_from(const Json& json, const std::vector<std::string>& tasks) {
  Performance performance;
  performance.split = json.at("split").get<std::string>();
  performance.sequences = json.at("sequences").get<std::int64_t>();
  performance.metrics.tasks = tasks;
  for (const Json& row : json.at("metrics")) {
    performance.metrics.rows.push_back({row.at("name").get<std::string>(), number(row.at("global")),
                                        numbers(row.at("per_task")), 0, ""});
  }
  for (const Json& task : json.at("curves")) {
    performance.curves.push_back(
        {task.at("positives").get<std::int64_t>(), task.at("negatives").get<std::int64_t>(),
         task.at("unresolved").get<std::int64_t>(), points_from(task.at("roc")),
         points_from(task.at("precision_recall"))});
  }
  return performance;
}

Json examples_json(const std::vector<Example>& examples) {
  Json json = Json::array();
  for (const Example& each : examples) {
    json.push_back({{"sequence", each.sequence},
                    {"place", each.place},
                    {"strand", std::string(1, each.strand)},
                    {"left", each.left},
                    {"site", each.site},
                    {"right", each.right},
                    {"activation", each.activation},
                    {"output", each.output}});
  }
  return json;
}

std::vector<Example> examples_from(const Json& json) {
  std::vector<Example> examples;
  for (const Json& each : json) {
    const auto text = [&each](const char* name) { return each.at(name).get<std::string>(); };
    examples.push_back({text("sequence"), text("place"), text("strand") == "-" ? '-' : '+',
                        text("left"), text("site"), text("right"), number(each.at("activation")),
                        number(each.at("output"))});
  }
  return examples;
}

template <typename Items, typename Write>
Json list(const Items& items, const Write& write) {
  Json json = Json::array();
  for (const auto& item : items) json.push_back(write(item));
  return json;
}

Facts facts_from(const Json& json) {
  const auto text = [&json](const char* name) { return json.at(name).get<std::string>(); };
  const auto count = [&json](const char* name) { return json.at(name).get<std::int64_t>(); };
  Facts facts;
  facts.program = text("program");
  for (const Json& each : json.at("sources")) {
    facts.sources.push_back({each.at("part").get<std::string>(), each.at("name").get<std::string>(),
                             each.at("xxh128").get<std::string>()});
  }
  facts.criterion = text("criterion");
  facts.filter_size = count("filter_size");
  facts.num_fc = count("num_fc");
  facts.input_length = count("input_length");
  facts.both_strands = json.at("both_strands").get<bool>();
  facts.tasks = json.at("tasks").get<std::vector<std::string>>();
  facts.split = text("split");
  facts.sequences = count("sequences");
  facts.trusted = count("trusted");
  facts.rule = text("rule");
  facts.distance = text("distance");
  facts.q_value = number(json.at("q_value"));
  for (const Json& each : json.at("epochs")) {
    facts.epochs.push_back(
        {each.at(0).get<std::int64_t>(), number(each.at(1)), number(each.at(2)), false});
  }
  if (json.contains("performance")) {
    facts.performance = performance_from(json["performance"], facts.tasks);
  }
  for (const Json& unit : json.at("outputs")) {
    for (std::size_t i = 0; auto& value : facts.outputs.emplace_back())
      value = number(unit.at(i++));
  }
  for (const Json& unit : json.at("examples")) facts.examples.push_back(examples_from(unit));
  for (const Json& each : json.at("known")) {
    facts.known.push_back({each.at("id").get<std::string>(), each.at("name").get<std::string>(),
                           each.at("columns").get<std::vector<std::array<double, 4>>>(), 0});
  }
  return facts;
}

}  // namespace

std::string in_words(const WellPredicted& rule) {
  std::string words;
  switch (rule.rule) {
    case WellPredicted::Rule::exact_match:
      words = "with every label predicted right";
      break;
    case WellPredicted::Rule::correlation:
      words = cat("whose predictions correlate with their labels (r > ", rule.value, ")");
      break;
    case WellPredicted::Rule::percentile_top:
      words = cat("among the highest ", rule.value, " % of labels and of predictions");
      break;
    case WellPredicted::Rule::percentile_bottom:
      words = cat("among the lowest ", rule.value, " % of labels and of predictions");
      break;
  }
  return rule.at_most ? cat(words, ", a sample of at most ", *rule.at_most) : words;
}

std::string facts_text(const Facts& facts) {
  Json json = {{"format", kFormat}, {"program", facts.program}};
  json["sources"] = list(facts.sources, [](const Source& each) {
    return Json{{"part", each.part}, {"name", each.name}, {"xxh128", each.xxh128}};
  });
  json.update({{"criterion", facts.criterion},
               {"filter_size", facts.filter_size},
               {"num_fc", facts.num_fc},
               {"input_length", facts.input_length},
               {"both_strands", facts.both_strands},
               {"tasks", facts.tasks},
               {"split", facts.split},
               {"sequences", facts.sequences},
               {"trusted", facts.trusted},
               {"rule", facts.rule},
               {"distance", facts.distance},
               {"q_value", facts.q_value}});
  json["epochs"] = list(facts.epochs, [](const EpochResult& each) {
    return Json::array({each.epoch, each.train_loss, each.valid_loss});
  });
  if (facts.performance) json["performance"] = performance_json(*facts.performance);
  json["outputs"] = facts.outputs;
  json["examples"] = list(facts.examples, examples_json);
  json["known"] = list(facts.known, [](const data::Motif& motif) {
    return Json{{"id", motif.id}, {"name", motif.name}, {"columns", motif.columns}};
  });
  // Bytes that are no UTF-8 (in an id) are replaced rather than refused.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Facts read_facts(const std::string& path) {
  try {
    const Json json = Json::parse(data::read_file(path));
    if (json.at("format") != kFormat) {
      fail_at(path, 0, "format ", json.at("format").dump(), " is none that this program reads (",
              kFormat, "); run interpret again");
    }
    return facts_from(json);
  } catch (const nlohmann::json::exception& error) {
    fail_at(path, 0, "is no report.json of explainn: ", error.what());
  }
}

}  // namespace explainn::model::report
