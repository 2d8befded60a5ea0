#include "cli/client.hpp"
#include "cli/nearest.hpp"
#include "cli/settings_layers.hpp"
#include "cli/small_file.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace troupe::cli {

namespace {

constexpr std::size_t value_file_bytes_max = 65'536;

// Kubernetes and Docker tell every container where services are: one that is
// called "troupe" or "troupe-…" gives such names, which are nobody's mistake.
bool is_service_link(std::string_view name) {
  if (name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos
      || name.ends_with("_PORT"))
    return true;
  const auto port = name.find("_PORT_");
  return port != name.npos && port + 6 < name.size()
         && std::isdigit(static_cast<unsigned char>(name[port + 6])) != 0;
}

bool may_come_from_file(const setting& which) {
  return !which.is_path && which.member.index() < 2 && which.choices.empty();
}

std::vector<std::string> known_variables() {
  std::vector<std::string> all;
  for (const auto& each : all_settings())
    all.push_back(variable_of(each));
  return all;
}

void read_from_file(settings_layers& into, std::size_t row,
                    const std::string& variable, const std::string& path) {
  auto content = read_small_file(path, value_file_bytes_max);
  if (!content) {
    into.problem(std::string{all_settings()[row].name} + " (environment "
                 + variable + "): " + content.failure().message);
    return;
  }
  while (!content->empty()
         && (content->back() == '\n' || content->back() == '\r'))
    content->pop_back();
  into.set_text(row, *content, {layer::environment, variable});
}

} // namespace

void read_settings_environment(settings_layers& into,
                               const std::vector<std::string>& environment) {
  std::map<std::string, std::string> given;
  for (const auto& each : environment)
    if (const auto equals = each.find('=');
        each.starts_with("TROUPE_") && equals != each.npos)
      given.emplace(each.substr(0, equals), each.substr(equals + 1));
  const auto rows = all_settings();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto variable = variable_of(rows[row]);
    const auto direct = given.find(variable);
    const auto by_file = may_come_from_file(rows[row])
                           ? given.find(variable + "_FILE")
                           : given.end();
    if (direct != given.end() && by_file != given.end())
      into.problem(std::string{rows[row].name}
                   + " (environment): " + direct->first + " and "
                   + by_file->first + " are both set");
    else if (direct != given.end())
      into.set_text(row, direct->second, {layer::environment, variable});
    else if (by_file != given.end())
      read_from_file(into, row, by_file->first, by_file->second);
    if (direct != given.end())
      given.erase(direct);
    if (by_file != given.end())
      given.erase(by_file);
  }
  for (const auto& [name, value] : given)
    if (!is_service_link(name) && !is_client_variable(name))
      into.problem("unknown variable " + name
                   + did_you_mean(name, known_variables()));
}

} // namespace troupe::cli
