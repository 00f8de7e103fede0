#include "engine/tensor.h"

#include <gtest/gtest.h>

#include "tests/support/buffers.h"

namespace explainn::engine {
namespace {

TEST(Shape, SizeAndText) {
  EXPECT_EQ(Shape{}.size(), 1);
  EXPECT_EQ((Shape{3, 4, 5}).size(), 60);
  EXPECT_EQ((Shape{3, 0}).size(), 0);
  EXPECT_EQ(to_string(Shape{3, 4, 19}), "[3, 4, 19]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(Tensor, HandlesShareNumbers) {
  auto a = Tensor<float>::from(std::vector<float>{1, 2, 3, 4}, {2, 2});
  Tensor<float> b = a;
  b.data()[3] = 7;
  EXPECT_EQ(a.values()[3], 7);
  b.want_gradient();
  EXPECT_TRUE(a.wants_gradient()) << "the same tensor";
  EXPECT_FALSE(Tensor<float>());
  EXPECT_FALSE(Tensor<float>().wants_gradient());
  EXPECT_THROW(Tensor<float>::from(std::vector<float>{1, 2}, {3}), std::invalid_argument);
}

TEST(Tensor, SharedValuesHaveTheirOwnGradient) {
  auto a = Tensor<double>::from(std::vector<double>{1, 2, 3, 4}, {2, 2});
  a.want_gradient();
  Tensor<double> view = a.share_values({4});
  EXPECT_FALSE(view.wants_gradient());
  view.want_gradient().gradient_slot().put(0, 1);
  EXPECT_TRUE(view.has_gradient());
  EXPECT_FALSE(a.has_gradient());
  view.data()[0] = 9;
  EXPECT_EQ(a.values()[0], 9);
  EXPECT_EQ(a.shape(), (Shape{2, 2}));
}

TEST(Tensor, GradientSlotOverwritesOnceThenAdds) {
  auto a = Tensor<double>::from(std::vector<double>{1, 2}, {2});
  EXPECT_FALSE(a.gradient_slot()) << "not wanted";
  EXPECT_FALSE(a.has_gradient());
  a.want_gradient();
  for (int i = 0; i < 3; ++i) {
    const kernels::Gradient<double> slot = a.gradient_slot();
    slot.put(0, 1);
    slot.put(1, 2);
  }
  EXPECT_EQ(a.gradient()[0], 3);
  EXPECT_EQ(a.gradient()[1], 6);
  a.clear_gradient();
  EXPECT_FALSE(a.has_gradient());
  a.gradient_slot().put(0, 5);
  EXPECT_EQ(a.gradient()[0], 5);
}

}  // namespace
}  // namespace explainn::engine
