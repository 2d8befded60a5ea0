// What becomes of a server that cannot have the memory it needs.
#pragma once

namespace troupe::cli {

/// From now on `new` that fails ends the process, which starts again from what
/// is durable. An exception would not do: CAF 0.17 may leave an actor that has
/// a message and is never run, and Asio a socket that nothing listens to.
void end_when_out_of_memory();

} // namespace troupe::cli
