// A name server of the test's own: while one lives, look-ups of the names it
// knows get its answers, one list per look-up, the last one repeated; no other
// name but localhost exists. It stands in for getaddrinfo of the
// whole test program, so that curl's own resolver threads meet it.
#pragma once

#include <string>
#include <vector>

namespace troupe::test {

class fake_names {
public:
  fake_names();
  ~fake_names();

  fake_names(const fake_names&) = delete;
  fake_names& operator=(const fake_names&) = delete;

  void add(const std::string& name,
           std::vector<std::vector<std::string>> answers);

  /// Look-ups of this name do not end before the object does.
  void add_hanging(const std::string& name);

  [[nodiscard]] int lookups(const std::string& name) const;
};

} // namespace troupe::test
