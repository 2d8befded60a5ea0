#include "cli/client_command.hpp"

#include "cli/small_file.hpp"
#include "engine/strict_json.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <iterator>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t limit_default = 50;
constexpr std::size_t limit_max = 1'000'000;

engine::result<std::size_t> limit_of(const arguments& given) {
  const auto text = given.text("--limit", std::to_string(limit_default));
  std::size_t limit = 0;
  const auto read
    = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()
      || limit == 0 || limit > limit_max)
    return engine::invalid("limit_invalid",
                           "--limit takes a number from 1 to 1,000,000");
  return limit;
}

} // namespace

void add_client_options(command& to) {
  to.options.push_back(output_option());
  for (auto& each : connection_options()) {
    const auto is_taken = std::any_of(to.options.begin(), to.options.end(),
                                      [&each](const option& other) {
                                        return other.name == each.alias;
                                      });
    if (is_taken)
      each.alias.clear();
    to.options.push_back(std::move(each));
  }
}

command list_command(command about, path_maker path,
                     std::vector<column> columns) {
  about.options.push_back({"--limit", "N", "how many at most [50]"});
  add_client_options(about);
  about.run = [path = std::move(path),
               columns = std::move(columns)](const arguments& given) {
    const auto limit = limit_of(given);
    if (!limit)
      return report(limit.failure());
    auto server = client::of(given);
    if (!server)
      return report(server.failure());
    const auto target = path(given, *server);
    if (!target)
      return report(target.failure());
    const auto rows = server->list(*target, *limit);
    if (!rows)
      return report(rows.failure());
    print_list(given, *rows, columns);
    return exit_success;
  };
  return about;
}

command call_command(command about, std::string method, path_maker path,
                     body_maker body) {
  add_client_options(about);
  about.run = [method = std::move(method), path = std::move(path),
               body = std::move(body)](const arguments& given) {
    std::optional<json::value> sent;
    if (body) {
      auto made = body(given);
      if (!made)
        return report(made.failure());
      sent = std::move(*made);
    }
    auto server = client::of(given);
    if (!server)
      return report(server.failure());
    const auto target = path(given, *server);
    if (!target)
      return report(target.failure());
    const auto answer = server->ask(method, *target, sent);
    if (!answer)
      return report(answer.failure());
    print_object(given, *answer);
    return exit_success;
  };
  return about;
}

engine::result<json::value> read_json_file(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>{std::cin}, {});
  } else {
    auto content = read_small_file(file, file_bytes_max);
    if (!content)
      return content.failure();
    text = std::move(*content);
  }
  engine::json_limits limits;
  limits.keys_max = 600; // as definitions may have
  auto value = engine::parse_json(text, limits);
  if (value)
    return value;
  auto why = value.failure();
  why.message = file + ": " + why.message;
  return why;
}

path_maker path_with(std::string prefix, std::string operand,
                     std::string suffix) {
  return [prefix = std::move(prefix), operand = std::move(operand),
          suffix = std::move(suffix)](const arguments& given,
                                      client&) -> engine::result<std::string> {
    const auto value = given.text(operand);
    if (value.find('/') != value.npos)
      return engine::invalid("reference_invalid",
                             operand + " cannot have \"/\" in it: " + value);
    return prefix + escaped(value) + suffix;
  };
}

path_maker with_filter(path_maker path, std::string option) {
  return
    [path = std::move(path), option = std::move(option)](
      const arguments& given, client& server) -> engine::result<std::string> {
      auto out = path(given, server);
      if (out && given.has(option))
        *out += "?" + option.substr(2) + "=" + escaped(given.text(option));
      return out;
    };
}

path_maker path_to(std::string path) {
  return [path = std::move(path)](const arguments&, client&) {
    return engine::result<std::string>{path};
  };
}

} // namespace troupe::cli
