// The aggregator as a process of its own, for tests that kill it:
//   aggregator_process [PATH=VALUE ...]     settings as `yokoten serve --set` takes them
#include <cstdio>

#include "aggregator/wire.h"
#include "app/app.h"
#include "app/config.h"

int main(int argc, char** argv) {
  const auto config = yokoten::app::LoadConfig("", std::vector<std::string>(argv + 1, argv + argc));
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", yokoten::Message(config.status()).c_str());
    return 2;
  }
  return yokoten::app::Serve({{"aggregator", "consumer", "for tests", yokoten::aggregator::Wire}},
                             {"aggregator"}, *config);
}
