#include "engine/json_members.hpp"

#include "engine/json_pointer.hpp"
#include "engine/nearest.hpp"

#include <algorithm>
#include <string>

namespace troupe::engine {

status check_members(const boost::json::object& from,
                     std::initializer_list<std::string_view> known) {
  for (const auto& item : from) {
    const std::string_view name = item.key();
    if (std::find(known.begin(), known.end(), name) != known.end())
      continue;
    std::string message = "there is no such field";
    if (const auto near = nearest(name, known); !near.empty())
      message += "; did you mean `" + std::string{near} + "`?";
    return invalid("field_unknown", std::move(message), pointer_to("", name));
  }
  return success();
}

} // namespace troupe::engine
