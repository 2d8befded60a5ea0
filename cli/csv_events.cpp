#include "cli/csv_events.hpp"

#include "cli/csv.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t columns_max = 250;
constexpr std::ptrdiff_t digits_max = 15; // that a double holds
constexpr std::string_view of_properties = "properties.";
constexpr std::string_view of_traits = "traits.";
constexpr std::string_view nothing = "-";

constexpr std::array known_columns{
  std::pair{std::string_view{"type"}, std::string_view{"type"}},
  std::pair{std::string_view{"event"}, std::string_view{"type"}},
  std::pair{std::string_view{"timestamp"}, std::string_view{"occurred_at"}},
  std::pair{std::string_view{"occurred_at"}, std::string_view{"occurred_at"}},
  std::pair{std::string_view{"external_id"},
            std::string_view{"contact.external_id"}},
  std::pair{std::string_view{"user_id"},
            std::string_view{"contact.external_id"}},
  std::pair{std::string_view{"userId"},
            std::string_view{"contact.external_id"}},
  std::pair{std::string_view{"email"}, std::string_view{"contact.email"}},
  std::pair{std::string_view{"phone"}, std::string_view{"contact.phone"}},
  std::pair{std::string_view{"anonymous_id"},
            std::string_view{"contact.anonymous_id"}},
  std::pair{std::string_view{"anonymousId"},
            std::string_view{"contact.anonymous_id"}},
  std::pair{std::string_view{"id"}, std::string_view{"message_id"}},
  std::pair{std::string_view{"message_id"}, std::string_view{"message_id"}},
  std::pair{std::string_view{"value"}, std::string_view{"value"}},
  std::pair{std::string_view{"value_currency"},
            std::string_view{"value_currency"}},
  std::pair{std::string_view{"kind"}, std::string_view{"kind"}},
  std::pair{std::string_view{"properties"}, std::string_view{"properties"}},
  std::pair{std::string_view{"metadata"}, std::string_view{"properties"}},
  std::pair{std::string_view{"context"}, std::string_view{"context"}}};

bool is_field(std::string_view name) {
  return name == nothing
         || (name.starts_with(of_properties)
             && name.size() > of_properties.size())
         || (name.starts_with(of_traits) && name.size() > of_traits.size())
         || std::any_of(known_columns.begin(), known_columns.end(),
                        [name](const auto& each) {
                          return each.second == name;
                        });
}

std::string field_of(const std::string& column) {
  for (const auto& [name, field] : known_columns)
    if (name == column)
      return std::string{field};
  if (column.empty())
    return std::string{nothing};
  if (is_field(column))
    return column;
  return std::string{of_properties} + column;
}

// What `--map` calls a field: as a column, or as it is.
std::string field_named(const std::string& name) {
  for (const auto& [column, field] : known_columns)
    if (column == name)
      return std::string{field};
  return name;
}

engine::result<json::object> object_in(const std::string& cell,
                                       std::string_view field) {
  auto value = engine::parse_json(cell);
  if (value && value->is_object())
    return std::move(value->get_object());
  return engine::invalid("cell_invalid", "the cell is no JSON object",
                         "/" + std::string{field});
}

engine::error bad_columns(std::string why) {
  return engine::invalid("columns_invalid", std::move(why));
}

} // namespace

json::value cell_value(std::string_view cell) {
  if (cell == "true" || cell == "false")
    return cell == "true";
  const auto is_digit = [](char c) {
    return c >= '0' && c <= '9';
  };
  if (cell.empty() || !(is_digit(cell.front()) || cell.front() == '-')
      || !is_digit(cell.back())
      || cell.find_first_of("eE") != cell.npos) // "12E45" is a name
    return json::value(cell);
  const auto digits = std::count_if(cell.begin(), cell.end(), is_digit);
  json::error_code failure;
  auto number
    = json::parse(json::string_view{cell.data(), cell.size()}, failure);
  if (failure || !number.is_number() || digits > digits_max)
    return json::value(cell);
  return number;
}

engine::result<csv_events>
csv_events::of(const std::vector<std::string>& header, std::string type,
               const std::vector<std::pair<std::string, std::string>>& map) {
  if (header.size() > columns_max)
    return bad_columns("a table has at most 250 columns");
  csv_events out;
  out.type_ = std::move(type);
  for (const auto& guarded : header) {
    const std::string column{without_guard(guarded)};
    auto field = field_of(column);
    for (const auto& [from, to] : map)
      if (from == column)
        field = field_named(to);
    if (field != nothing
        && std::find(out.fields_.begin(), out.fields_.end(), field)
             != out.fields_.end())
      return bad_columns("two columns are `" + field
                         + "`: leave one out with --map COLUMN=-");
    out.fields_.push_back(std::move(field));
  }
  for (const auto& [from, to] : map) {
    if (std::find(header.begin(), header.end(), from) == header.end())
      return bad_columns("--map: there is no column `" + from + "`");
    if (!is_field(field_named(to)))
      return bad_columns("--map: there is no field `" + to + "`");
  }
  if (out.type_.empty()
      && std::find(out.fields_.begin(), out.fields_.end(), "type")
           == out.fields_.end())
    return bad_columns("no column is the event's type: there should be `type` "
                       "or `event`, or give --type");
  return out;
}

engine::result<std::string>
csv_events::line_of(const std::vector<std::string>& row) const {
  if (row.size() != fields_.size())
    return engine::invalid("cells_mismatch",
                           "the row has " + std::to_string(row.size())
                             + " cells, the header "
                             + std::to_string(fields_.size()));
  json::object line;
  json::object contact;
  json::object properties;
  json::object traits;
  if (!type_.empty())
    line["type"] = type_;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string cell{without_guard(row[i])};
    const std::string_view field = fields_[i];
    if (cell.empty() || field == nothing)
      continue;
    if (field.starts_with("contact.")) {
      contact[field.substr(std::string_view{"contact."}.size())] = cell;
    } else if (field.starts_with(of_properties)) {
      properties[field.substr(of_properties.size())] = cell_value(cell);
    } else if (field.starts_with(of_traits)) {
      traits[field.substr(of_traits.size())] = cell_value(cell);
    } else if (field == "properties" || field == "context") {
      auto object = object_in(cell, field);
      if (!object)
        return object.failure();
      if (field == "context")
        line["context"] = std::move(*object);
      else
        for (auto& each : *object)
          properties[each.key()] = std::move(each.value());
    } else if (field == "value" || field == "occurred_at") {
      line[field] = cell_value(cell);
    } else {
      line[field] = cell;
    }
  }
  // What is told of a person is the event `$identify`.
  if (const auto* type = line.if_contains("type");
      type != nullptr && *type == "$identify"
      && !properties.contains("traits")) {
    for (auto& each : properties)
      traits[each.key()] = std::move(each.value());
    properties = {};
    properties["traits"] = std::exchange(traits, {});
  }
  line["contact"] = std::move(contact);
  line["metadata"] = std::move(properties);
  if (!traits.empty())
    line["traits"] = std::move(traits);
  return engine::to_json(line);
}

} // namespace troupe::cli
