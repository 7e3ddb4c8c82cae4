// See catalog.h.
#include "gateway/catalog.h"

#include <algorithm>
#include <set>

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <yokoten/linked_protos.h>

#include "yokoten/options/v1/options.pb.h"

namespace yokoten::gateway {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MessageFactory;
using google::protobuf::ServiceDescriptor;

// gRPC's own health service: Debian's gRPC brings it without a descriptor.
FileDescriptorProto HealthFile() {
  FileDescriptorProto file;
  file.set_name("grpc/health/v1/health.proto");
  file.set_package("grpc.health.v1");
  file.set_syntax("proto3");
  auto* request = file.add_message_type();
  request->set_name("HealthCheckRequest");
  auto* service = request->add_field();
  service->set_name("service");
  service->set_number(1);
  service->set_type(FieldDescriptorProto::TYPE_STRING);
  service->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  auto* response = file.add_message_type();
  response->set_name("HealthCheckResponse");
  auto* status = response->add_field();
  status->set_name("status");
  status->set_number(1);
  status->set_type(FieldDescriptorProto::TYPE_ENUM);
  status->set_type_name(".grpc.health.v1.HealthCheckResponse.ServingStatus");
  status->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  auto* values = response->add_enum_type();
  values->set_name("ServingStatus");
  int number = 0;
  for (const char* name : {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}) {
    auto* value = values->add_value();
    value->set_name(name);
    value->set_number(number++);
  }
  auto* health = file.add_service();
  health->set_name("Health");
  for (const char* name : {"Check", "Watch"}) {
    auto* method = health->add_method();
    method->set_name(name);
    method->set_input_type(".grpc.health.v1.HealthCheckRequest");
    method->set_output_type(".grpc.health.v1.HealthCheckResponse");
    method->set_server_streaming(std::string_view(name) == "Watch");
  }
  return file;
}

const ServiceDescriptor* HealthService() {
  // Messages of the pool may be alive until the very end: never destroyed.
  static DescriptorPool* pool = new DescriptorPool();
  static const FileDescriptor* file = pool->BuildFile(HealthFile());
  return file->FindServiceByName("Health");
}

std::string TargetOf(const FileDescriptor& file) {
  const auto& domain = file.options().GetExtension(options::v1::domain);
  if (!domain.target().empty()) return domain.target();
  // "yokoten.insight.v1" -> "insight"
  const std::string& package = file.package();
  const size_t begin = package.find('.') + 1;
  return package.substr(begin, package.find('.', begin) - begin);
}

}  // namespace

std::unique_ptr<google::protobuf::Message> NewMessage(const Descriptor* type) {
  static auto* dynamic = new google::protobuf::DynamicMessageFactory();
  MessageFactory* factory = type->file()->pool() == DescriptorPool::generated_pool()
                                ? MessageFactory::generated_factory()
                                : static_cast<MessageFactory*>(dynamic);
  return std::unique_ptr<google::protobuf::Message>(factory->GetPrototype(type)->New());
}

Result<std::unique_ptr<Catalog>> Catalog::Make(const std::map<std::string, std::string>& backends,
                                               const std::string& default_address) {
  std::unique_ptr<Catalog> catalog(new Catalog());
  std::map<std::string, std::shared_ptr<Backend>> by_address;
  const auto backend_at = [&](const std::string& address) {
    std::shared_ptr<Backend>& backend = by_address[address];
    if (backend == nullptr) backend = MakeBackend(address);
    return backend;
  };
  const auto backend_of = [&](const std::string& target) {
    auto named = backends.find(target);
    if (named == backends.end() && target == "admin") named = backends.find("insight");
    return backend_at(named == backends.end() ? default_address : named->second);
  };
  const auto add = [&](const ServiceDescriptor& descriptor, const std::string& target,
                       std::shared_ptr<Backend> backend) {
    Service service{descriptor.full_name(), target, std::move(backend), {}};
    const events::Domain* domain = events::Registry::Linked().FindDomainByTarget(target);
    for (int i = 0; i < descriptor.method_count(); ++i) {
      const auto* method = descriptor.method(i);
      const bool ingest =
          domain != nullptr && domain->service == &descriptor && method->name() == "IngestEvents";
      service.methods.push_back(Method{method, "/" + descriptor.full_name() + "/" + method->name(),
                                       service.backend, ingest ? domain : nullptr});
    }
    catalog->services_.push_back(std::move(service));
  };
  std::set<std::string> targets;
  for (const char* name : kLinkedProtoFiles) {
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr || file->service_count() == 0) continue;
    const std::string target = TargetOf(*file);
    targets.insert(target);
    for (int i = 0; i < file->service_count(); ++i) add(*file->service(i), target, backend_of(target));
  }
  for (const auto& [target, address] : backends) {
    if (targets.count(target) > 0) continue;
    std::string known;
    for (const std::string& name : targets) known += (known.empty() ? "" : ", ") + name;
    return InvalidArgument("gateway.backends names \"" + target +
                           "\", which is no target with a gRPC service: use " + known + ".");
  }
  std::sort(catalog->services_.begin(), catalog->services_.end(),
            [](const Service& a, const Service& b) { return a.name < b.name; });
  add(*HealthService(), "", backend_at(default_address));
  for (const Service& service : catalog->services_) {
    for (const Method& method : service.methods) catalog->by_path_.emplace(method.path, &method);
  }
  return catalog;
}

const Method* Catalog::Find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

const Method* Catalog::IngestOf(const events::Domain& domain) const {
  if (domain.service == nullptr) return nullptr;
  return Find("/" + domain.service->full_name() + "/IngestEvents");
}

const Method& Catalog::HealthCheck() const { return services_.back().methods.front(); }

}  // namespace yokoten::gateway
