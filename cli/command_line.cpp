// The only file that includes CLI11: it takes long to compile.
#include "cli/command_line.hpp"

#include "cli/nearest.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <list>
#include <utility>

namespace troupe::cli {

void arguments::add(std::string_view name, std::vector<std::string> values) {
  given_.insert_or_assign(std::string{name}, std::move(values));
}

bool arguments::has(std::string_view name) const {
  return given_.find(name) != given_.end();
}

std::string arguments::text(std::string_view name,
                            std::string_view fallback) const {
  const auto& values = all(name);
  return values.empty() ? std::string{fallback} : values.back();
}

const std::vector<std::string>& arguments::all(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = given_.find(name);
  return found == given_.end() ? none : found->second;
}

bool arguments::is_set(std::string_view flag) const {
  return text(flag) == "true";
}

namespace {

/// The places that CLI11 writes to: they stay where they are.
struct slot {
  std::string name;
  CLI::Option* option = nullptr;
  std::vector<std::string> values;
  std::string flag;
};

using slots = std::list<slot>;

void add_value(CLI::Option& to, const std::string& type, bool may_repeat) {
  to.type_name(type)->type_size(1)->expected(1)->allow_extra_args(false);
  to.multi_option_policy(may_repeat ? CLI::MultiOptionPolicy::TakeAll
                                    : CLI::MultiOptionPolicy::TakeLast);
}

void add_option(CLI::App& app, const option& what, slots& into) {
  auto& place = into.emplace_back();
  place.name = what.name;
  if (what.value.empty()) {
    place.option = app.add_flag(what.name, place.flag, what.help);
    return;
  }
  place.option = app.add_option(what.name, place.values, what.help);
  add_value(*place.option, what.value, what.may_repeat);
  if (!what.choices.empty())
    place.option->check(CLI::IsMember(what.choices).description(""));
}

void add_operand(CLI::App& app, const operand& what, slots& into) {
  auto& place = into.emplace_back();
  place.name = what.name;
  place.option = app.add_option(what.name, place.values, what.help);
  place.option->required(what.is_required)->type_name("");
  if (!what.may_repeat)
    place.option->expected(1);
}

void build(CLI::App& app, const command& what, slots& into) {
  for (const auto& each : what.options)
    add_option(app, each, into);
  for (const auto& each : what.operands)
    add_operand(app, each, into);
  if (!what.examples.empty()) {
    std::string text = "Examples:";
    for (const auto& each : what.examples)
      text += "\n  " + each;
    app.footer(text + "\n");
  }
  if (!what.run)
    app.require_subcommand(1);
}

/// A subcommand and all that it holds.
struct node {
  const command* what = nullptr;
  CLI::App* app = nullptr;
  slots places;
  std::list<node> below;
};

void add_all(CLI::App& to, const std::vector<command>& all,
             std::list<node>& into) {
  for (const auto& each : all) {
    auto& made = into.emplace_back();
    made.what = &each;
    made.app = to.add_subcommand(each.name, each.summary);
    build(*made.app, each, made.places);
    add_all(*made.app, each.subcommands, made.below);
  }
}

/// The innermost subcommand that was named; none when there is none.
const node* chosen(const std::list<node>& all) {
  for (const auto& each : all)
    if (each.app->parsed()) {
      const auto* inner = chosen(each.below);
      return inner != nullptr ? inner : &each;
    }
  return nullptr;
}

std::vector<std::string> names_near(const std::list<node>& top,
                                    const node* innermost) {
  std::vector<std::string> names;
  for (const auto& each : innermost == nullptr ? top : innermost->below)
    names.push_back(each.what->name);
  if (innermost != nullptr)
    for (const auto& each : innermost->what->options)
      names.push_back(each.name);
  return names;
}

/// What nobody knows is said first, whatever else is missing because of it.
bool report_unknown(const CLI::App& app, const std::list<node>& top) {
  const auto rest = app.remaining(true);
  if (rest.empty())
    return false;
  const auto name = rest.front().substr(0, rest.front().find('='));
  const auto known = names_near(top, chosen(top));
  std::fprintf(stderr, "troupe: unknown %s \"%s\"%s\n",
               name.starts_with("-") ? "option" : "argument", name.c_str(),
               did_you_mean(name, known).c_str());
  return true;
}

arguments read(const node& from) {
  arguments given;
  for (const auto& place : from.places)
    if (place.option->count() > 0)
      given.add(place.name, place.flag.empty()
                              ? place.values
                              : std::vector<std::string>{place.flag});
  return given;
}

} // namespace

int run_command_line(const std::vector<command>& all, int count, char** words) {
  CLI::App app{"Troupe: an open customer-event engine", "troupe"};
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line());
  std::list<node> top;
  add_all(app, all, top);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0)
      return app.exit(wrong); // the help or the version
    if (!report_unknown(app, top))
      app.exit(wrong);
    return exit_usage;
  }
  const auto* named = chosen(top);
  return named->what->run(read(*named));
}

} // namespace troupe::cli
