// How the GrowthOS door is called, and how it shows an event.
#pragma once

#include "tests/system/door_case.hpp"

#include <string>

namespace troupe::test {

class growthos : protected door_case {
protected:
  api_answer call(const std::string& kind, const std::string& members) {
    return own.api.post("/v1/" + kind, "{" + members + "}");
  }

  /// The newest event of the contact, in the door's own envelope.
  api_answer newest(const std::string& who = "") {
    return events("format=growthos&contact[external_id]="
                  + (who.empty() ? user : who));
  }

  std::string by_user = R"("user_id":")" + user + "\"";
};

} // namespace troupe::test
