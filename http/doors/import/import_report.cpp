#include "http/doors/import/import_report.hpp"

#include "http/problem.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

import_report::import_report(const visit& now, std::uint64_t first_line,
                             bool is_dry_run)
  : request_id_{now.what.id.view()},
    path_{now.path},
    first_line_{first_line},
    is_dry_run_{is_dry_run} {}

void import_report::accept() {
  ++accepted_;
}

void import_report::repeat(std::size_t index) {
  ++duplicates_;
  lines_[index] = {{"line", first_line_ + index}, {"status", "duplicate"}};
}

void import_report::reject(std::size_t index, const engine::error& why) {
  ++rejected_;
  lines_[index]
    = {{"line", first_line_ + index},
       {"status", "rejected"},
       {"error", problem_object(why, {request_id_, path_, std::nullopt})}};
}

response import_report::answer() const {
  json::array lines;
  for (const auto& [index, about] : lines_)
    lines.emplace_back(about);
  return json_response(json::object{{"accepted", accepted_},
                                    {"duplicates", duplicates_},
                                    {"rejected", rejected_},
                                    {"dry_run", is_dry_run_},
                                    {"lines", std::move(lines)}});
}

} // namespace troupe::http
