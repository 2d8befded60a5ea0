// The only file that includes CLI11: it takes long to compile.
#include "cli/command_line.hpp"

#include "cli/nearest.hpp"
#include "cli/usage.hpp"
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

constexpr std::size_t examples_max = 4;

const std::vector<std::string> first_examples{
  "troupe serve --data-dir data",
  "troupe events emit order.completed --external-id usr_123",
  "troupe contacts timeline external_id:usr_123", "troupe man | man -l -"};

/// The places that CLI11 writes to: they stay where they are.
struct slot {
  std::string name;
  CLI::Option* option = nullptr;
  std::vector<std::string> values;
  std::string flag;
};

using slots = std::list<slot>;

const CLI::Validator is_not_empty{[](const std::string& text) {
                                    return text.empty() ? "it is empty"
                                                        : std::string{};
                                  },
                                  ""};

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
  place.option = app.add_option(
    what.alias.empty() ? what.name : what.name + "," + what.alias, place.values,
    what.help);
  if (what.is_required)
    place.option->required()->check(is_not_empty);
  add_value(*place.option, what.value, what.may_repeat);
  if (!what.choices.empty())
    place.option->check(CLI::IsMember(what.choices).description(""));
}

void add_operand(CLI::App& app, const operand& what, slots& into) {
  auto& place = into.emplace_back();
  place.name = what.name;
  place.option = app.add_option(what.name, place.values, what.help);
  place.option->required(what.is_required)->type_name("");
  if (what.is_required)
    place.option->check(is_not_empty);
  if (!what.may_repeat) // one behind it takes the next
    place.option->expected(1)->allow_extra_args(false);
}

std::vector<std::string> examples_of(const command& what) {
  auto out = what.examples;
  for (const auto& each : what.subcommands)
    if (out.size() < examples_max && !each.examples.empty())
      out.push_back(each.examples.front());
  return out;
}

std::string as_footer(const std::vector<std::string>& examples) {
  std::string text = "Examples:";
  for (const auto& each : examples)
    text += "\n  " + each;
  return text + "\n";
}

void build(CLI::App& app, const command& what, slots& into) {
  for (const auto& each : what.options)
    add_option(app, each, into);
  for (const auto& each : what.operands)
    add_operand(app, each, into);
  app.footer(as_footer(examples_of(what)));
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

/// Says what is wrong with the words, and how they are right.
int refuse(const std::string& why, const std::list<node>& top) {
  std::string path = "troupe";
  const auto* all = &top;
  const command* innermost = nullptr;
  for (auto goes_on = true; goes_on;) {
    goes_on = false;
    for (const auto& each : *all)
      if (each.app->parsed()) {
        if (innermost != nullptr)
          path += " " + innermost->name;
        innermost = each.what;
        all = &each.below;
        goes_on = true;
        break;
      }
  }
  const auto usage = innermost == nullptr ? path + " COMMAND [OPTION ...]"
                                          : usage_of(path, *innermost);
  std::fprintf(stderr, "troupe: %s\nusage: %s\n", why.c_str(), usage.c_str());
  return exit_usage;
}

/// What is still missing once all that must be there is; else empty.
std::string missing_in(const arguments& given, const command& what) {
  std::string names;
  for (const auto& each : what.one_of) {
    if (!given.text(each).empty())
      return {};
    names += (names.empty() ? "" : ", ") + each;
  }
  return names.empty() ? names : "one of " + names + " is required";
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
  app.footer(as_footer(first_examples));
  std::list<node> top;
  add_all(app, all, top);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0)
      return app.exit(wrong); // the help or the version
    return report_unknown(app, top) ? exit_usage : refuse(wrong.what(), top);
  }
  const auto* named = chosen(top);
  const auto given = read(*named);
  if (const auto missing = missing_in(given, *named->what); !missing.empty())
    return refuse(missing, top);
  return named->what->run(given);
}

} // namespace troupe::cli
