#include "cli/settings_load.hpp"

#include "cli/settings_layers.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace troupe::cli {

namespace {

constexpr std::size_t shown_max = 60;
constexpr std::string_view usual_settings_file = "/etc/troupe/troupe.toml";

std::string quoted(const std::string& given) {
  if (given.size() <= shown_max)
    return '"' + given + '"';
  return '"' + given.substr(0, shown_max) + "…\"";
}

std::string in(const setting_origin& origin) {
  std::string text{name_of(origin.from)};
  return " (" + text + (origin.where.empty() ? "" : " " + origin.where) + ")";
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc{} || stopped != end)
    return std::nullopt;
  return number;
}

std::optional<bool> truth(std::string_view text) {
  if (text == "true" || text == "1")
    return true;
  if (text == "false" || text == "0")
    return false;
  return std::nullopt;
}

void read_flags(settings_layers& into, const arguments& flags) {
  const auto rows = all_settings();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto& which = rows[row];
    if (!flags.has(which.flag))
      continue;
    const setting_origin origin{layer::flag, std::string{which.flag}};
    if (which.member.index() == 1)
      into.set(row, flags.all(which.flag), origin);
    else
      into.set_text(row, flags.text(which.flag), origin);
  }
}

const setting_origin& origin_of(const loaded_settings& all,
                                std::string_view name) {
  const auto rows = all_settings();
  std::size_t row = 0;
  while (rows[row].name != name)
    ++row;
  return all.origins[row];
}

// What one value alone does not show.
void check_together(settings_layers& layers) {
  auto& all = layers.result();
  auto& values = all.values;
  const auto secure = !values.tls_listen.empty();
  if (secure == values.tls_certificate.empty()
      || secure == values.tls_key.empty())
    layers.problem("server.tls_listen, server.tls_certificate and "
                   "server.tls_key are set together or not at all");
  if (secure && origin_of(all, "server.listen").from == layer::built_in)
    values.listen.clear();
  if (values.listen.empty() && !secure)
    layers.problem("server.listen and server.tls_listen are both empty: "
                   "nothing would be served");
}

} // namespace

std::string_view name_of(layer which) {
  switch (which) {
    case layer::file:
      return "file";
    case layer::environment:
      return "environment";
    case layer::flag:
      return "flag";
    case layer::built_in:
      break;
  }
  return "default";
}

settings_layers::settings_layers(loaded_settings& into) : into_{into} {
  into_.origins.assign(all_settings().size(), {});
}

void settings_layers::set(std::size_t row, setting_value value,
                          setting_origin origin) {
  const auto& which = all_settings()[row];
  if (const auto good = check_value(which, value); !good) {
    refuse(row, to_text(value), origin, good.failure().message);
    return;
  }
  set_value(into_.values, which, std::move(value));
  into_.origins[row] = std::move(origin);
}

void settings_layers::set_text(std::size_t row, const std::string& text,
                               setting_origin origin) {
  switch (all_settings()[row].member.index()) {
    case 0:
      set(row, text, std::move(origin));
      return;
    case 1:
      set(row, split_items(text), std::move(origin));
      return;
    case 2:
      if (const auto flag = truth(text))
        return set(row, *flag, std::move(origin));
      break;
    default:
      if (const auto number = whole_number(text))
        return set(row, *number, std::move(origin));
  }
  refuse(row, text, origin);
}

void settings_layers::refuse(std::size_t row, const std::string& given,
                             const setting_origin& origin,
                             const std::string& why) {
  const auto& which = all_settings()[row];
  std::string line{which.name};
  line += in(origin) + ": ";
  line += which.is_secret ? "the value" : quoted(given);
  line += why.empty() ? " is not " + expected_of(which) : ": " + why;
  problem(std::move(line));
}

void settings_layers::problem(std::string line) {
  into_.problems.push_back(std::move(line));
}

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(",\n"), text.size());
    auto item = text.substr(0, end);
    while (!item.empty() && item.front() == ' ')
      item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\r'))
      item.remove_suffix(1);
    if (!item.empty())
      items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

std::vector<option> setting_options() {
  std::vector<option> all{{"--config", "FILE",
                           "Read settings from this TOML file; else from "
                             + std::string{usual_settings_file}
                             + " when there is one"}};
  for (const auto& each : all_settings()) {
    const auto standard = to_text(value_of({}, each));
    option made{std::string{each.flag},
                std::string{each.value_name},
                std::string{each.description},
                {},
                each.member.index() == 1};
    if (!standard.empty())
      made.help += " [" + standard + "]";
    for (const auto choice : each.choices) {
      made.help += choice == each.choices.front() ? "; " : ", ";
      made.help += choice;
    }
    all.push_back(std::move(made));
  }
  return all;
}

loaded_settings load_settings(const arguments& flags,
                              const std::vector<std::string>& environment) {
  loaded_settings all;
  settings_layers layers{all};
  const auto is_named = flags.has("--config");
  read_settings_file(layers,
                     is_named ? flags.text("--config")
                              : std::string{usual_settings_file},
                     is_named);
  read_settings_environment(layers, environment);
  read_flags(layers, flags);
  if (all.problems.empty())
    check_together(layers);
  return all;
}

std::vector<std::string> process_environment() {
  std::vector<std::string> all;
  for (auto* const* each = environ; *each != nullptr; ++each)
    all.emplace_back(*each);
  return all;
}

} // namespace troupe::cli
