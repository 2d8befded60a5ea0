// What the subcommands that speak to a server have in common.
#pragma once

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// Makes a path of what was given, "/v1/keys/key_…", or says what is wrong with
/// it. It may ask the server.
using path_maker
  = std::function<engine::result<std::string>(const arguments&, client&)>;

/// Makes a body of what was given, or says what is wrong with it.
using body_maker
  = std::function<engine::result<boost::json::value>(const arguments&)>;

/// `--output` and how to reach the server, behind the options that are there;
/// an option of the command's own name wins over an alias.
void add_client_options(command& to);

/// A command that shows a list, `--limit` entries of it.
command list_command(command about, path_maker path,
                     std::vector<column> columns);

/// A command that makes one request and shows the object that it answers.
command call_command(command about, std::string method, path_maker path,
                     body_maker body = {});

/// Where FILE is "-", standard input.
/// @returns `file_unreadable`, or what engine::parse_json says
engine::result<boost::json::value> read_json_file(const std::string& file);

/// A `path_maker` of an operand: prefix, its value escaped, suffix. A value
/// with
/// "/" in it, which the server refuses in paths, is refused here.
path_maker path_with(std::string prefix, std::string operand,
                     std::string suffix = {});

/// One that is always the same.
path_maker path_to(std::string path);

/// With the option's value as a parameter of the query, when it is given.
path_maker with_filter(path_maker path, std::string option);

} // namespace troupe::cli
