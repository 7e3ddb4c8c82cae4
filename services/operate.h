// Verbs for operators. They act on Kafka and ClickHouse themselves, with the configuration `serve` takes,
// because they are needed when services stand still.
#pragma once

namespace CLI {
class App;
}

namespace yokoten {

// `yokoten migrate`: brings the database's schema up to this program; --print prints the next migration
// instead. `yokoten rebuild`: facts and figures anew, compared with those in use, switched to; or begins a new epoch of
// a topic whose old log is gone for good. `yokoten backup` and `restore`: the warehouse as files. When a verb has run,
// `exit_code` is 0 for success, 1 when a comparison found differences, else what cli::Fail says.
void AddOperatorVerbs(CLI::App& root, int& exit_code);

}  // namespace yokoten
