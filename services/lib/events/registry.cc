#include "events/registry.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>

#include <yokoten/linked_protos.h>

#include "yokoten/event/v1/event.pb.h"

namespace yokoten::events {
namespace {

namespace pb = google::protobuf;

// The protos are compiled in: when they contradict themselves there is nothing to run.
[[noreturn]] void Broken(const std::string& what) {
  std::fprintf(stderr, "yokoten: the linked protos are broken: %s\n", what.c_str());
  std::abort();
}

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

FieldPath ResolvePath(const pb::Descriptor& type, const std::string& text) {
  FieldPath path{text, {}};
  const pb::Descriptor* message = &type;
  for (const std::string& name : Split(text, '.')) {
    if (message == nullptr)
      Broken(type.full_name() + ": " + text + " leads through a field that is no message");
    const pb::FieldDescriptor* field = message->FindFieldByName(name);
    if (field == nullptr && path.steps.empty() &&
        (name == "plant_id" || name == "workshop_id" || name == "line_id" || name == "station_id")) {
      path.steps.push_back(type.FindFieldByName("context"));
      field = event::v1::EventContext::descriptor()->FindFieldByName(name);
    }
    if (field == nullptr || field->is_repeated()) {
      Broken(type.full_name() + ": " + text + " names no singular field");
    }
    path.steps.push_back(field);
    message = field->message_type();
  }
  return path;
}

std::vector<EntityPart> ParseTemplate(const pb::Descriptor& type, const std::string& text) {
  std::vector<EntityPart> parts;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    if (open != at) parts.push_back({text.substr(at, open - at), {}});
    if (open == std::string::npos) break;
    const size_t close = text.find('}', open);
    if (close == std::string::npos) Broken(type.full_name() + ": entity " + text + " misses a }");
    parts.push_back({"", ResolvePath(type, text.substr(open + 1, close - open - 1))});
    at = close + 1;
  }
  if (parts.empty()) Broken(type.full_name() + " has no entity");
  return parts;
}

// "yokoten.standard_work.v1" -> "standard_work".
std::string DomainOfPackage(const std::string& package) {
  const auto parts = Split(package, '.');
  if (parts.size() != 3) Broken("package " + package + " is not yokoten.<domain>.v1");
  return parts[1];
}

EventType MakeType(const pb::Descriptor& message) {
  EventType type;
  type.descriptor = &message;
  type.options = message.options().GetExtension(options::v1::event);
  type.full_name = message.full_name();
  type.domain = DomainOfPackage(message.file()->package());
  type.short_name = type.domain + "." + message.name();
  const auto& domain = message.file()->options().GetExtension(options::v1::domain);
  type.target = domain.target();
  type.topic = domain.topic();
  type.table =
      type.options.table().empty() ? type.domain + "_" + SnakeCase(message.name()) : type.options.table();
  type.context = message.FindFieldByName("context");
  if (type.context == nullptr || type.context->message_type() != event::v1::EventContext::descriptor()) {
    Broken(type.full_name + " has no EventContext context");
  }
  type.entity_parts = ParseTemplate(message, type.options.entity());
  for (const auto& key : type.options.business_key()) type.business_key.push_back(ResolvePath(message, key));
  if (!type.options.effective().empty()) type.effective = ResolvePath(message, type.options.effective());
  return type;
}

const pb::FileDescriptor* LinkedFile(const char* name) {
  const auto* file = pb::DescriptorPool::generated_pool()->FindFileByName(name);
  if (file == nullptr) Broken(std::string(name) + " is not linked");
  return file;
}

std::string EnumTextOf(const pb::EnumValueDescriptor& value) {
  if (value.number() == 0) return "";
  std::string prefix = SnakeCase(value.type()->name()) + "_";
  std::string text;
  for (char c : value.name()) text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

const std::string kEmpty;

}  // namespace

const pb::FieldDescriptor* Domain::FieldOf(const EventType& type) const {
  for (const auto& [number, found] : by_wrapper_field) {
    if (found == &type) return wrapper->FindFieldByNumber(number);
  }
  return nullptr;
}

Registry::Registry() {
  for (const char* name : kLinkedProtoFiles) {
    const auto* file = LinkedFile(name);
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* message = file->message_type(i);
      if (message->options().HasExtension(options::v1::event)) types_.push_back(MakeType(*message));
    }
  }
  std::stable_sort(types_.begin(), types_.end(), [](const EventType& a, const EventType& b) {
    return std::make_pair(a.is_void(), a.domain) < std::make_pair(b.is_void(), b.domain);
  });
  for (const EventType& type : types_) {
    by_name_[type.full_name] = &type;
    by_name_[type.short_name] = &type;
    by_descriptor_[type.descriptor] = &type;
  }
  voided_ = Find(event::v1::Voided::descriptor());

