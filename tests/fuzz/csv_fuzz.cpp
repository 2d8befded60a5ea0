// Tables: a record has an end within the text, and is read the same when the
// text comes whole.
#include "cli/csv.hpp"
#include "tests/fuzz/invariant.hpp"

#include <cstddef>
#include <cstdint>

using namespace troupe::cli;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  auto text = troupe::fuzz::as_text(data, size);
  while (!text.empty()) {
    const auto whole = read_csv_record(text, true);
    troupe::fuzz::demand(whole && whole->bytes > 0
                         && whole->bytes <= text.size());
    if (const auto part = read_csv_record(text, false))
      troupe::fuzz::demand(part->cells == whole->cells
                           && part->bytes == whole->bytes);
    if (!whole->has_open_quote) {
      std::string written;
      for (const auto& cell : whole->cells) {
        written += written.empty() && &cell == &whole->cells.front() ? "" : ",";
        append_csv_cell(written, cell);
      }
      const auto again = read_csv_record(written + "\n", true);
      troupe::fuzz::demand(again && again->cells.size() == whole->cells.size());
      for (std::size_t i = 0; i < whole->cells.size(); ++i)
        troupe::fuzz::demand(without_guard(again->cells[i]) == whole->cells[i]);
    }
    text.remove_prefix(whole->bytes);
  }
  return 0;
}
