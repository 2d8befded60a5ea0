// Tables as text: what is written is read again, whatever is in the cells.
#include "cli/csv.hpp"
#include "cli/csv_events.hpp"
#include "engine/json_text.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace troupe::cli;

namespace {

using row = std::vector<std::string>;

row cells_of(std::string_view text) {
  const auto record = read_csv_record(text, true);
  return record ? record->cells : row{};
}

std::string
line_of(const row& header, const row& cells, const std::string& type = {},
        const std::vector<std::pair<std::string, std::string>>& map = {}) {
  const auto made = csv_events::of(header, type, map);
  if (!made)
    return made.failure().name;
  const auto line = made->line_of(cells);
  return line ? *line : line.failure().name;
}

std::string written(const std::string& cell) {
  std::string out;
  append_csv_cell(out, cell);
  return out;
}

} // namespace

TEST_CASE("cells in quotes hold commas, quotes and line breaks", "[csv]") {
  CHECK(cells_of("a,b,c\n") == row{"a", "b", "c"});
  CHECK(cells_of("a,\"b,\"\"c\"\"\r\nd\",\r\n")
        == row{"a", "b,\"c\"\r\nd", ""});
  CHECK(cells_of("a\"b,c") == row{"a\"b", "c"});
  CHECK(cells_of(",") == row{"", ""});
  const auto first = read_csv_record("a,b\r\nc,d\r\n", false);
  REQUIRE(first);
  CHECK(first->bytes == 5);
  CHECK_FALSE(read_csv_record("a,\"b", false));
  CHECK_FALSE(read_csv_record("a,\"b\"", false)); // it may be doubled
  CHECK(read_csv_record("a,\"b", true)->has_open_quote);
  CHECK_FALSE(read_csv_record("", true));
}

TEST_CASE("P6 no cell is a formula", "[csv]") {
  for (const std::string begin : {"=", "+", "-", "@", "\t"}) {
    CHECK(written(begin + "1") == "'" + begin + "1");
    CHECK(without_guard("'" + begin + "1") == begin + "1");
  }
  CHECK(written("\rx") == "\"'\rx\"");
  CHECK(written("=1,2") == "\"'=1,2\"");
  CHECK(written("'=1") == "''=1");
  CHECK(written("it's") == "it's");
  CHECK(without_guard("'tis") == "'tis");
}

TEST_CASE("whatever is written is read again, however it is cut", "[csv]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 dice{seed};
  const std::string letters = "ab,\"\r\n'=+-@\t x\xC3\xA9";
  const auto up_to = [&dice](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(dice);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<row> rows(1 + up_to(4));
    std::string text;
    for (auto& each : rows) {
      each.resize(2 + up_to(3));
      for (std::size_t i = 0; i < each.size(); ++i) {
        for (auto size = up_to(8); size > 0; --size)
          each[i] += letters[up_to(letters.size() - 1)];
        text += i == 0 ? "" : ",";
        append_csv_cell(text, each[i]);
      }
      text += "\r\n";
    }
    std::vector<row> found;
    std::size_t begin = 0;
    std::size_t seen = 0; // of the text
    while (begin < text.size()) {
      auto record
        = read_csv_record(std::string_view{text}.substr(begin, seen - begin),
                          seen == text.size());
      if (!record) {
        seen = std::min(text.size(), seen + 1 + up_to(5));
        continue;
      }
      for (auto& cell : record->cells)
        cell = without_guard(cell);
      found.push_back(std::move(record->cells));
      begin += record->bytes;
    }
    REQUIRE(found == rows);
  }
}

TEST_CASE("cells become numbers and booleans where nothing gets lost",
          "[csv]") {
  const auto shown = [](std::string_view cell) {
    return troupe::engine::to_json(cell_value(cell));
  };
  CHECK(shown("12") == "12");
  CHECK(shown("-4.5") == "-4.5");
  CHECK(shown("true") == "true");
  for (const auto* text : {"007", "+44", "12E45", "12 ", "True", "NaN", "-",
                           "1234567890123456", "2026-01-01"})
    CHECK(shown(text) == "\"" + std::string{text} + "\"");
}

TEST_CASE("columns are told by their names", "[csv]") {
  CHECK(
    line_of({"event", "user_id", "email", "total", "timestamp", "id",
             "properties.plan"},
            {"paid", "u1", "a@b.c", "4.5", "2024-01-01T00:00:00Z", "m1", "pro"})
    == R"({"type":"paid","occurred_at":"2024-01-01T00:00:00Z",)"
       R"("message_id":"m1","contact":{"external_id":"u1",)"
       R"("email":"a@b.c"},"metadata":{"total":4.5,"plan":"pro"}})");
  CHECK(
    line_of({"id", "name"}, {"u1", "Ada"}, "$identify", {{"id", "external_id"}})
    == R"({"type":"$identify","contact":{"external_id":"u1"},)"
       R"("metadata":{"traits":{"name":"Ada"}}})");
  CHECK(line_of({"type", "x", "properties"}, {"paid", "", R"({"a":[1]})"})
        == R"({"type":"paid","contact":{},"metadata":{"a":[1]}})");
  CHECK(line_of({"type", "a"}, {"paid"}) == "cells_mismatch");
  CHECK(line_of({"type", "properties"}, {"paid", "[1]"}) == "cell_invalid");
  CHECK(line_of({"a"}, {"1"}) == "columns_invalid");
  CHECK(line_of({"type", "event"}, {"a", "b"}) == "columns_invalid");
  CHECK(line_of({"type"}, {"a"}, "", {{"b", "email"}}) == "columns_invalid");
  CHECK(line_of({"type"}, {"a"}, "", {{"type", "none"}}) == "columns_invalid");
}
