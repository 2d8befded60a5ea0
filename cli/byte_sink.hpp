// Bytes into a file or to standard output, packed by the end of the file's
// name: `.gz` or `.zst`.
#pragma once

#include "engine/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace troupe::cli {

class byte_sink {
public:
  /// @param file empty or "-": standard output
  /// @returns `file_unwritable`
  static engine::result<byte_sink> open(const std::string& file);

  byte_sink(byte_sink&&) noexcept;
  byte_sink& operator=(byte_sink&&) noexcept;
  ~byte_sink();

  /// @returns `file_unwritable`
  engine::status write(std::string_view bytes);

  /// Ends what is packed and gives the file its name: without it what was
  /// there before stays.
  /// @returns `file_unwritable`
  engine::status finish();

private:
  struct parts;
  explicit byte_sink(std::unique_ptr<parts> of);

  std::unique_ptr<parts> parts_;
};

} // namespace troupe::cli
