// Log lines of the process on stderr: JSON, one object a line, or text. Never
// secrets, never what events say, never who a contact is.
//
// Nobody waits for who reads stderr: while the process serves, lines gather for
// a thread of their own, up to a bound; what is over it is counted and left
// out.
#pragma once

#include "cli/log_text.hpp"
#include "cli/settings.hpp"

#include <string_view>

namespace troupe::cli {

/// Level and format, from now on. Any thread.
void set_log(const settings& from);

/// Whether lines of that level are written. Any thread.
bool is_logged(log_level which);

/// Any thread.
void log_line(log_level level, std::string_view message,
              const log_fields& about = {});

/// From now on a thread writes. The signals it lives with are those of the
/// caller.
void start_log_writer();

/// Whether lines go to a terminal. What is shown once may be shown there only:
/// all else that stderr can be is kept somewhere (L2).
bool is_terminal();

/// Waits, not for long, until all lines are out.
void flush_log();

} // namespace troupe::cli
