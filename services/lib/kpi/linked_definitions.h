// The texts CMake copied from definitions/ and steps/ into the program.
#pragma once

#include <vector>

#include "kpi/catalogue.h"

namespace yokoten::kpi {

std::vector<SourceText> DefinitionTexts();
std::vector<SourceText> StepTexts();

}  // namespace yokoten::kpi
