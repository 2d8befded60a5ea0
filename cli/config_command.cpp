// `troupe config`: what is set, by whom, whether it is right, and what can be
// set at all.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/settings_load.hpp"
#include "cli/settings_reference.hpp"
#include "http/tls_settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdio>

namespace troupe::cli {

namespace {

// Of a secret only whether it is set.
std::string hidden(const setting_value& value) {
  return to_text(value).empty() ? "" : "***";
}

loaded_settings load(const arguments& given) {
  return load_settings(given, process_environment());
}

bool report(const loaded_settings& all) {
  for (const auto& each : all.problems)
    std::fprintf(stderr, "%s\n", each.c_str());
  return !all.problems.empty();
}

int check(const arguments& given) {
  auto all = load(given);
  if (all.problems.empty() && !all.values.tls_listen.empty())
    if (const auto files = http::tls_settings::load(
          {all.values.tls_certificate, all.values.tls_key});
        !files)
      all.problems.push_back(files.failure().message);
  const auto is_bad = report(all);
  if (!is_table(given)) {
    boost::json::object shown{{"file", all.file},
                              {"result", is_bad ? "bad" : "good"}};
    auto& problems = shown["problems"].emplace_array();
    for (const auto& each : all.problems)
      problems.emplace_back(each);
    print_object(given, shown);
  } else if (!is_bad) {
    std::printf("the configuration is good (%s)\n",
                all.file.empty() ? "no file" : all.file.c_str());
  }
  return is_bad ? exit_failure : exit_success;
}

boost::json::array rows_of(const loaded_settings& all, bool with_origin) {
  boost::json::array rows;
  for (std::size_t row = 0; row < all_settings().size(); ++row) {
    const auto& which = all_settings()[row];
    boost::json::object shown{{"key", std::string{which.name}}};
    const auto value = value_of(all.values, which);
    shown["value"] = which.is_secret ? as_json(hidden(value)) : as_json(value);
    if (with_origin) {
      shown["origin"] = std::string{name_of(all.origins[row].from)};
      shown["where"] = all.origins[row].where;
    }
    rows.push_back(std::move(shown));
  }
  return rows;
}

void print_table(const loaded_settings& all, bool with_origin) {
  for (std::size_t row = 0; row < all_settings().size(); ++row) {
    const auto& which = all_settings()[row];
    const auto held = value_of(all.values, which);
    const auto value = which.is_secret ? hidden(held) : to_text(held);
    std::printf("%-26s %-24s", std::string{which.name}.c_str(),
                value.empty() ? "\"\"" : value.c_str());
    if (with_origin) {
      const auto& origin = all.origins[row];
      std::printf(" %s %s", std::string{name_of(origin.from)}.c_str(),
                  origin.where.c_str());
    }
    std::puts("");
  }
}

int show(const arguments& given) {
  const auto all = load(given);
  if (report(all))
    return exit_failure;
  if (is_table(given))
    print_table(all, given.is_set("--origin"));
  else
    print_list(given, rows_of(all, given.is_set("--origin")), {});
  return exit_success;
}

int reference(const arguments& given) {
  std::fputs((given.text("--output") == "markdown" ? reference_as_markdown()
                                                   : reference_as_toml())
               .c_str(),
             stdout);
  return exit_success;
}

} // namespace

command config_command() {
  command checking{"check", "Say everything that is wrong with it",
                   setting_options()};
  checking.options.push_back(output_option());
  checking.examples = {"troupe config check --config troupe.toml"};
  checking.run = check;
  command showing{"show", "Show every setting", setting_options()};
  showing.options.push_back({"--origin", "", "and which layer set it"});
  showing.options.push_back(output_option());
  showing.examples = {"troupe config show --origin"};
  showing.run = show;
  command describing{"reference", "Describe every setting"};
  describing.options = {{"--output",
                         "FORMAT",
                         "toml, a file to begin with, or markdown [toml]",
                         {"toml", "markdown"}}};
  describing.examples = {"troupe config reference > troupe.toml"};
  describing.run = reference;
  command out{"config", "Look at the configuration"};
  out.subcommands
    = {std::move(checking), std::move(showing), std::move(describing)};
  return out;
}

} // namespace troupe::cli
