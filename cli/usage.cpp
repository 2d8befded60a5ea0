#include "cli/usage.hpp"

#include <algorithm>

namespace troupe::cli {

namespace {

std::string words_of(const option& which) {
  return which.name + (which.value.empty() ? "" : " " + which.value);
}

std::string alternatives(const command& of) {
  std::string out;
  for (const auto& name : of.one_of) {
    const auto found = std::find_if(of.options.begin(), of.options.end(),
                                    [&name](const option& each) {
                                      return each.name == name;
                                    });
    out += (out.empty() ? "" : " | ")
           + (found == of.options.end() ? name : words_of(*found));
  }
  return out;
}

bool is_one_of(const command& of, const std::string& name) {
  return std::find(of.one_of.begin(), of.one_of.end(), name) != of.one_of.end();
}

} // namespace

std::string usage_of(const std::string& path, const command& what) {
  auto out = path + " " + what.name;
  if (!what.run)
    return out + " COMMAND [OPTION ...]";
  for (const auto& each : what.operands)
    if (!is_one_of(what, each.name))
      out += (each.is_required ? " " : " [") + each.name
             + (each.may_repeat ? " ..." : "") + (each.is_required ? "" : "]");
  for (const auto& each : what.options)
    if (each.is_required)
      out += " " + words_of(each);
  if (!what.one_of.empty())
    out += " (" + alternatives(what) + ")";
  return out + " [OPTION ...]";
}

} // namespace troupe::cli
