#include <algorithm>

#include "bench/torch_adam.h"
#include "bench/torch_networks.h"
#include "bench/torch_tables.h"

namespace explainn::bench {
namespace {

using torch::Tensor;

// What the backward pass needs of the convolution, which itself is not kept.
struct Front {
  WindowMoments moments;
  Tensor spread;                  // [U, 4K], covariance times filter
  std::vector<Tensor> positions;  // [b, U, 1, Q] of the maxima, by blocks of rows
  Tensor normal;                  // [B, Q, U], normalised maxima
  Tensor activated;               // [B, Q, U]
  Tensor deviation;               // [U]
};

class ByHand final : public Contestant {
 public:
  explicit ByHand(const StepCase& problem)
      : problem_(problem),
        a_(problem.sizes),
        rows_(problem.options.batch),
        codes_(problem),
        x_(one_hot(problem)),
        y_(labels(problem)) {
    load();
    kept_ = torch::empty({a_.num_units, rows_, kHidden});
    optimizer_ = std::make_unique<Adam>(parameters_);
  }

  double train_step(std::uint32_t step, const std::vector<std::uint8_t>* kept) override;
  std::vector<float> infer() override;

 private:
  void load();
  Tensor parameter(const Tensor& values) {
    parameters_.push_back(values.contiguous());
    return parameters_.back();
  }
  Tensor layer_bias(std::size_t i) const { return weight(problem_, kLayers[i] + ".bias"); }

  Front convolve();
  void convolve_backward(const Front& front, const Tensor& dp);
  Tensor pool_windows(const Tensor& convolved) const {  // [b, n, U] -> [b, U, 1, n]
    return convolved.transpose(1, 2).unsqueeze(2);
  }
  Tensor hidden(const Tensor& centred, const Tensor& scaled, std::uint32_t step,
                const std::vector<std::uint8_t>* kept);
  double tail(const Tensor& unit, Tensor& dunit);

