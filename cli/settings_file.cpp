// The only file that includes toml++: it takes long to compile.
#include "cli/nearest.hpp"
#include "cli/settings_layers.hpp"
#include "cli/small_file.hpp"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>

namespace troupe::cli {

namespace {

constexpr std::size_t file_bytes_max = 1'048'576;

std::string place(const std::string& file, const toml::source_region& at) {
  return file + ":" + std::to_string(at.begin.line) + ":"
         + std::to_string(at.begin.column);
}

std::string kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr)
    return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& each : *array) {
    const auto* text = each.as_string();
    if (text == nullptr)
      return std::nullopt;
    texts.push_back(text->get());
  }
  return texts;
}

std::optional<setting_value> value_of(const toml::node& node,
                                      const setting& which) {
  switch (which.member.index()) {
    case 0:
      if (const auto* text = node.as_string())
        return text->get();
      break;
    case 1:
      if (auto texts = texts_of(node))
        return std::move(*texts);
      break;
    case 2:
      if (const auto* flag = node.as_boolean())
        return flag->get();
      break;
    default:
      if (const auto* number = node.as_integer())
        return number->get();
  }
  return std::nullopt;
}

class file_reader {
public:
  file_reader(settings_layers& into, const std::string& file)
    : into_{into}, file_{file} {
    for (const auto& each : all_settings())
      names_.emplace_back(each.name);
  }

  void walk(const toml::table& table, const std::string& above) {
    for (const auto& [key, node] : table) {
      const auto name = above + std::string{key.str()};
      const auto found = std::find(names_.begin(), names_.end(), name);
      if (found != names_.end())
        take(static_cast<std::size_t>(found - names_.begin()), key, node);
      else if (node.is_table() && is_section(name))
        walk(*node.as_table(), name + ".");
      else
        into_.problem(place(file_, key.source()) + ": unknown key \"" + name
                      + "\"" + did_you_mean(name, names_));
    }
  }

private:
  [[nodiscard]] bool is_section(const std::string& name) const {
    return std::any_of(names_.begin(), names_.end(), [&](const auto& each) {
      return each.starts_with(name + ".");
    });
  }

  void take(std::size_t row, const toml::key& key, const toml::node& node) {
    const auto& which = all_settings()[row];
    const setting_origin origin{layer::file, place(file_, key.source())};
    if (auto value = value_of(node, which))
      into_.set(row, std::move(*value), origin);
    else
      into_.problem(std::string{which.name} + " (file " + origin.where
                    + "): expected " + expected_of(which) + ", not "
                    + kind_of(node));
  }

  settings_layers& into_;
  const std::string& file_;
  std::vector<std::string> names_;
};

} // namespace

void read_settings_file(settings_layers& into, const std::string& path,
                        bool must_exist) {
  if (!must_exist && access(path.c_str(), F_OK) != 0)
    return;
  into.result().file = path;
  const auto content = read_small_file(path, file_bytes_max);
  if (!content) {
    into.problem(content.failure().message);
    return;
  }
  try {
    file_reader{into, path}.walk(toml::parse(*content, path), {});
  } catch (const toml::parse_error& wrong) {
    into.problem(place(path, wrong.source()) + ": "
                 + std::string{wrong.description()});
  }
}

} // namespace troupe::cli
