#include "engine/segment_definition.hpp"

#include <array>

namespace troupe::engine {

namespace {

constexpr std::array<std::string_view, 1> contact_only{"contact"};

} // namespace

result<condition> compile_segment(const boost::json::value& written,
                                  const std::string& pointer) {
  condition_options options;
  options.roots = contact_only;
  options.computed_names = false;
  auto rule = condition::compile(written, options, pointer);
  if (!rule)
    return rule;
  const boost::json::value nothing;
  bool reads_segments = false;
  rule->each_read(value_data{nothing},
                  [&](const std::string& path, const auto*) {
                    reads_segments = reads_segments || path == "contact"
                                     || path == "contact.segments"
                                     || path.starts_with("contact.segments.");
                  });
  if (reads_segments)
    return invalid("condition_unknown_root",
                   "a segment asks about others with {\"in_segment\": key}",
                   pointer);
  return rule;
}

} // namespace troupe::engine
