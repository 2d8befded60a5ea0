// What is told of an import: how many lines were taken, and what was with the
// others.
#pragma once

#include "http/visit.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace troupe::http {

class import_report {
public:
  /// @param first_line number in the file of the request's first one
  import_report(const visit& now, std::uint64_t first_line, bool is_dry_run);

  void accept();
  void repeat(std::size_t index);
  void reject(std::size_t index, const engine::error& why);

  [[nodiscard]] response answer() const;

private:
  std::string request_id_;
  std::string path_;
  std::uint64_t first_line_;
  bool is_dry_run_;
  std::uint64_t accepted_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t rejected_ = 0;
  std::map<std::size_t, boost::json::object> lines_; // by index
};

} // namespace troupe::http
