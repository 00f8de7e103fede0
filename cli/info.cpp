// explainn info: what is in a file; without one, what this program can compute on.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/common_options.h"
#include "cli/data_info.h"
#include "cli/data_options.h"
#include "cli/version.h"
#include "data/atomic_file.h"
#include "data/byte_source.h"
#include "data/torch_checkpoint.h"
#include "kernels/base/error.h"
#include "kernels/base/instruction_set.h"
#include "kernels/device_choice.h"
#include "model/model_file.h"

namespace explainn::cli {
namespace {

struct InfoArguments {
  DataOptions data;
  std::string file;
  std::string criterion;
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::string tensor_table(const data::TensorFile& file) {
  constexpr const char* kTypes[] = {"float32", "float64", "int64", "uint8"};
  std::string text = "tensor\tshape\ttype\n";
  std::int64_t numbers = 0;
  for (const data::NamedTensor& tensor : file.tensors) {
    text +=
        tensor.name + "\t" + shape_text(tensor.shape) + "\t" + kTypes[tensor.values.index()] + "\n";
    numbers += data::element_count(tensor.shape);
  }
  return text + "\nnumbers in all tensors\t" + std::to_string(numbers) + "\n";
}

std::string model_text(const model::Model& model) {
  const model::Config& config = model.config;
  const model::Architecture& sizes = config.sizes;
  std::string targets;
  for (const std::string& name : config.targets) targets += (targets.empty() ? "" : ",") + name;
  std::int64_t trained = 0;
  for (const model::TensorSpec& spec : model.weights.specs) {
    if (spec.trained()) trained += spec.size();
  }
  return cat("model\texplainn\n", "criterion\t",
             config.criterion ? model::to_string(*config.criterion) : "not known", "\n",
             "targets\t", targets, "\n", "input_length\t", sizes.input_length, "\n", "num_units\t",
             sizes.num_units, "\n", "filter_size\t", sizes.filter_size, "\n", "num_fc\t",
             sizes.num_fc, "\n", "pool_size\t", sizes.pool_width(), "\n", "pool_stride\t",
             sizes.pool_step(), "\n", "strands\t", config.rev_complement ? "both" : "one", "\n",
             "lr\t", config.lr, "\n", "seed\t", config.seed, "\n", "trained parameters\t", trained,
             "\n\n");
}

// The first bytes (of what is inside, for gzip); fewer if the file is shorter.
std::string first_bytes(const std::string& path) {
  data::ByteSource source(path);
  std::string bytes(16, '\0');
  bytes.resize(source.read(bytes, 1));
  return bytes;
}

// The machine: a row a device.
std::string machine_text() {
  const Gpus gpus = find_gpus();
  std::string text = cat("version\t", version(), " (", commit(), ")\ncpu\t", default_threads(),
                         " threads, instruction set ", instruction_set(), "\n");
  for (std::size_t i = 0; i < gpus.names.size(); ++i) {
    text += cat("cuda:", i, "\t", gpus.names[i], "\n");
  }
  return gpus.names.empty() ? text + "cuda\t" + gpus.why_none + "\n" : text;
}

int run(const InfoArguments& a) {
  if (a.file.empty()) {
    data::write_file("-", machine_text());
    return 0;
  }
  if (a.file == "-") throw UsageError("info needs a file, for it looks at it twice");
  if (data::is_zip(a.file)) {
    const data::TensorFile tensors = data::read_torch_checkpoint(a.file);
    data::write_file("-", "PyTorch checkpoint\n\n" + tensor_table(tensors));
    return 0;
  }
  const std::string first = first_bytes(a.file);
  // A safetensors file starts with the length of its header, then the header: JSON.
  if (first.size() > 8 && first[8] == '{' && first[7] == '\0') {
    const model::Model model = model::read_model(a.file);
    data::write_file("-", model_text(model) + tensor_table(data::read_safetensors(a.file)));
    return 0;
  }
  std::optional<model::Criterion> criterion;
  if (!a.criterion.empty()) criterion = model::criterion_from(a.criterion);
  data::ReadOptions reading = read_options(a.data, criterion, {});
  reading.need_labels = first.empty() || (first[0] != '>' && first[0] != '@');
  data::write_file("-", data_text(a.file, reading));
  return 0;
}

}  // namespace

Action declare_info(CLI::App& app) {
  auto a = std::make_shared<InfoArguments>();
  app.add_option("FILE", a->file,
                 "Model, PyTorch checkpoint, table, FASTA or FASTQ; without one: the devices of "
                 "this machine")
      ->type_name("FILE");
  app.add_option("--criterion", a->criterion,
                 "Read labels as this loss would (crossentropy: classes)")
      ->type_name("NAME");
  add_column_options(app, a->data, true);
  add_chromosome_options(app, a->data);
  app.footer("Example: explainn info trained/model.safetensors");
  return [a](const Invocation&) { return run(*a); };
}

}  // namespace explainn::cli
