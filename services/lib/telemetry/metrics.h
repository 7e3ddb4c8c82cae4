// The Prometheus registry of a process and its text form.
#pragma once

#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace yokoten::telemetry {

// What rooms are given to register their metrics at. Thread-safe.
using Metrics = prometheus::Registry;

// Prometheus text exposition format 0.0.4 of everything registered.
std::string Exposition(const Metrics& metrics);

}  // namespace yokoten::telemetry
