// Request bodies.
#include "warehouse/body.h"

#include <vector>

#include "warehouse/native_block.h"

namespace yokoten::warehouse {

BodySource::BodySource(http::Request& request, http::Coding coding, bool native) : request_(request) {
  if (coding != http::Coding::kIdentity) coding_ = http::MakeDecompressor(coding);
  if (native) native_ = std::make_unique<NativeDecompressor>();
  finished_ = !request.has_body();
}

Result<bool> BodySource::Read(std::string* out) {
  const size_t before = out->size();
  raw_.resize(262144);
  while (!finished_ && out->size() == before) {
    YK_ASSIGN_OR_RETURN(const size_t count, request_.Read(raw_.data(), raw_.size()));
    bytes_ += count;
    finished_ = count == 0;
    YK_RETURN_IF_ERROR(Decode({raw_.data(), count}, finished_, out));
  }
  return out->size() > before;
}

Status BodySource::Decode(std::string_view bytes, bool last, std::string* out) {
  if (coding_) {
    middle_.clear();
    YK_RETURN_IF_ERROR(coding_->Push(bytes, native_ ? &middle_ : out));
    if (last) YK_RETURN_IF_ERROR(coding_->Finish(native_ ? &middle_ : out));
    bytes = middle_;
  }
  if (native_) {
    YK_RETURN_IF_ERROR(native_->Push(bytes, out));
    if (last) YK_RETURN_IF_ERROR(native_->Finish(out));
  } else if (!coding_) {
    out->append(bytes);
  }
  return OkStatus();
}

std::vector<FormField> ParseMultipart(std::string_view content_type, std::string_view body) {
  std::vector<FormField> fields;
  const size_t at = content_type.find("boundary=");
  if (at == std::string_view::npos) return fields;
  std::string boundary(content_type.substr(at + 9));
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.size() >= 2 && boundary.front() == '"')
    boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  if (boundary.empty()) return fields;
  const std::string delimiter = "--" + boundary;
  size_t position = body.find(delimiter);
  while (position != std::string_view::npos) {
    position += delimiter.size();
    if (body.substr(position, 2) == "--") break;
    const size_t head_end = body.find("\r\n\r\n", position);
    const size_t next = body.find("\r\n" + delimiter, position);
    if (head_end == std::string_view::npos || next == std::string_view::npos || head_end + 4 > next) break;
    const std::string_view head = body.substr(position, head_end - position);
    const auto attribute = [head](std::string_view key) -> std::string {
      const std::string wanted = std::string(key) + "=\"";
      for (size_t i = head.find(wanted); i != std::string_view::npos; i = head.find(wanted, i + 1)) {
        if (i > 0 && head[i - 1] != ' ' && head[i - 1] != ';') continue;
        const size_t begin = i + wanted.size();
        return std::string(head.substr(begin, head.find('"', begin) - begin));
      }
      return {};
    };
    fields.push_back({attribute("name"), std::string(body.substr(head_end + 4, next - head_end - 4)),
                      head.find("filename=") != std::string_view::npos});
    position = next + 2;
  }
  return fields;
}

}  // namespace yokoten::warehouse
