#include "cli/log_text.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace troupe::cli {

namespace {

constexpr std::size_t value_bytes_max = 2'048;

struct character {
  utf8proc_int32_t code = -1; // less than 0: no UTF-8
  std::size_t size = 1;
};

character first_of(std::string_view text) {
  character found;
  const auto size
    = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &found.code);
  if (size > 0)
    found.size = static_cast<std::size_t>(size);
  else
    found.code = -1;
  return found;
}

/// Controls, marks of direction, joiners, separators of lines, and what no
/// standard has given a meaning.
bool is_invisible(utf8proc_int32_t code) {
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

void append_unit(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (const auto shift : {12u, 8u, 4u, 0u})
    out += digits[(unit >> shift) & 0xf];
}

void append_escape(std::string& out, utf8proc_int32_t code) {
  const auto unit = static_cast<unsigned>(code);
  if (unit > 0xffff) {
    append_unit(out, 0xd800 + ((unit - 0x10000) >> 10));
    append_unit(out, 0xdc00 + ((unit - 0x10000) & 0x3ff));
  } else {
    append_unit(out, unit);
  }
}

/// As the inside of a JSON string, in both formats.
void append_escaped(std::string& out, std::string_view text) {
  const auto is_cut = text.size() > value_bytes_max;
  text = text.substr(0, value_bytes_max);
  while (!text.empty()) {
    const auto next = first_of(text);
    if (next.code < 0)
      out += "\\ufffd";
    else if (next.code == '"' || next.code == '\\')
      (out += '\\') += text.front();
    else if (is_invisible(next.code))
      append_escape(out, next.code);
    else
      out += text.substr(0, next.size);
    text.remove_prefix(next.size);
  }
  if (is_cut)
    out += "…";
}

void append_member(std::string& out, std::string_view name,
                   std::string_view value) {
  out += out.empty() ? "{\"" : ",\"";
  append_escaped(out, name);
  out += "\":\"";
  append_escaped(out, value);
  out += '"';
}

/// Needs no quotes to be told apart from what follows.
bool is_plain(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
  });
}

std::string_view colour_of(log_level which) {
  switch (which) {
    case log_level::debug:
      return "\x1b[2m";
    case log_level::warn:
      return "\x1b[33m";
    case log_level::error:
      return "\x1b[31m";
    case log_level::info:
      break;
  }
  return "\x1b[32m";
}

} // namespace

std::string_view name_of(log_level which) {
  switch (which) {
    case log_level::debug:
      return "debug";
    case log_level::warn:
      return "warn";
    case log_level::error:
      return "error";
    case log_level::info:
      break;
  }
  return "info";
}

std::string as_json_line(const log_entry& entry) {
  std::string out;
  append_member(out, "ts", entry.at);
  append_member(out, "level", name_of(entry.level));
  append_member(out, "msg", entry.message);
  for (const auto& [name, value] : entry.about)
    append_member(out, name, value);
  return out + "}\n";
}

std::string as_text_line(const log_entry& entry, bool is_coloured) {
  std::string out{entry.at};
  out += ' ';
  if (is_coloured)
    out += colour_of(entry.level);
  out += name_of(entry.level);
  if (is_coloured)
    out += "\x1b[0m";
  out += ' ';
  append_escaped(out, entry.message);
  for (const auto& [name, value] : entry.about) {
    (out += ' ') += name;
    out += '=';
    const auto quote = is_plain(value) ? "" : "\"";
    out += quote;
    append_escaped(out, value);
    out += quote;
  }
  return out + "\n";
}

} // namespace troupe::cli
