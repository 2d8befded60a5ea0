// The links of an HTML text: where they lead may be changed. What is not a
// link stays as it is, byte for byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace troupe::outbound {

/// The URL that takes the place of this one; empty: it stays.
using link_change = std::function<std::string(const std::string& url)>;

/// Of `<a href>` and `<area href>` with http and https URLs.
/// @pre what `change` returns has no quotes, blanks, `<`, `>` or `&`
std::string with_links(std::string_view html, const link_change& change);

/// At its end, within `<body>` when it has one.
std::string with_picture(std::string html, const std::string& url);

} // namespace troupe::outbound
