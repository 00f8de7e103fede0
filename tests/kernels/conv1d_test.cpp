#include "kernels/conv1d/conv1d.h"

#include <gtest/gtest.h>

#include "kernels/base/error.h"
#include "tests/support/gradient_slot.h"
#include "tests/support/threads.h"

namespace explainn::kernels {
namespace {

using test::Guarded;
using test::Input;

// Odd sizes on purpose: one window, one unit, width one, more samples than blocks of samples.
const Conv1dParams kCases[] = {
    {.batch = 3, .in_channels = 4, .length = 19, .out_channels = 5, .width = 7},
    {.batch = 3, .in_channels = 4, .length = 9, .out_channels = 1, .width = 9},
    {.batch = 1, .in_channels = 1, .length = 1, .out_channels = 1, .width = 1},
    {.batch = 2, .in_channels = 3, .length = 8, .out_channels = 2, .width = 1},
    {.batch = 3, .in_channels = 12, .length = 11, .out_channels = 6, .width = 4, .groups = 3},
    {.batch = 5, .in_channels = 4, .length = 6, .out_channels = 4, .width = 3, .groups = 4},
    {.batch = 83, .in_channels = 2, .length = 10, .out_channels = 3, .width = 3},
    {.batch = 2, .in_channels = 4, .length = 200, .out_channels = 33, .width = 19},
};

// Calls visit(index in y, in x, in w) for every product of the convolution.
template <typename Visit>
void for_each_product(const Conv1dParams& p, const Visit& visit) {
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t o = 0; o < p.out_channels; ++o) {
      const std::int64_t first = o / (p.out_channels / p.groups) * (p.in_channels / p.groups);
      for (std::int64_t t = 0; t < p.length - p.width + 1; ++t) {
        for (std::int64_t c = 0; c < p.in_channels / p.groups; ++c) {
          for (std::int64_t k = 0; k < p.width; ++k) {
            visit((b * p.out_channels + o) * (p.length - p.width + 1) + t,
                  (b * p.in_channels + first + c) * p.length + t + k,
                  (o * (p.in_channels / p.groups) + c) * p.width + k);
          }
        }
      }
    }
  }
}

template <typename T>
struct Convolution {
  explicit Convolution(const Conv1dParams& params)
      : p(params),
        x(test::random_values<T>(p.batch * p.in_channels * p.length, 1)),
        w(test::random_values<T>(p.out_channels * p.group_in() * p.width, 2)),
        bias(test::random_values<T>(p.out_channels, 3)),
        dy(test::random_values<T>(p.batch * p.out_channels * p.positions(), 4)) {}

  std::vector<double> expected_y(bool with_bias) const {
    std::vector<double> y(dy.values().size());
    for (std::size_t i = 0; with_bias && i < y.size(); ++i) {
      const auto position = static_cast<std::int64_t>(i) / p.positions();
      y[i] = static_cast<double>(bias[position % p.out_channels]);
    }
    for_each_product(p, [&](std::int64_t i, std::int64_t j, std::int64_t k) {
      y[static_cast<std::size_t>(i)] += static_cast<double>(x[j]) * static_cast<double>(w[k]);
    });
    return y;
  }

  Conv1dParams p;
  Input<T> x, w, bias, dy;
};

template <typename T>
class Conv1d : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Conv1d, Scalars);

TYPED_TEST(Conv1d, Forward) {
  for (const Conv1dParams& p : kCases) {
    const Convolution<TypeParam> conv(p);
    for (const bool with_bias : {true, false}) {
      Guarded<TypeParam> y(static_cast<std::int64_t>(conv.dy.values().size()));
      conv1d_forward(p, conv.x.data(), conv.w.data(), with_bias ? conv.bias.data() : nullptr,
                     y.data());
      test::expect_close(y.values(), conv.expected_y(with_bias), test::rounding<TypeParam>(),
                         cat("y for length ", p.length));
    }
  }
}

TYPED_TEST(Conv1d, BackwardInput) {
  using T = TypeParam;
  for (const Conv1dParams& p : kCases) {
    const Convolution<T> conv(p);
    std::vector<double> expected(conv.x.values().size());
    for_each_product(p, [&](std::int64_t i, std::int64_t j, std::int64_t k) {
      expected[static_cast<std::size_t>(j)] +=
          static_cast<double>(conv.dy[i]) * static_cast<double>(conv.w[k]);
    });
    test::expect_gradient<T>(expected, test::rounding<T>(), "dx", [&](Gradient<T> dx) {
      conv1d_backward_input(p, conv.w.data(), conv.dy.data(), dx);
    });
    conv1d_backward_input(p, conv.w.data(), conv.dy.data(), Gradient<T>{});
  }
}

TYPED_TEST(Conv1d, BackwardWeightAndBias) {
  using T = TypeParam;
  for (const Conv1dParams& p : kCases) {
    const Convolution<T> conv(p);
    std::vector<double> expected(conv.w.values().size());
    for_each_product(p, [&](std::int64_t i, std::int64_t j, std::int64_t k) {
      expected[static_cast<std::size_t>(k)] +=
          static_cast<double>(conv.dy[i]) * static_cast<double>(conv.x[j]);
    });
    std::vector<double> expected_bias(conv.bias.values().size());
    for (std::size_t i = 0; i < conv.dy.values().size(); ++i) {
      const auto channel = static_cast<std::int64_t>(i) / p.positions() % p.out_channels;
      expected_bias[static_cast<std::size_t>(channel)] += static_cast<double>(conv.dy.values()[i]);
    }
    const T* const x = conv.x.data();
    const T* const dy = conv.dy.data();
    test::expect_gradient<T>(expected, test::rounding<T>(), "dw", [&](Gradient<T> dw) {
      conv1d_backward_weight(p, x, dy, dw, Gradient<T>{});
    });
    test::expect_gradient<T>(expected_bias, test::rounding<T>(), "dbias", [&](Gradient<T> dbias) {
      conv1d_backward_weight(p, x, dy, Gradient<T>{}, dbias);
    });
    test::expect_gradient<T>(expected, test::rounding<T>(), "dw", [&](Gradient<T> dw) {
      Guarded<T> dbias(p.out_channels);
      conv1d_backward_weight(p, x, dy, dw, Gradient<T>{dbias.data()});
      test::expect_close(dbias.values(), expected_bias, test::rounding<T>(), "dbias beside dw");
    });
    conv1d_backward_weight(p, x, dy, Gradient<T>{}, Gradient<T>{});
  }
}

TYPED_TEST(Conv1d, SameBitsForAllThreadCounts) {
  using T = TypeParam;
  const Convolution<T> conv(kCases[6]);
  const Conv1dParams& p = conv.p;
  const auto y_size = conv.dy.values().size();
  const auto x_size = conv.x.values().size();
  test::expect_same_bits_for_all_thread_counts([&] {
    std::vector<T> all(y_size + x_size + conv.w.values().size() + conv.bias.values().size());
    T* const dw = all.data() + y_size + x_size;
    conv1d_forward(p, conv.x.data(), conv.w.data(), conv.bias.data(), all.data());
    conv1d_backward_input(p, conv.w.data(), conv.dy.data(), Gradient<T>{all.data() + y_size});
    conv1d_backward_weight(p, conv.x.data(), conv.dy.data(), Gradient<T>{dw},
                           Gradient<T>{dw + conv.w.values().size()});
    return all;
  });
}

}  // namespace
}  // namespace explainn::kernels
