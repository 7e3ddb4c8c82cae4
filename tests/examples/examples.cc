#include "examples/examples.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <google/protobuf/util/json_util.h>

namespace yokoten::test {
namespace {

std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

}  // namespace

Result<std::vector<Example>> LoadExamples() {
  std::vector<Example> examples;
  std::set<const events::EventType*> seen;
  for (const auto& entry : std::filesystem::directory_iterator(YOKOTEN_EXAMPLES_FOLDER)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem();
    Example example;
    example.type = events::Registry::Linked().Find(name);
    if (example.type == nullptr) return InvalidArgument(name + ".json: there is no event type " + name);
    example.event = New(example.type->descriptor);
    std::ifstream file(entry.path());
    const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto status = google::protobuf::util::JsonStringToMessage(json, example.event.get());
    if (!status.ok()) return InvalidArgument(name + ".json: " + status.ToString());
    seen.insert(example.type);
    examples.push_back(std::move(example));
  }
  for (const events::EventType& type : events::Registry::Linked().types()) {
    if (!seen.contains(&type)) return NotFound("tests/examples/" + type.short_name + ".json is missing");
  }
  std::sort(examples.begin(), examples.end(),
            [](const Example& a, const Example& b) { return a.type->short_name < b.type->short_name; });
  return examples;
}

std::unique_ptr<google::protobuf::Message> Wrap(const Example& example, const std::string& voided_domain) {
  const auto& registry = events::Registry::Linked();
  const events::Domain* domain =
      example.type->is_void() ? registry.FindDomainByTarget(voided_domain) : registry.DomainOf(*example.type);
  auto wrapper = New(domain->wrapper);
  wrapper->GetReflection()
      ->MutableMessage(wrapper.get(), domain->FieldOf(*example.type))
      ->CopyFrom(*example.event);
  return wrapper;
}

}  // namespace yokoten::test
