#include "examples/domain_rules.h"

#include "improvement/rules.h"
#include "management/rules.h"
#include "operations/rules.h"
#include "relations/rules.h"
#include "rollout/rules.h"
#include "safety/rules.h"
#include "standard_work/rules.h"
#include "training/rules.h"

namespace yokoten::test {

const std::map<std::string, ingest::Rules>& DomainRules() {
  static const auto* rules =
      new std::map<std::string, ingest::Rules>{{"improvement", &improvement::CheckRules},
                                               {"management", &management::CheckRules},
                                               {"operations", &operations::CheckRules},
                                               {"relations", &relations::CheckRules},
                                               {"rollout", &rollout::CheckRules},
                                               {"safety", &safety::CheckRules},
                                               {"standard_work", &standard_work::CheckRules},
                                               {"training", &training::CheckRules}};
  return *rules;
}

}  // namespace yokoten::test