  const StepCase& problem_;
  const model::Architecture a_;
  const std::int64_t rows_;
  const Codes codes_;
  Tensor x_;                                         // [B, L, 4]
  Tensor y_;                                         // [B, T]
  Tensor filter_, first_, second_, final_, bias_;    // [U,4,K] [U,Q,H] [U,1,H] [T,U] [T]
  std::array<Tensor, 3> gamma_, beta_, mean_, var_;  // [U] [U,1,H] [U]
  Tensor kept_;                                      // [U, B, H]: 1 where ReLU and dropout pass
  std::vector<Tensor> parameters_, gradients_;
  std::unique_ptr<Adam> optimizer_;
};

void ByHand::load() {
  const std::int64_t units = a_.num_units;
  filter_ = parameter(weight(problem_, "linears.0.weight"));
  first_ = parameter(
      weight(problem_, "linears.6.weight").view({units, kHidden, a_.pooled()}).transpose(1, 2));
  second_ = parameter(weight(problem_, "linears.10.weight").view({units, 1, kHidden}));
  final_ = parameter(weight(problem_, "final.weight"));
  bias_ = parameter(weight(problem_, "final.bias"));
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<std::int64_t> shape =
        i == 1 ? std::vector<std::int64_t>{units, 1, kHidden} : std::vector<std::int64_t>{units};
    gamma_[i] = parameter(weight(problem_, kNorms[i] + ".weight").view(shape));
    beta_[i] = parameter(weight(problem_, kNorms[i] + ".bias").view(shape));
    // A bias before a batch norm only shifts the running mean: it is taken off there.
    mean_[i] = (weight(problem_, kNorms[i] + ".running_mean") - layer_bias(i)).view(shape);
    var_[i] = weight(problem_, kNorms[i] + ".running_var").view(shape);
  }
  gradients_.resize(parameters_.size());
}

// Pooling finds maxima for either sign of gamma, as the sign is part of the table.
Front ByHand::convolve() {
  const Tensor sign = torch::where(gamma_[0] < 0, torch::full({}, -1.F), torch::full({}, 1.F));
  const Tensor flat = filter_.transpose(1, 2).reshape({a_.num_units, 4 * a_.filter_size});
  Front front{.moments = window_moments(x_, a_.filter_size),
              .spread = {},
              .positions = {},
              .normal = {},
              .activated = {},
              .deviation = {}};
  front.spread = torch::mm(flat, front.moments.covariance);
  const Tensor var = (front.spread * flat).sum(1);
  const Tensor mean = torch::mv(flat, front.moments.mean.view(-1));
  front.deviation = torch::sqrt(var + kEps);
  const double count = static_cast<double>(rows_ * a_.positions());
  mean_[0].lerp_(mean, kMomentum);
  var_[0].lerp_(var * (count / (count - 1)), kMomentum);

  const Tensor table = conv_table(filter_ * sign.view({-1, 1, 1}));
  std::vector<Tensor> maxima;
  for (std::int64_t begin = 0; begin < rows_; begin += Codes::kRows) {
    const Tensor block = codes_.convolve(table, begin, std::min(Codes::kRows, rows_ - begin));
    const auto [top, where] =
        at::max_pool2d_with_indices(pool_windows(block), {1, a_.pool_size}, {1, a_.pool_stride});
    maxima.push_back(top.squeeze(2).transpose(1, 2));
    front.positions.push_back(where);
  }
  front.normal = torch::cat(maxima).sub_(mean * sign).mul_(sign / front.deviation);
  front.activated = torch::addcmul(beta_[0], front.normal, gamma_[0]).exp_();
  return front;
}

// dp [U, B, Q]: the gradient of what was pooled and exponentiated.
void ByHand::convolve_backward(const Front& front, const Tensor& dp) {
  const std::int64_t units = a_.num_units;
  const Tensor dz = dp.permute({1, 2, 0}).contiguous().mul_(front.activated);  // [B, Q, U]
  const Tensor sum = dz.sum(at::IntArrayRef({0, 1}));
  const Tensor sum_normal = (dz * front.normal).sum(at::IntArrayRef({0, 1}));
  const Tensor upstream = pool_windows(dz);
  const Tensor shape = torch::empty({Codes::kRows, a_.positions(), units});
  Tensor dtable = codes_.zero_table(units);
  for (std::int64_t begin = 0; begin < rows_; begin += Codes::kRows) {
    const std::int64_t size = std::min(Codes::kRows, rows_ - begin);
    const Tensor dy = at::max_pool2d_with_indices_backward(
        upstream.narrow(0, begin, size), pool_windows(shape.narrow(0, 0, size)), {1, a_.pool_size},
        {1, a_.pool_stride}, {0, 0}, {1, 1}, false,
        front.positions[static_cast<std::size_t>(begin / Codes::kRows)]);
    codes_.add_gradient(dtable, dy.squeeze(2).transpose(1, 2), begin, size);
  }
  // The sum of dz times the centred windows, then batch norm's share in closed form.
  const Tensor d =
      filter_gradient(dtable, a_.filter_size).transpose(1, 2).reshape({units, 4 * a_.filter_size}) -
      sum.unsqueeze(1) * front.moments.mean;
  const Tensor gradient = (d - front.spread * (sum_normal / front.deviation).unsqueeze(1)) *
                          (gamma_[0] / front.deviation).unsqueeze(1);
  gradients_[0] = gradient.view({units, a_.filter_size, 4}).transpose(1, 2);
  gradients_[5] = sum_normal;
  gradients_[6] = sum;
}

// Units by groups whose [B, H] blocks stay in cache. Leaves in kept_ what passes, returns [U, B].
Tensor ByHand::hidden(const Tensor& centred, const Tensor& scaled, std::uint32_t step,
                      const std::vector<std::uint8_t>* kept) {
  const Tensor given = kept ? mask_tensor(problem_, *kept).transpose(0, 1) : Tensor();
  const Tensor weights = second_ / kKeep;
  const std::int64_t group = std::max<std::int64_t>(1, 10000 / rows_);
  Tensor unit = torch::empty({a_.num_units, 1, rows_});
  for (std::int64_t u = 0; u < a_.num_units; u += group) {
    const std::int64_t size = std::min(group, a_.num_units - u);
    const auto part = [&](const Tensor& all) { return all.narrow(0, u, size); };
    Tensor block = part(kept_);
    at::baddbmm_out(block, part(beta_[1]), part(centred), part(scaled));
    const Tensor mask = kept ? part(given)
                             : random_mask(block, step * static_cast<std::uint32_t>(a_.num_units) +
                                                      static_cast<std::uint32_t>(u));
    block.relu_().mul_(mask);
    Tensor out = part(unit);
    at::bmm_out(out, part(weights), block.transpose(1, 2));
    block.sign_();
  }
  return unit.squeeze(1);
}

// Batch norm of the unit outputs, ReLU, final layer and loss are small: autograd does them.
double ByHand::tail(const Tensor& unit, Tensor& dunit) {
  std::vector<Tensor> leaves = {unit, final_, bias_, gamma_[2], beta_[2]};
  for (Tensor& leaf : leaves) leaf = leaf.detach().requires_grad_();
  const at::AutoGradMode enable(true);
  const Tensor outputs = torch::relu(torch::batch_norm(
      leaves[0].t(), leaves[3], leaves[4], mean_[2], var_[2], true, kMomentum, kEps, false));
  const Tensor loss =
      torch::binary_cross_entropy_with_logits(torch::addmm(leaves[2], outputs, leaves[1].t()), y_);
  const std::vector<Tensor> grads = torch::autograd::grad({loss}, leaves);
  dunit = grads[0].contiguous();
  gradients_[3] = grads[1];
  gradients_[4] = grads[2];
  gradients_[9] = grads[3];
  gradients_[10] = grads[4];
  return loss.item<double>();
}

double ByHand::train_step(std::uint32_t step, const std::vector<std::uint8_t>* kept) {
  const torch::NoGradGuard guard;
  const double rows = static_cast<double>(rows_);
  const Front front = convolve();
  const Tensor p = front.activated.permute({2, 0, 1}).contiguous();  // [U, B, Q]
  const Tensor mean = p.mean(1, true);
  const Tensor centred = p - mean;
  const Tensor covariance = torch::bmm(centred.transpose(1, 2), centred).div_(rows);
  const Tensor spread = torch::bmm(covariance, first_);  // [U, Q, H]
  const Tensor var = (first_ * spread).sum(1, true);
  mean_[1].lerp_(torch::bmm(mean, first_), kMomentum);
  var_[1].lerp_(var * (rows / (rows - 1)), kMomentum);
  const Tensor inverse = torch::rsqrt(var + kEps);
  const Tensor slope = gamma_[1] * inverse;
  const Tensor scaled = first_ * slope;

  Tensor dunit;
  const double loss = tail(hidden(centred, scaled, step, kept), dunit);

  const Tensor weights = second_ / kKeep;
  const Tensor d = torch::bmm((centred * dunit.unsqueeze(2)).transpose(1, 2), kept_);  // [U, Q, H]
  const Tensor s = torch::bmm(dunit.unsqueeze(1), kept_);                              // [U, 1, H]
  gradients_[2] = ((scaled * d).sum(1, true) + beta_[1] * s).div_(kKeep);
  const Tensor dw = d * weights;
  gradients_[8] = s * weights;
  gradients_[7] = (first_ * dw).sum(1, true) * inverse;
  gradients_[1] = (dw - spread * (gradients_[7] * inverse)) * slope;
  const Tensor m = torch::bmm(first_ * (slope * gradients_[7] * inverse / rows),
                              first_.transpose(1, 2));  // [U, Q, Q]
  Tensor dp = torch::bmm(kept_, (scaled * weights).transpose(1, 2)).mul_(dunit.unsqueeze(2));
  dp.sub_(torch::bmm(gradients_[8] / rows, scaled.transpose(1, 2))).baddbmm_(centred, m, 1, -1);
  convolve_backward(front, dp);
  optimizer_->step(gradients_);
  return loss;
}

std::vector<float> ByHand::infer() {
  const c10::InferenceMode guard;
  const auto scale = [&](std::size_t i) { return gamma_[i] * torch::rsqrt(var_[i] + kEps); };
  const Tensor table = conv_table(filter_ * scale(0).view({-1, 1, 1}));
  const Tensor shift = beta_[0] - mean_[0] * scale(0);
  const Tensor first = first_ * scale(1), first_shift = beta_[1] - mean_[1] * scale(1);
  const Tensor second = second_ * scale(2).view({-1, 1, 1});
  const Tensor second_shift = (beta_[2] - mean_[2] * scale(2)).unsqueeze(1);
  std::vector<Tensor> units;
  for (std::int64_t begin = 0; begin < rows_; begin += Codes::kRows) {
    const Tensor block = codes_.convolve(table, begin, std::min(Codes::kRows, rows_ - begin));
    const Tensor top = at::max_pool2d(pool_windows(block), {1, a_.pool_size}, {1, a_.pool_stride});
    const Tensor p =
        top.squeeze(2).permute({1, 0, 2}).contiguous().add_(shift.view({-1, 1, 1})).exp_();
    const Tensor h = torch::baddbmm(first_shift, p, first).relu_();
    units.push_back(torch::bmm(second, h.transpose(1, 2)).squeeze(1).add_(second_shift).relu_());
  }
  return host_values(torch::addmm(bias_, torch::cat(units, 1).t(), final_.t()));
}

}  // namespace

std::unique_ptr<Contestant> by_hand_network(const StepCase& problem) {
  return std::make_unique<ByHand>(problem);
}

}  // namespace explainn::bench
