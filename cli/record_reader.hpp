// The records of a file, one after the other: lines, or rows of a table. Holds
// one buffer, however large the file is.
#pragma once

#include "cli/byte_source.hpp"
#include "cli/csv.hpp"
#include "http/doors/loose_json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// Of one record: what the server takes.
inline constexpr auto record_bytes_max = http::loose_event_bytes_max;

/// `record_too_long`
engine::error record_too_long();

enum class record_kind { line, csv };

struct file_record {
  std::uint64_t number = 0;       // from 1
  std::uint64_t offset = 0;       // of the unpacked text
  std::uint64_t end = 0;          // where the next one begins
  std::string_view text;          // without its line break; until the next call
  std::vector<std::string> cells; // of a row
  /// `record_too_long`, `quote_open`; then there is no more of it than `text`.
  std::optional<engine::error> failure;
};

class record_reader {
public:
  record_reader(byte_source from, record_kind kind)
    : from_(std::move(from)), kind_(kind) {}

  /// What the text begins with, at most this long, before any record is read.
  engine::result<std::string_view> peek(std::size_t most);

  /// Nothing at the end. @returns what the source says
  engine::result<std::optional<file_record>> next();

  /// Goes on at a record that an earlier reader of the same file came to.
  /// @pre offset is not behind where it is
  engine::status go_to(std::uint64_t offset, std::uint64_t number);

  [[nodiscard]] const byte_source& source() const {
    return from_;
  }

private:
  engine::status fill();
  void pass(std::size_t bytes);
  [[nodiscard]] std::string_view rest() const;
  engine::result<std::optional<file_record>> found();
  engine::result<std::optional<file_record>> cut_off(engine::error why);

  byte_source from_;
  record_kind kind_;
  std::string buffer_;
  std::size_t at_ = 0; // in the buffer
  std::string cut_;    // what is shown of a record that was too long
  bool is_all_ = false;
  std::uint64_t offset_ = 0;
  std::uint64_t number_ = 1;
};

} // namespace troupe::cli