  for (const char* name : kLinkedProtoFiles) {
    const auto* file = LinkedFile(name);
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      const auto* ingest = service->FindMethodByName("IngestEvents");
      if (ingest == nullptr) continue;
      const auto* events = ingest->input_type()->FindFieldByName("events");
      if (events == nullptr || events->message_type() == nullptr)
        Broken(service->full_name() + " takes no events");
      Domain domain;
      domain.name = DomainOfPackage(file->package());
      domain.target = file->options().GetExtension(options::v1::domain).target();
      domain.topic = file->options().GetExtension(options::v1::domain).topic();
      domain.wrapper = events->message_type();
      domain.service = service;
      for (int f = 0; f < domain.wrapper->field_count(); ++f) {
        const auto* field = domain.wrapper->field(f);
        const EventType* type = Find(field->message_type());
        if (type == nullptr) Broken(field->full_name() + " is no event type");
        domain.by_wrapper_field[field->number()] = type;
        if (!type->is_void()) domain.types.push_back(type);
      }
      domains_.push_back(std::move(domain));
    }
  }
  std::sort(domains_.begin(), domains_.end(),
            [](const Domain& a, const Domain& b) { return a.name < b.name; });
  for (const EventType& type : types_) {
    if (!type.is_void() && DomainOf(type) == nullptr) Broken("no service takes " + type.full_name);
  }
}

const Registry& Registry::Linked() {
  static const Registry* registry = new Registry;
  return *registry;
}

const EventType* Registry::Find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : found->second;
}

const EventType* Registry::Find(const pb::Descriptor* descriptor) const {
  const auto found = by_descriptor_.find(descriptor);
  return found == by_descriptor_.end() ? nullptr : found->second;
}

const Domain* Registry::FindDomainByTopic(std::string_view topic) const {
  for (const Domain& domain : domains_) {
    if (domain.topic == topic) return &domain;
  }
  return nullptr;
}

const Domain* Registry::FindDomainByTarget(std::string_view target) const {
  for (const Domain& domain : domains_) {
    if (domain.target == target) return &domain;
  }
  return nullptr;
}

const Domain* Registry::DomainOf(const EventType& type) const {
  for (const Domain& domain : domains_) {
    if (std::find(domain.types.begin(), domain.types.end(), &type) != domain.types.end()) return &domain;
  }
  return nullptr;
}

std::string SnakeCase(std::string_view camel_case) {
  std::string out;
  for (char c : camel_case) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isupper(u) && !out.empty()) out += '_';
    out += static_cast<char>(std::tolower(u));
  }
  return out;
}

const std::string& EnumText(const pb::EnumValueDescriptor& value) {
  // Each thread keeps its own copy, so that looking a value up takes no lock.
  thread_local std::unordered_map<const pb::EnumValueDescriptor*, const std::string*> seen;
  const std::string*& text = seen[&value];
  if (text == nullptr) {
    static std::mutex mutex;
    static auto* all = new std::unordered_map<const pb::EnumValueDescriptor*, std::string>;
    std::lock_guard lock(mutex);
    text = &all->try_emplace(&value, EnumTextOf(value)).first->second;
  }
  return *text;
}

const std::string& EnumText(const pb::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? kEmpty : EnumText(*value);
}

const options::v1::FieldOptions& OptionsOf(const pb::FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

}  // namespace yokoten::events
