// Bytes of a file or of standard input, unpacked when they are gzip or zstd.
#pragma once

#include "engine/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe::cli {

class byte_source {
public:
  /// @param file "-": standard input
  /// @returns `file_unreadable`
  static engine::result<byte_source> open(const std::string& file);

  byte_source(byte_source&&) noexcept;
  byte_source& operator=(byte_source&&) noexcept;
  ~byte_source();

  /// @returns how many bytes there were, 0 at the end; `file_unreadable`,
  /// `file_damaged`
  engine::result<std::size_t> read(char* into, std::size_t most);

  /// Passes over bytes. @returns as read()
  engine::status skip(std::uint64_t bytes);

  /// How much of the file has been read, as it is on the disk.
  [[nodiscard]] std::uint64_t consumed() const;

  /// How much there is; nothing of what is no file.
  [[nodiscard]] std::optional<std::uint64_t> size() const;

private:
  struct parts;
  explicit byte_source(std::unique_ptr<parts> of);

  std::unique_ptr<parts> parts_;
};

} // namespace troupe::cli
