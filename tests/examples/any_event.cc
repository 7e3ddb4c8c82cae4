#include "examples/any_event.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include <google/protobuf/timestamp.pb.h>

#include "events/identity.h"
#include "events/validator.h"

namespace yokoten::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

constexpr int64_t kDaySeconds = 86'400;
constexpr int kIdsOfAKind = 4;

class Variation {
 public:
  Variation(const Example& example, const AnyEventOptions& options, std::mt19937_64& random)
      : type_(*example.type), options_(options), random_(random), event_(example.event->New()) {
    event_->CopyFrom(*example.event);
  }

  std::unique_ptr<Message> Take() {
    Move();
    Vary();
    return std::move(event_);
  }

 private:
  int Pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  bool Valid() const {
    std::vector<events::Violation> violations =
        events::Validate(type_, *event_, {.now = options_.now, .violations_max = 1});
    if (violations.empty() && options_.rules != nullptr) options_.rules(type_, *event_, violations);
    return violations.empty();
  }

  // Calls `change`, and takes it back where the event does not stay valid.
  template <typename Change>
  void Try(Change change) {
    std::unique_ptr<Message> before(event_->New());
    before->CopyFrom(*event_);
    change();
    if (!Valid()) event_->CopyFrom(*before);
  }

  // Everything that is a date or an instant, by so many days.
  void Shift(Message& message, int days) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const int n = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < n; ++i) {
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          Message& child = field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                                : *reflection.MutableMessage(&message, field);
          if (child.GetDescriptor() == Timestamp::descriptor()) {
            auto& time = static_cast<Timestamp&>(child);
            time.set_seconds(time.seconds() + days * kDaySeconds);
          } else {
            Shift(child, days);
          }
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
          const std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                        : reflection.GetString(message, field);
          const std::optional<Day> day = ParseDay(text);
          if (day) SetText(message, field, i, FormatDay(*day + days));
        }
      }
    }
  }

  void SetText(Message& message, const FieldDescriptor* field, int i, std::string text) {
    const Reflection& reflection = *message.GetReflection();
    if (field->is_repeated()) {
      reflection.SetRepeatedString(&message, field, i, std::move(text));
    } else {
      reflection.SetString(&message, field, std::move(text));
    }
  }

  // To a day of the history, everything with it: one that its rules allow (a month must stay one's first).
  void Move() {
    const events::When when = events::OccurredOf(events::ContextOf(type_, *event_));
    const int64_t day = (when.micros() / 1'000'000) / kDaySeconds;
    std::vector<int> offsets(static_cast<size_t>(options_.days));
    std::iota(offsets.begin(), offsets.end(), static_cast<int>(options_.first_day.value - day));
    std::shuffle(offsets.begin(), offsets.end(), random_);
    std::unique_ptr<Message> before(event_->New());
    before->CopyFrom(*event_);
    for (const int offset : offsets) {
      Shift(*event_, offset);
      if (Valid()) return;
      event_->CopyFrom(*before);
    }
  }

  // The event's own fields; its parts keep the example's values, moved in time.
  void Vary() {
    const google::protobuf::Descriptor& type = *event_->GetDescriptor();
    const Reflection& reflection = *event_->GetReflection();
    for (int f = 0; f < type.field_count(); ++f) {
      const FieldDescriptor* field = type.field(f);
      if (field->is_repeated()) {
        if (reflection.FieldSize(*event_, field) > 0 && Pick(4) == 0)
          Try([&] { reflection.RemoveLast(event_.get(), field); });
        continue;
      }
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (field->has_presence() && !reflection.HasField(*event_, field) && Pick(2) == 0) continue;
      if (Pick(3) == 0) continue;
      Try([&] { Set(*event_, field); });
    }
  }

  void Set(Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&message, field,
                                field->enum_type()->value(Pick(field->enum_type()->value_count()))->number());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, field, Pick(2) == 0);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field, Pick(Pick(2) == 0 ? 4 : 60));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, Pick(Pick(2) == 0 ? 4 : 600));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection.SetDouble(&message, field, Pick(400) / 4.0);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string& name = field->name();
        const std::string now = reflection.GetString(message, field);
        if (ParseDay(now)) {
          reflection.SetString(&message, field, FormatDay(options_.first_day + Pick(options_.days)));
        } else if (name.ends_with("_id") || name.ends_with("_ref")) {
          reflection.SetString(
              &message, field,
              std::string(1, static_cast<char>(name[0] - 'a' + 'A')) + std::to_string(Pick(kIdsOfAKind)));
        }
        break;
      }
      default:
        break;
    }
  }

  const events::EventType& type_;
  const AnyEventOptions& options_;
  std::mt19937_64& random_;
  std::unique_ptr<Message> event_;
};

}  // namespace

std::unique_ptr<Message> AnyEvent(const Example& example, const AnyEventOptions& options,
                                  std::mt19937_64& random) {
  return Variation(example, options, random).Take();
}

}  // namespace yokoten::test
