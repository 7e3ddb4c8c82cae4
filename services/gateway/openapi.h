// The OpenAPI 3.1 document of everything the gateway answers, made from the descriptors and their options: a
// new field, event or method needs no line here.
#pragma once

#include <string>

#include "gateway/catalog.h"
#include "gateway/limits.h"

namespace yokoten::gateway {

std::string OpenApiDocument(const Catalog& catalog, const Limits& limits);

}  // namespace yokoten::gateway
