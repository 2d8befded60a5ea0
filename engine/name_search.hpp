// Finds what names a contact in texts that nobody has understood: events that
// were rejected.
#pragma once

#include <boost/json/fwd.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

class name_search {
public:
  /// @param names keys and values of the contact's identities
  explicit name_search(const std::vector<std::string>& names);

  [[nodiscard]] bool has_names() const {
    return !names_.empty();
  }

  /// JSON: a member whose name ends in "id" may hold any of them, another one
  /// an e-mail address or a phone number. What is cut is read as text.
  [[nodiscard]] bool is_in_body(std::string_view body) const;

  /// E-mail addresses and phone numbers only: other names are words like any.
  [[nodiscard]] bool is_in_text(std::string_view text) const;

private:
  [[nodiscard]] bool is_in(const boost::json::value& what,
                           std::string_view member) const;
  [[nodiscard]] bool is_name(std::string_view text, bool of_id) const;

  std::set<std::string, std::less<>> names_;
};

} // namespace troupe::engine
