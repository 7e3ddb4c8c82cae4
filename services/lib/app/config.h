// Configuration of a process: textproto file + `--set path=value`, checked against the bounds in the config
// proto.
//
// Unknown keys are refused, so that a typo stops the start and not the night shift.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::app {

// Reads `file` (empty = none), applies `sets` ("aggregator.batch_age_ms=50") in order, fills defaults and
// checks bounds. InvalidArgument names file, line or key, and what to do; NotFound when the file cannot be
// read.
Result<config::v1::Config> LoadConfig(const std::string& file, const std::vector<std::string>& sets);

// Every setting's default.
config::v1::Config DefaultConfig();

// The configuration as text format, secrets shown as *****.
std::string EffectiveConfigText(const config::v1::Config& config);

// SHA-256 of the effective configuration (secrets masked), hexadecimal: answers "same configuration?".
std::string ConfigHash(const config::v1::Config& config);

// Markdown table of all settings: path, default, bounds, unit; the meaning is in the proto's comment. What
// `yokoten serve --list-settings` prints.
std::string SettingsTable();

}  // namespace yokoten::app
