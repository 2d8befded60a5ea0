#include "cli/json_members.hpp"

namespace troupe::cli {

namespace json = boost::json;

std::uint64_t number_in(const json::value& of, const char* pointer) {
  json::error_code none;
  const auto* found = of.find_pointer(pointer, none);
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
           ? static_cast<std::uint64_t>(found->get_int64())
           : 0;
}

std::string text_in(const json::value& of, const char* pointer) {
  json::error_code none;
  const auto* found = of.find_pointer(pointer, none);
  return found != nullptr && found->is_string()
           ? std::string{found->get_string()}
           : std::string{};
}

json::object as_json(const engine::error& why) {
  return {
    {"code", why.name}, {"detail", why.message}, {"pointer", why.pointer}};
}

} // namespace troupe::cli
