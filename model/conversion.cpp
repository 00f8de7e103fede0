// Models from PyTorch checkpoints: sizes from shapes, the rest from options.
#include "kernels/base/error.h"
#include "model/model_file.h"

namespace explainn::model {
namespace {

// The shape of a tensor that every ExplaiNN network has, with `rank` axes.
const std::vector<std::int64_t>& shape_of(const data::TensorFile& file, const char* name,
                                          std::size_t rank, const std::string& origin) {
  const data::NamedTensor* tensor = file.find(name);
  if (tensor == nullptr) {
    fail_at(origin, 0, "the tensor ", name,
            " is missing: these are not the weights of an ExplaiNN network");
  }
  if (tensor->shape.size() != rank || data::element_count(tensor->shape) < 1) {
    fail_at(origin, 0, "the tensor ", name, " does not have ", rank, " axes");
  }
  return tensor->shape;
}

std::int64_t inferred_num_fc(const data::TensorFile& file) {
  if (file.find("linears.6.weight") == nullptr) return 0;
  if (file.find("linears.10.weight") != nullptr) return 2;
  if (file.find("last_linear.1.weight") == nullptr) return 1;
  std::int64_t middle = 0;
  while (file.find("linears_bg." + std::to_string(middle) + ".1.weight") != nullptr) ++middle;
  return middle + 2;
}

}  // namespace

Model convert_checkpoint(const data::TensorFile& file, const ConversionOptions& options,
                         const std::string& origin) {
  Model model;
  Architecture& a = model.config.sizes;
  const auto& filters = shape_of(file, "linears.0.weight", 3, origin);
  a.num_units = filters[0];
  a.filter_size = filters[2];
  a.num_tasks = shape_of(file, "final.weight", 2, origin)[0];
  a.num_fc = inferred_num_fc(file);
  a.pool_size = options.pool_size;
  a.pool_stride = options.pool_stride;

  const std::int64_t pooled = a.num_fc == 0 ? 1 : shape_of(file, "linears.6.weight", 3, origin)[1];
  if (a.num_fc >= 2) {
    const std::int64_t hidden = shape_of(file, "linears.6.weight", 3, origin)[0] / a.num_units;
    if (hidden != Architecture::kHidden) {
      fail_at(origin, 0, "the units have ", hidden, " hidden nodes; this program has ",
              Architecture::kHidden);
    }
  }
  const std::int64_t shortest =
      a.num_fc == 0 ? a.filter_size
                    : (pooled - 1) * a.pool_stride + a.pool_size + a.filter_size - 1;
  a.input_length = options.input_length.value_or(shortest);
  model.config.criterion = options.criterion;
  model.config.targets = options.targets;
  for (std::int64_t t = 0; options.targets.empty() && t < a.num_tasks; ++t) {
    model.config.targets.push_back("task" + std::to_string(t));
  }
  model.config.rev_complement = options.rev_complement;
  validate(model.config);
  if (a.num_fc > 0 && a.pooled() != pooled) {
    throw UsageError(cat("--input-length ", a.input_length, " with --pool-size ", a.pool_size,
                         " and --pool-stride ", a.pool_stride, " gives ", a.pooled(),
                         " pooled positions, but the checkpoint has ", pooled,
                         "; the shortest input length that fits is ", shortest));
  }
  model.weights = weights_from(file, a, origin);
  return model;
}

}  // namespace explainn::model
