// `troupe webhooks verify`: says whether a delivery's signature is good.
#pragma once

#include "cli/command.hpp"

namespace troupe::cli {

int verify_webhook(const arguments& given);

} // namespace troupe::cli
