// Device code of inference: the rows and the scorer of a unit of a folded network.
#pragma once

#include "kernels/unit_pass/device_inference_step.h"
#include "kernels/unit_pass/device_scores.h"

namespace explainn::kernels {

using WindowRow = PackedRow<false>;

__device__ inline WindowRow window_row(const WindowRows& rows, int row) {
  return WindowRow::of(rows.bases, rows.unknown, rows.length, row);
}

/// By one block: the scorer of a unit. A barrier must follow. tables: shared memory for
/// net.copies copies.
template <int kFilter>
__device__ inline WindowScorer<kFilter> make_scorer(const FoldedUnits& net, std::int64_t unit,
                                                    float* tables) {
  const auto scorer = WindowScorer<kFilter>::of_thread(
      net.filter, net.copies, tables, net.letters + unit * 4 * net.filter, 1, net.shifts[unit]);
  fill_tables(scorer, tables);
  return scorer;
}

}  // namespace explainn::kernels
