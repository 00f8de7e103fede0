// Names for filters, as interpret and discover give them.
#pragma once

#include <string>

#include "cli/run_log.h"
#include "model/interpret/annotation.h"

namespace explainn::cli {

/// How filters are compared with known motifs to be named. Throws UsageError for a q-value beyond
/// 0 .. 1 and for a distance that is none.
model::ComparisonOptions naming_options(double q_value, const std::string& distance);

/// Names the filters of `result` after `known` motifs, with the known binding modes that they are
/// of, and says on stderr how many there are. Nothing where `known` is empty.
model::AnnotatedFilters name_filters(model::Interpretation& result, const data::MotifFile& known,
                                     const model::ComparisonOptions& options, const RunLog& log,
                                     bool quiet);

}  // namespace explainn::cli
