#include "cli/output.hpp"

#include "cli/text_table.hpp"
#include "engine/json_text.hpp"

#include <cstdio>

namespace troupe::cli {

namespace json = boost::json;

namespace {

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void append_pretty(std::string& out, const json::value& value,
                   std::size_t depth) {
  const auto new_line = [&](std::size_t to) {
    out += '\n';
    out.append(to * 2, ' ');
  };
  if (value.is_object() && !value.get_object().empty()) {
    out += '{';
    auto first = true;
    for (const auto& item : value.get_object()) {
      out += first ? "" : ",";
      first = false;
      new_line(depth + 1);
      engine::append_json(out, json::value(item.key()));
      out += ": ";
      append_pretty(out, item.value(), depth + 1);
    }
    new_line(depth);
    out += '}';
  } else if (value.is_array() && !value.get_array().empty()) {
    out += '[';
    auto first = true;
    for (const auto& each : value.get_array()) {
      out += first ? "" : ",";
      first = false;
      new_line(depth + 1);
      append_pretty(out, each, depth + 1);
    }
    new_line(depth);
    out += ']';
  } else {
    engine::append_json(out, value);
  }
}

} // namespace

option output_option() {
  return {"--output",
          "FORMAT",
          "table, json or ndjson [table]",
          {"table", "json", "ndjson"}};
}

bool is_table(const arguments& given) {
  return given.text("--output", "table") == "table";
}

std::string plain(std::string_view text) {
  constexpr std::string_view digits{"0123456789abcdef"};
  std::string out;
  for (const char c : text)
    if (const auto byte = static_cast<unsigned char>(c);
        byte < 0x20 || byte == 0x7F)
      (out += "\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    else
      out += c;
  return out;
}

std::string plain(const json::value& value) {
  if (value.is_null())
    return "-";
  if (value.is_array() && !value.get_array().empty()) {
    std::string out;
    for (const auto& each : value.get_array())
      out += (out.empty() ? "" : ", ") + plain(each);
    return out;
  }
  if (!value.is_string())
    return engine::to_json(value);
  const auto& text = value.get_string();
  return plain(std::string_view{text.data(), text.size()});
}

std::string pretty(const json::value& value) {
  std::string out;
  append_pretty(out, value, 0);
  return out;
}

void print_list(const arguments& given, const json::array& rows,
                std::span<const column> columns) {
  const auto format = given.text("--output", "table");
  if (format == "json") {
    print_line(pretty(rows));
    return;
  }
  if (format == "ndjson") {
    for (const auto& row : rows)
      print_line(engine::to_json(row));
    return;
  }
  text_table shown(1);
  for (const auto& each : columns)
    shown.front().push_back(each.title);
  for (const auto& row : rows) {
    auto& line = shown.emplace_back();
    for (const auto& each : columns) {
      json::error_code failure;
      const auto* found = row.find_pointer(each.pointer, failure);
      line.push_back(found == nullptr ? "-" : plain(*found));
    }
  }
  print_rows(shown);
}

} // namespace troupe::cli
