#include "http/routes.hpp"

#include <algorithm>
#include <cassert>

namespace troupe::http {

namespace {

bool is_named(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

/// Whether `a` is to be tried before `b`.
bool is_narrower(const std::vector<std::string>& a,
                 const std::vector<std::string>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const auto& x, const auto& y) {
                                        return !is_named(x) && is_named(y);
                                      });
}

/// Fits `path` on the segments without building any of its own.
bool fits(const std::vector<std::string>& segments, std::string_view path,
          route_match& found) {
  std::size_t start = 1;
  for (const auto& segment : segments) {
    if (start > path.size())
      return false;
    const auto end = std::min(path.find('/', start), path.size());
    const auto part = path.substr(start, end - start);
    if (is_named(segment)) {
      if (part.empty())
        return false;
      found.parameters.emplace_back(
        std::string_view{segment}.substr(1, segment.size() - 2), part);
    } else if (part != segment) {
      return false;
    }
    start = end + 1;
  }
  return start > path.size();
}

} // namespace

std::string_view route_match::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name)
      return value;
  return {};
}

void routes::add(std::string_view method, std::string_view path,
                 std::size_t target) {
  assert(path.starts_with('/'));
  auto& served = methods_of(path);
  assert(std::none_of(served.begin(), served.end(), [&](const auto& each) {
    return each.first == method;
  }));
  served.emplace_back(method, target);
}

routes::methods& routes::methods_of(std::string_view text) {
  auto segments = split(text);
  if (std::none_of(segments.begin(), segments.end(), is_named))
    return plain_[std::string{text}];
  for (auto& each : patterns_)
    if (each.segments == segments)
      return each.served;
  const auto place
    = std::find_if(patterns_.begin(), patterns_.end(), [&](const auto& each) {
        return is_narrower(segments, each.segments);
      });
  return patterns_.insert(place, {std::move(segments), {}})->served;
}

route_match routes::match(std::string_view method,
                          std::string_view path) const {
  route_match found;
  if (const auto plain = plain_.find(path); plain != plain_.end()) {
    choose(plain->second, method, found);
    return found;
  }
  for (const auto& each : patterns_) {
    if (fits(each.segments, path, found)) {
      choose(each.served, method, found);
      return found;
    }
    found.parameters.clear();
  }
  return found;
}

void routes::choose(const methods& served, std::string_view method,
                    route_match& found) {
  const auto find = [&](std::string_view wanted) {
    return std::find_if(served.begin(), served.end(), [&](const auto& each) {
      return each.first == wanted;
    });
  };
  auto chosen = find(method);
  if (chosen == served.end() && method == "HEAD")
    chosen = find("GET");
  if (chosen != served.end()) {
    found.what = route_match::outcome::found;
    found.target = chosen->second;
    return;
  }
  found.what = route_match::outcome::method_not_allowed;
  for (const auto& [each, target] : served) {
    found.allow += found.allow.empty() ? "" : ", ";
    found.allow += each;
    if (each == "GET" && find("HEAD") == served.end())
      found.allow += ", HEAD";
  }
}

} // namespace troupe::http
