#include "cli/settings_reference.hpp"

#include "cli/settings.hpp"
#include "engine/json_text.hpp"

namespace troupe::cli {

namespace {

constexpr std::size_t comment_width = 78;

/// TOML writes these values as JSON does.
std::string literal(const setting& which) {
  return engine::to_json(as_json(value_of({}, which)));
}

std::string_view section_of(const setting& which) {
  return which.name.substr(0, which.name.find('.'));
}

std::string wrapped(std::string_view text) {
  std::string out;
  std::string line = "#";
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > comment_width) {
      out += line + "\n";
      line = "#";
    }
    line += " ";
    line += text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

std::string details_of(const setting& which) {
  const auto text = std::string{which.description} + ". ";
  auto expected = expected_of(which);
  if (expected == "a text")
    return std::string{which.description} + ".";
  expected.front() = static_cast<char>(expected.front() - 'a' + 'A');
  return text + expected + (which.can_reload ? "; SIGHUP changes it." : ".");
}

} // namespace

std::string reference_as_toml() {
  std::string out
    = wrapped("Troupe reads this file when it starts, and again on SIGHUP. "
              "What stands here is over the defaults, TROUPE_… variables are "
              "over this file, flags over both; `troupe config show --origin` "
              "says what won. Each line shows a default.");
  std::string_view section;
  for (const auto& each : all_settings()) {
    if (section_of(each) != section) {
      section = section_of(each);
      out += "\n[" + std::string{section} + "]\n";
    } else {
      out += "\n";
    }
    out += wrapped(details_of(each)) + "#"
           + std::string{each.name.substr(section.size() + 1)} + " = "
           + literal(each) + "\n";
  }
  return out;
}

std::string reference_as_markdown() {
  std::string out = "| key, variable and flag | default | what it is |\n"
                    "|---|---|---|\n";
  for (const auto& each : all_settings())
    out += "| `" + std::string{each.name} + "`<br>`" + variable_of(each)
           + "`<br>`" + std::string{each.flag} + "` | `" + literal(each)
           + "` | " + details_of(each) + " |\n";
  return out;
}

} // namespace troupe::cli
