#include "app/config.h"

#include <charconv>
#include <fstream>
#include <sstream>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <openssl/evp.h>

#include "yokoten/options/v1/options.pb.h"

namespace yokoten::app {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const options::v1::SettingOptions& OptionsOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::setting);
}

class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty()) text_ = std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": " + message;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Sets a scalar field from text. InvalidArgument says what was expected.
Status SetScalar(Message* message, const FieldDescriptor* field, const std::string& path,
                 const std::string& text) {
  const Reflection* r = message->GetReflection();
  const auto wrong = [&](const char* expected) {
    return InvalidArgument("setting " + path + ": '" + text + "' is not " + expected);
  };
  const char* end = text.data() + text.size();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      r->SetString(message, field, text);
      return OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") return wrong("true or false");
      r->SetBool(message, field, text == "true");
      return OkStatus();
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t v = 0;
      if (auto [p, e] = std::from_chars(text.data(), end, v); e != std::errc() || p != end)
        return wrong("a whole number");
      r->SetInt32(message, field, v);
      return OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t v = 0;
      if (auto [p, e] = std::from_chars(text.data(), end, v); e != std::errc() || p != end)
        return wrong("a whole number");
      r->SetInt64(message, field, v);
      return OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double v = 0;
      if (auto [p, e] = std::from_chars(text.data(), end, v); e != std::errc() || p != end)
        return wrong("a number");
      r->SetDouble(message, field, v);
      return OkStatus();
    }
    default:
      return InvalidArgument("setting " + path +
                             " cannot be given as text; put it into the configuration file");
  }
}

double NumberOf(const Message& message, const FieldDescriptor* field) {
  const Reflection* r = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return r->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(r->GetInt64(message, field));
    default:
      return r->GetDouble(message, field);
  }
}

bool IsNumber(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE;
}

// Fills what is absent and checks what is there.
Status FillAndCheck(Message* message, const std::string& prefix) {
  const Reflection* r = message->GetReflection();
  const Descriptor* d = message->GetDescriptor();
  for (int i = 0; i < d->field_count(); ++i) {
    const FieldDescriptor* field = d->field(i);
    const std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
    if (field->is_map()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      YK_RETURN_IF_ERROR(FillAndCheck(r->MutableMessage(message, field), path));
      continue;
    }
    const auto& options = OptionsOf(field);
    if (!r->HasField(*message, field))
      YK_RETURN_IF_ERROR(SetScalar(message, field, path, options.default_value()));
    if (!IsNumber(field)) continue;
    const double value = NumberOf(*message, field);
    const auto out = [&](const char* word, const std::string& bound) {
      std::ostringstream text;
      text << "setting " << path << " is " << value << "; it must be at " << word << " " << bound << " "
           << options.unit();
      return InvalidArgument(text.str());
    };
    if (!options.min().empty() && value < std::stod(options.min())) return out("least", options.min());
    if (!options.max().empty() && value > std::stod(options.max())) return out("most", options.max());
  }
  return OkStatus();
}

Status ApplySet(Message* root, const std::string& set) {
  const size_t equals = set.find('=');
  if (equals == std::string::npos) return InvalidArgument("--set " + set + ": write it as path=value");
  const std::string path = set.substr(0, equals);
  const std::string value = set.substr(equals + 1);
  Message* message = root;
  std::string rest = path;
  while (true) {
    const size_t dot = rest.find('.');
    const std::string name = rest.substr(0, dot);
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) {
      return InvalidArgument("--set " + path + ": there is no setting '" + name +
                             "'; `yokoten serve --list-settings` names them all");
    }
    if (field->is_map()) {
      if (dot == std::string::npos)
        return InvalidArgument("--set " + path + ": name a key, as in " + path + ".training");
      Message* entry = message->GetReflection()->AddMessage(message, field);
      entry->GetReflection()->SetString(entry, entry->GetDescriptor()->map_key(), rest.substr(dot + 1));
      entry->GetReflection()->SetString(entry, entry->GetDescriptor()->map_value(), value);
      return OkStatus();
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (dot == std::string::npos)
        return InvalidArgument("--set " + path + ": that is a group, name a setting in it");
      message = message->GetReflection()->MutableMessage(message, field);
      rest = rest.substr(dot + 1);
      continue;
    }
    if (dot != std::string::npos)
      return InvalidArgument("--set " + path + ": '" + name + "' has nothing below it");
    return SetScalar(message, field, path, value);
  }
}

void MaskSecrets(Message* message) {
  const Reflection* r = message->GetReflection();
  const Descriptor* d = message->GetDescriptor();
  for (int i = 0; i < d->field_count(); ++i) {
    const FieldDescriptor* field = d->field(i);
    if (field->is_map()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      MaskSecrets(r->MutableMessage(message, field));
    } else if (OptionsOf(field).secret() && !r->GetString(*message, field).empty()) {
      r->SetString(message, field, "*****");
    }
  }
}

void AppendSettings(const Descriptor* d, const std::string& prefix, std::string* out) {
  for (int i = 0; i < d->field_count(); ++i) {
    const FieldDescriptor* field = d->field(i);
    const std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
    if (field->is_map()) {
      *out += "| `" + path + ".<target>` | | | |\n";
      continue;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      AppendSettings(field->message_type(), path, out);
      continue;
    }
    const auto& o = OptionsOf(field);
    const std::string bounds = o.min().empty() ? "" : o.min() + " to " + o.max();
    *out += "| `" + path + "` | " + (o.default_value().empty() ? "" : "`" + o.default_value() + "`") + " | " +
            bounds + " | " + o.unit() + " |\n";
  }
}

}  // namespace

Result<config::v1::Config> LoadConfig(const std::string& file, const std::vector<std::string>& sets) {
  config::v1::Config config;
  if (!file.empty()) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
      return NotFound("configuration file " + file + " cannot be read; check the path and its permissions");
    std::ostringstream text;
    text << in.rdbuf();
    Collector collector;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    if (!parser.ParseFromString(text.str(), &config)) return InvalidArgument(file + ":" + collector.text());
  }
  for (const std::string& set : sets) YK_RETURN_IF_ERROR(ApplySet(&config, set));
  YK_RETURN_IF_ERROR(FillAndCheck(&config, ""));
  return config;
}

config::v1::Config DefaultConfig() { return LoadConfig("", {}).value(); }

std::string EffectiveConfigText(const config::v1::Config& config) {
  config::v1::Config masked = config;
  MaskSecrets(&masked);
  std::string text;
  google::protobuf::TextFormat::PrintToString(masked, &text);
  return text;
}

std::string ConfigHash(const config::v1::Config& config) {
  const std::string text = EffectiveConfigText(config);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

std::string SettingsTable() {
  std::string out = "| setting | default | bounds | unit |\n|---|---|---|---|\n";
  AppendSettings(config::v1::Config::descriptor(), "", &out);
  return out;
}

}  // namespace yokoten::app
