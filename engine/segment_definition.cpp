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
  return condition::compile(written, options, pointer);
}

} // namespace troupe::engine
