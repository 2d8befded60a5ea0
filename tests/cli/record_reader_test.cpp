// Records of a file, and where one that was ended goes on.
#include "cli/import_state.hpp"
#include "cli/record_reader.hpp"
#include "cli/rejects_file.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace troupe::cli;
using troupe::test::temporary_directory;

namespace {

struct file_case {
  [[nodiscard]] std::string path(const std::string& name) const {
    return directory.path() + "/" + name;
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }

  [[nodiscard]] record_reader reader_of(const std::string& text,
                                        record_kind kind) const {
    auto source = byte_source::open(write("text", text));
    REQUIRE(source);
    return {std::move(*source), kind};
  }

  temporary_directory directory;
};

} // namespace

TEST_CASE_METHOD(file_case,
                 "each record ends where the next one begins, also one that is "
                 "too long",
                 "[record_reader]") {
  const auto kind = GENERATE(record_kind::line, record_kind::csv);
  const auto text = "a\n" + std::string(3 * record_bytes_max, 'x') + "\nb\nc\n";
  auto whole = reader_of(text, kind);
  std::vector<file_record> all;
  for (;;) {
    auto record = whole.next();
    REQUIRE(record);
    if (!*record)
      break;
    (*record)->text = {};
    all.push_back(std::move(**record));
  }
  REQUIRE(all.size() == 4);
  REQUIRE(all[1].failure);
  CHECK(all[1].failure->name == "record_too_long");
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    CHECK(all[i].end == all[i + 1].offset);
    auto later = reader_of(text, kind);
    REQUIRE(later.go_to(all[i].end, all[i].number + 1));
    const auto next = later.next();
    REQUIRE(next);
    REQUIRE(*next);
    CHECK((*next)->offset == all[i + 1].offset);
    CHECK((*next)->number == all[i + 1].number);
    CHECK((*next)->failure.has_value() == all[i + 1].failure.has_value());
  }
}

TEST_CASE_METHOD(file_case,
                 "a state that does not say where it goes on is none",
                 "[import_state]") {
  const auto whole = path("state");
  REQUIRE(write_import_state(whole, {}));
  REQUIRE(read_import_state(whole));
  const auto bare = read_import_state(write("bare", R"({"offset":7})"));
  REQUIRE_FALSE(bare);
  CHECK(bare.failure().name == "state_unreadable");
  CHECK_FALSE(try_import_state(path("no/directory")));
}

TEST_CASE_METHOD(file_case, "rejects go on only where they were left",
                 "[rejects_file]") {
  const auto file = path("rejects");
  REQUIRE(rejects_file::open(file, 0));
  CHECK(std::filesystem::status(file).permissions()
        == (std::filesystem::perms::owner_read
            | std::filesystem::perms::owner_write));
  const auto shorter = rejects_file::open(file, 7);
  REQUIRE_FALSE(shorter);
  CHECK(shorter.failure().name == "rejects_changed");
  CHECK_FALSE(rejects_file::open(path("missing"), 7));
  // A run that writes none keeps how much there is.
  auto none = rejects_file::open({}, 7);
  REQUIRE(none);
  CHECK(*none->flush() == 7);
}
