// Every class of text that a JSON parser's test suite has, as the value of an
// event's property (J1–J8): what is refused is refused with its code, what is
// taken reads back equal, and to the byte as it was sent.
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "tests/system/fixture.hpp"
#include "tests/system/text_table.hpp"

#include <map>

using namespace troupe::test;

namespace {

std::string unescaped(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return bytes;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "J1 J2 J3 J4 J5 what is JSON is kept as it is, and nothing "
                 "else is taken",
                 "[system][json_table]") {
  const auto who = fresh("usr_table_");
  std::map<std::string, int> seen;
  std::size_t kept = 0;
  for (const auto& row : read_table("json_texts.txt")) {
    const auto text = unescaped(with_repeats(row.text, "%(", ')'));
    const auto made = api.emit(
      event_body("table.sent", by_external_id(who), "{\"a\":" + text + "}"));
    INFO(row.name << "\n" << made.body);
    ++seen[row.name.substr(0, 2)];
    if (row.verdict != "=") {
      CHECK(made.status == 422);
      CHECK(made.code() == row.verdict);
      continue;
    }
    // A reader of the suite takes its n_ texts nowhere.
    CHECK_FALSE(row.name.starts_with("n_"));
    REQUIRE(made.status == 200);
    ++kept;
    const auto shown = event_of(api, made);
    CHECK(shown.body.find("\"metadata\":{\"a\":" + text + "}")
          != std::string::npos);
    const auto sent = troupe::engine::parse_json(text);
    REQUIRE(sent);
    CHECK(troupe::engine::canonical_json(shown.at("/metadata/a"))
          == troupe::engine::canonical_json(*sent));
  }
  CHECK(seen["y_"] >= 95);
  CHECK(seen["n_"] >= 187);
  CHECK(seen["i_"] == 35);
  std::size_t stored = 0;
  std::string cursor;
  while (true) {
    const auto page
      = api.get("/v1/events?limit=100&contact[external_id]=" + who + cursor);
    stored += page.at("/data").as_array().size();
    if (!page.at("/has_more").as_bool())
      break;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
  CHECK(stored == kept);
}
