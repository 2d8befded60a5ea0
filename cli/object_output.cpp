// How one object is shown to people: small members as lines, lists of small
// objects as tables, what is deeper as JSON at the end.
#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "engine/json_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr int lines_depth_max = 2; // {"live": 1, "nodes": {"rest": 1}}
constexpr int cells_depth_max = 1; // {"event": "evt_…"}
constexpr int too_deep = 100;

/// How many objects are around what is innermost; lists of objects are no
/// matter of lines.
int depth_of(const json::value& value) {
  if (value.is_object()) {
    auto below = 0;
    for (const auto& item : value.get_object())
      below = std::max(below, depth_of(item.value()));
    return below + 1;
  }
  if (value.is_array())
    for (const auto& each : value.get_array())
      if (each.is_structured())
        return too_deep;
  return 0;
}

std::string name_of(const json::key_value_pair& item) {
  return plain(std::string_view{item.key().data(), item.key().size()});
}

void add_members(text_table& to, const json::object& of, std::size_t indent) {
  for (const auto& item : of) {
    const auto name = std::string(indent, ' ') + name_of(item);
    const auto& value = item.value();
    if (depth_of(value) > lines_depth_max)
      continue; // it is a block of its own
    if (value.is_object() && !value.get_object().empty()) {
      to.push_back({name});
      add_members(to, value.get_object(), indent + 2);
    } else {
      to.push_back({name, plain(value)});
    }
  }
}

bool fits_table(const json::array& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const json::value& row) {
    return row.is_object()
           && std::all_of(row.get_object().begin(), row.get_object().end(),
                          [](const json::key_value_pair& cell) {
                            return depth_of(cell.value()) <= cells_depth_max;
                          });
  });
}

std::string title_of(std::string_view name) {
  auto out = plain(name);
  for (auto& c : out)
    c = c == '_'
          ? ' '
          : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

void print_table(const json::array& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows)
    for (const auto& cell : row.get_object())
      if (std::find(names.begin(), names.end(), cell.key()) == names.end())
        names.emplace_back(cell.key());
  text_table shown(1);
  for (const auto& each : names)
    shown.front().push_back(title_of(each));
  for (const auto& row : rows) {
    auto& line = shown.emplace_back();
    for (const auto& each : names) {
      const auto* cell = row.get_object().if_contains(each);
      line.push_back(cell == nullptr ? "-" : plain(*cell));
    }
  }
  print_rows(shown, 2);
}

void print_members(const json::object& of) {
  text_table lines;
  add_members(lines, of, 0);
  print_rows(lines);
  std::vector<const json::key_value_pair*> documents;
  for (const auto& item : of) {
    const auto& value = item.value();
    if (depth_of(value) <= lines_depth_max)
      continue;
    if (!value.is_array() || !fits_table(value.get_array())) {
      documents.push_back(&item);
      continue;
    }
    std::printf("\n%s\n", name_of(item).c_str());
    print_table(value.get_array());
  }
  for (const auto* item : documents)
    std::printf("\n%s\n%s\n", name_of(*item).c_str(),
                pretty(item->value()).c_str());
}

} // namespace

void print_object(const arguments& given, const json::value& value) {
  const auto format = given.text("--output", "table");
  if (format == "json" || !value.is_object())
    std::puts(pretty(value).c_str());
  else if (format == "ndjson")
    std::puts(engine::to_json(value).c_str());
  else
    print_members(value.get_object());
}

} // namespace troupe::cli
