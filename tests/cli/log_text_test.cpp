// What a log line can hold: one event is one line, whatever is said in it.
#include "cli/log_text.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe::cli;

namespace {

std::string json_line(const std::string& value) {
  return as_json_line(
    {"2026-04-20T11:34:00Z", log_level::info, value, {{"request_id", value}}});
}

std::string text_line(const std::string& value) {
  return as_text_line(
    {"2026-04-20T11:34:00Z", log_level::info, value, {{"request_id", value}}},
    false);
}

const std::vector<std::string>& hostile() {
  static const std::vector<std::string> all{
    "one\ntwo",
    "one\r\ntwo",
    "\x1b[2J\x1b[31mred",
    "\x9b"
    "31m",
    "tab\tbell\a",
    std::string{"nul\0byte", 8},
    "\x7f",
    "\xc2\x9b"
    "31m",
    "\xe2\x80\xa8line",
    "\xe2\x80\xaegnp.exe",
    "\xe2\x81\xa6iso",
    "\xd8\x9c",
    "\xef\xbb\xbf"
    "bom",
    "\xf3\xa0\x80\x81tag",
    "\xff\xfe",
    "\xed\xa0\x80",
    R"(","level":"error)",
    "a=b c=\"d\" \\",
  };
  return all;
}

bool is_visible(std::string_view line) {
  for (const auto* hidden :
       {"\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c",
        "\xef\xbb\xbf", "\xf3\xa0\x80\x81"})
    if (line.find(hidden) != line.npos)
      return false;
  return std::all_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
  });
}

} // namespace

TEST_CASE("L1 a value cannot end its line, move the cursor or turn the text",
          "[cli][log]") {
  for (const auto& value : hostile()) {
    for (auto line : {json_line(value), text_line(value)}) {
      INFO(line);
      REQUIRE(line.ends_with("\n"));
      line.pop_back();
      CHECK(is_visible(line));
    }
  }
}

TEST_CASE("L1 a JSON line says again what was said", "[cli][log]") {
  for (const auto& value : hostile()) {
    const auto read = boost::json::parse(json_line(value)).as_object();
    CHECK(read.size() == 4);
    CHECK(read.at("level").as_string() == "info");
    const auto& got = read.at("msg").as_string();
    if (value.front() != '\xff' && value.front() != '\xed'
        && value.front() != '\x9b')
      CHECK(std::string_view{got.data(), got.size()} == value);
    CHECK(read.at("request_id") == read.at("msg"));
  }
}

TEST_CASE("a text line quotes what would be taken for another field",
          "[cli][log]") {
  CHECK(as_text_line(
          {"T", log_level::warn, "said", {{"a", "b"}, {"c", "d e=f"}}}, false)
        == "T warn said a=b c=\"d e=f\"\n");
  CHECK(as_text_line({"T", log_level::warn, "said", {{"a", ""}}}, true)
        == "T \x1b[33mwarn\x1b[0m said a=\"\"\n");
}

TEST_CASE("a long value is cut", "[cli][log]") {
  CHECK(json_line(std::string(100'000, 'x')).size() < 5'000);
}
