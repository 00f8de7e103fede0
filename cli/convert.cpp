// explainn convert: a PyTorch checkpoint as a model file.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/original_parameters.h"
#include "cli/parse.h"
#include "cli/run_log.h"
#include "data/torch_checkpoint.h"
#include "kernels/base/error.h"
#include "model/model_file.h"

namespace explainn::cli {
namespace {

struct ConvertArguments {
  CommonOptions common;
  std::string input;
  std::string output;
  std::string params;
  OriginalParameters given;
  std::string targets;
  bool rev_complement = false;
};

// The file of --params, overridden by the options.
model::ConversionOptions conversion_options(const ConvertArguments& a) {
  OriginalParameters parameters;
  if (!a.params.empty()) parameters = read_original_parameters(a.params);
  model::ConversionOptions options;
  options.input_length = a.given.input_length ? a.given.input_length : parameters.input_length;
  options.pool_size = a.given.pool_size.value_or(parameters.pool_size.value_or(options.pool_size));
  options.pool_stride =
      a.given.pool_stride.value_or(parameters.pool_stride.value_or(options.pool_stride));
  options.rev_complement = a.rev_complement || parameters.rev_complement.value_or(false);
  const auto& criterion = a.given.criterion ? a.given.criterion : parameters.criterion;
  if (criterion) options.criterion = model::criterion_from(CLI::detail::to_lower(*criterion));
  options.targets = split_list(a.targets, "--targets");
  return options;
}

void explain_guesses(const RunLog& log, const model::ConversionOptions& options,
                     const model::Config& config) {
  if (!options.input_length) {
    log.warn(cat("no input length given: taking the smallest that fits, ",
                 config.sizes.input_length, " (--input-length or --params says another)"));
  }
  if (!options.criterion) {
    log.warn(
        "no criterion given: predict will need --logits, and eval and interpret will refuse the "
        "model "
        "(--criterion or --params names one)");
  }
}

int run(const ConvertArguments& a, const Invocation& invocation) {
  const RunLog log(invocation, a.common, false);
  refuse_existing({a.output}, a.common);
  const model::ConversionOptions options = conversion_options(a);
  const data::TensorFile tensors = data::is_zip(a.input) ? data::read_torch_checkpoint(a.input)
                                                         : data::read_safetensors(a.input);
  if (tensors.metadata.contains("explainn")) {
    throw Error(a.input + ": this is a model of explainn already; there is nothing to convert");
  }
  const model::Model model = model::convert_checkpoint(tensors, options, a.input);
  explain_guesses(log, options, model.config);
  model::write_model(a.output, model);
  const model::Architecture& sizes = model.config.sizes;
  log.finish(cat("wrote ", a.output, " (", counted(sizes.num_units, "unit"), ", filters of ",
                 sizes.filter_size, ", num_fc ", sizes.num_fc, ", ",
                 counted(sizes.num_tasks, "task"), ")"));
  return 0;
}

}  // namespace

Action declare_convert(CLI::App& app) {
  auto a = std::make_shared<ConvertArguments>();
  app.add_option("IN", a->input, "Checkpoint of the original program (.pth)")
      ->required()
      ->type_name("FILE");
  app.add_option("OUT", a->output, "Model file to write (.safetensors)")
      ->required()
      ->type_name("FILE");
  app.add_option("--params", a->params, "The original's parameters-train.py.json; options here win")
      ->type_name("FILE");
  app.add_option("--input-length", a->given.input_length,
                 "Length the model was trained on [the smallest that fits]");
  app.add_option("--pool-size", a->given.pool_size, "Width of its max pool [7]");
  app.add_option("--pool-stride", a->given.pool_stride, "Step of its max pool [7]");
  app.add_flag("--rev-complement", a->rev_complement, "It was trained on both strands");
  app.add_option("--targets", a->targets, "Names of its tasks, a,b,c [task0,task1 ..]")
      ->type_name("NAMES");
  app.add_option("--criterion", a->given.criterion, "Loss it was trained with")->type_name("NAME");
  add_common_options(app, a->common, false, false);
  app.footer(
      "Example: explainn convert model.pth model.safetensors --params parameters-train.py.json\n"
      "             --targets MAX,FOXA1,JUND");
  return [a](const Invocation& invocation) { return run(*a, invocation); };
}

}  // namespace explainn::cli
