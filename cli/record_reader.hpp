// The records of a file, one after the other: lines, or rows of a table. Holds
// one buffer, however large the file is.
#pragma once

#include "cli/byte_source.hpp"
#include "cli/csv.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// Of one record.
inline constexpr std::size_t record_bytes_max = std::size_t{768} * 1024;

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
  std::optional<file_record> found();
  file_record cut_off(std::string_view code, std::string_view message);

  byte_source from_;
  record_kind kind_;
  std::string buffer_;
  std::size_t at_ = 0; // in the buffer
  bool is_all_ = false;
  bool is_skipping_ = false; // the rest of a line that was too long
  std::uint64_t offset_ = 0;
  std::uint64_t number_ = 1;
};

} // namespace troupe::cli
