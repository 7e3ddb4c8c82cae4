#include "telemetry/metrics.h"

#include <prometheus/text_serializer.h>

namespace yokoten::telemetry {

std::string Exposition(const Metrics& metrics) {
  return prometheus::TextSerializer().Serialize(metrics.Collect());
}

}  // namespace yokoten::telemetry
