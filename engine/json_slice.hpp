// Finds the bytes of values in a JSON text without reading it whole.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

/// Names and values, as written.
using member_slices
  = std::vector<std::pair<std::string_view, std::string_view>>;

/// @param object a valid JSON object, possibly with blanks around it
/// @param name a name that needs no escapes
/// @returns the value's bytes within `object`, without blanks around them
std::optional<std::string_view> find_member(std::string_view object,
                                            std::string_view name);

/// The members of an object: names as written, values without blanks around
/// them. Only what stands between them is looked at: a name or a value may be
/// no JSON, and must be read before it is trusted.
/// @returns nothing when the text is no object, or when more follows it
std::optional<member_slices> members_of(std::string_view object);

/// Likewise the elements of an array.
std::optional<std::vector<std::string_view>>
elements_of(std::string_view array);

/// The value of the first member of that name, as written.
std::optional<std::string_view> value_of(const member_slices& members,
                                         std::string_view name);

/// Likewise, when it is a text: without its quotes, escapes as written.
std::optional<std::string_view> text_of(const member_slices& members,
                                        std::string_view name);

/// The members of an object, and in the same pass the elements of one of them.
struct outline {
  member_slices members;
  /// None: there is no such member, or it is no array.
  std::optional<std::vector<std::string_view>> elements;
};

/// @param list the name of that member
/// @returns nothing also when there are two of that name
std::optional<outline> outline_of(std::string_view object,
                                  std::string_view list);

} // namespace troupe::engine
