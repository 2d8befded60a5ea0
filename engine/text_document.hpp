// A JSON object composed as text, member by member: what is JSON text already
// is not printed anew.
#pragma once

#include "engine/json_text.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace troupe::engine {

class text_document {
public:
  void text(std::string_view name, std::string_view value) {
    begin(name);
    append_json(out_, boost::json::string_view{value.data(), value.size()});
  }

  void text_or_null(std::string_view name, const std::string& value) {
    if (value.empty())
      raw(name, "null");
    else
      text(name, value);
  }

  void raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
  }

  std::string take() {
    out_ += '}';
    return std::move(out_);
  }

private:
  void begin(std::string_view name) {
    if (out_.size() > 1)
      out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }

  std::string out_ = "{";
};

} // namespace troupe::engine
