#include "events/derived.h"

#include <google/protobuf/descriptor.h>

#include "events/identity.h"

namespace yokoten::events {
namespace {

// Name space of derived ids; never changes.
constexpr Uuid kDerivedIds{0x5f, 0x1d, 0x0b, 0x7a, 0x3c, 0x52, 0x5e, 0x86,
                           0x9a, 0x41, 0x60, 0x8e, 0x2d, 0x77, 0xc4, 0x13};

}  // namespace

std::string DerivedId(std::string_view rule, std::string_view plant, std::string_view entity,
                      int64_t due_us) {
  std::string name(rule);
  for (const std::string_view part : {plant, entity}) name.append("\n").append(part);
  return FormatUuid(UuidV5(kDerivedIds, name + "\n" + std::to_string(due_us)));
}

const derived::v1::DerivedContext& DerivedContextOf(const google::protobuf::Message& event) {
  const auto* field = event.GetDescriptor()->FindFieldByName("context");
  if (field == nullptr || field->message_type() != derived::v1::DerivedContext::descriptor())
    return derived::v1::DerivedContext::default_instance();
  return static_cast<const derived::v1::DerivedContext&>(event.GetReflection()->GetMessage(event, field));
}

Record EncodeDerived(const google::protobuf::Message& event) {
  const derived::v1::DerivedContext& context = DerivedContextOf(event);
  Record record;
  record.key = context.entity();
  record.value = event.SerializeAsString();
  record.headers = {{"ce_specversion", "1.0"},
                    {"ce_id", context.id()},
                    {"ce_source", std::string(kDerivedSource)},
                    {"ce_type", event.GetDescriptor()->full_name()},
                    {"ce_time", FormatTime(FromTimestamp(context.due_at()))},
                    {"ce_subject", context.entity()},
                    {"ce_plantid", context.plant_id()},
                    {"content-type", "application/protobuf"}};
  return record;
}

Result<DecodedDerived> DecodeDerived(const HeaderViews& headers, std::string_view value) {
  DecodedDerived decoded;
  std::string_view version;
  for (const auto& [header, text] : headers) {
    if (header == "ce_specversion") version = text;
    if (header == "ce_id") decoded.id = text;
    if (header == "ce_source") decoded.source = text;
    if (header == "ce_type") decoded.type = text;
    if (header == "ce_subject") decoded.subject = text;
    if (header == "ce_plantid") decoded.plant = text;
  }
  if (version != "1.0" || decoded.id.empty() || decoded.type.empty())
    return InvalidArgument("the record is no CloudEvent 1.0 of the Kafka binding");
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(decoded.type);
  if (type == nullptr || type->file()->package() != "yokoten.derived.v1") return decoded;
  decoded.event.reset(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!decoded.event->ParseFromArray(value.data(), static_cast<int>(value.size())))
    return InvalidArgument("the value is no " + decoded.type);
  return decoded;
}

}  // namespace yokoten::events
