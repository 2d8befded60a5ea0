// Files that the binary carries, as answers.
#pragma once

#include "http/embedded_files.hpp"
#include "http/visit.hpp"

namespace troupe::http {

/// Sends the file, gzipped to whom takes that, or 304 to whom has it.
/// @param headers what goes with it beside its type and tag
void send_file(visit& now, const embedded_file& file, header_fields headers);

} // namespace troupe::http
