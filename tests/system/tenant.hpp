// Workspaces and keys of a case's own, on the shared server.
#pragma once

#include "tests/system/fixture.hpp"

#include <stdexcept>
#include <string>

namespace troupe::test {

/// A workspace of its own, with a key of every scope but `admin`.
struct tenant {
  explicit tenant(api_client& admin)
    : made{admin.post("/v1/workspaces",
                      R"({"name":")" + fresh("tenant ") + "\"}")},
      api{shared_server().port(), made.text("/key")} {
    if (made.status != 201)
      throw std::runtime_error{"no workspace: " + made.body};
  }

  [[nodiscard]] std::string id() const {
    return made.text("/id");
  }

  api_answer made;
  api_client api;
};

class access_case : protected with_server {
protected:
  api_answer make_key(api_client& by, const std::string& scopes,
                      const std::string& kind = "secret") {
    return by.post("/v1/keys", R"({"name":"k","kind":")" + kind
                                 + R"(","scopes":)" + scopes + "}");
  }

  static api_client with_key(const api_answer& made) {
    return api_client{shared_server().port(), made.text("/key")};
  }
};

} // namespace troupe::test
