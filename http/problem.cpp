#include "http/problem.hpp"

#include "http/dialect.hpp"

#include <boost/json.hpp>

#include <array>
#include <string>
#include <utility>

namespace troupe::http {

namespace {

namespace json = boost::json;
using engine::errc;

struct named_status {
  std::string_view name;
  std::uint16_t status;
};

/// Invalid requests whose status says more than 422.
constexpr std::array named_statuses{
  named_status{"malformed_request", 400},
  named_status{"request_timeout", 408},
  named_status{"method_not_allowed", 405},
  named_status{"contact_erased", 410},
  named_status{"payload_too_large", 413},
  named_status{"uri_too_long", 414},
  named_status{"unsupported_media_type", 415},
  named_status{"unsupported_content_encoding", 415},
  named_status{"expectation_failed", 417},
  named_status{"head_too_large", 431},
  named_status{"transfer_coding_not_supported", 501},
  named_status{"deletion_not_supported", 501},
  named_status{"http_version_not_supported", 505},
};

json::string_view as_json(std::string_view text) {
  return {text.data(), text.size()};
}

/// "metadata_too_large" to "Metadata too large".
std::string title_of(std::string_view name) {
  std::string title{name};
  for (auto& c : title)
    c = c == '_' ? ' ' : c;
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - ('a' - 'A'));
  return title;
}

/// "/items/0/email" to "items.0.email", the reference's way to name a field.
std::string path_of(std::string_view pointer) {
  std::string path;
  for (std::size_t i = 1; i < pointer.size(); ++i) {
    const auto escape = pointer.substr(i, 2);
    if (escape == "~1" || escape == "~0") {
      path += escape == "~1" ? '/' : '~';
      ++i;
    } else {
      path += pointer[i] == '/' ? '.' : pointer[i];
    }
  }
  return path;
}

bool asks_to_retry(const engine::error& reason) {
  const auto code = reason.code;
  return reason.name == "idempotency_key_in_progress"
         || code == errc::overloaded || code == errc::rate_limited
         || code == errc::storage_unavailable
         || code == errc::deadline_exceeded;
}

std::string_view name_of(const engine::error& reason) {
  if (!reason.name.empty())
    return reason.name;
  switch (reason.code) {
    // clang-format off
    case errc::invalid_request: return "invalid_request";
    case errc::unauthenticated: return "unauthenticated";
    case errc::forbidden: return "forbidden";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::overloaded: return "overloaded";
    case errc::storage_unavailable: return "storage_unavailable";
    case errc::deadline_exceeded: return "deadline_exceeded";
    case errc::rate_limited: return "rate_limited";
    case errc::none:
    case errc::internal: break;
      // clang-format on
  }
  return "internal";
}

json::object error_object(const engine::error& reason, std::string_view name,
                          std::uint16_t status,
                          const problem_context& context) {
  json::object object;
  object["type"] = as_json(error_type_of(status));
  object["code"] = as_json(name);
  object["message"] = reason.message;
  json::array fields;
  if (!reason.pointer.empty())
    fields.push_back(
      {{"path", path_of(reason.pointer)}, {"message", reason.message}});
  object["fields"] = std::move(fields);
  if (context.retry_after)
    object["retry_after_seconds"]
      = static_cast<double>(context.retry_after->count()) / 1000.0;
  object["request_id"] = as_json(context.request_id);
  return object;
}

} // namespace

std::uint16_t status_of(const engine::error& reason) {
  switch (reason.code) {
    case errc::invalid_request:
      for (const auto& each : named_statuses)
        if (each.name == reason.name)
          return each.status;
      return 422;
    case errc::unauthenticated:
      return 401;
    case errc::forbidden:
      return 403;
    case errc::not_found:
      return 404;
    case errc::conflict:
      return 409;
    case errc::rate_limited:
      return 429;
    case errc::overloaded:
    case errc::storage_unavailable:
    case errc::deadline_exceeded:
      return 503;
    case errc::none:
    case errc::internal:
      break;
  }
  return 500;
}

std::string_view error_type_of(std::uint16_t status) {
  switch (status) {
    case 401:
      return "authentication";
    case 403:
      return "permission";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 429:
      return "rate_limit";
    default:
      return status < 500 ? "invalid_request" : "server_error";
  }
}

json::object problem_object(const engine::error& reason,
                            const problem_context& context) {
  const auto name = name_of(reason);
  const auto status = status_of(reason);
  json::object body;
  body["type"] = "https://troupe.dev/errors/" + std::string{name};
  body["title"] = title_of(name);
  body["status"] = status;
  body["detail"] = reason.message;
  if (!context.instance.empty())
    body["instance"] = as_json(context.instance);
  body["code"] = as_json(name);
  body["request_id"] = as_json(context.request_id);
  json::array errors;
  if (!reason.pointer.empty())
    errors.push_back({{"pointer", reason.pointer}, {"detail", reason.message}});
  body["errors"] = std::move(errors);
  body["error"] = error_object(reason, name, status, context);
  if (!context.dependants.empty()) {
    auto& dependants = body["dependants"].emplace_array();
    for (const auto& [kind, key] : context.dependants)
      dependants.push_back({{"kind", kind}, {"key", key}});
  }
  return body;
}

response to_response(const engine::error& reason,
                     const problem_context& given) {
  auto context = given;
  context.retry_after = retry_after_of(reason, given);
  response answer;
  answer.status = status_of(reason);
  answer.content_type = "application/problem+json";
  answer.body = json::serialize(problem_object(reason, context));
  append_retry_after(answer.headers, context.retry_after);
  if (answer.status == 401)
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

response refusal_of(const engine::error& reason, const problem_context& context,
                    const dialect* speaks) {
  return speaks == nullptr ? to_response(reason, context)
                           : speaks->refuse(reason, context);
}

std::optional<std::chrono::milliseconds>
retry_after_of(const engine::error& reason, const problem_context& context) {
  if (!context.retry_after && asks_to_retry(reason))
    return std::chrono::seconds{1};
  return context.retry_after;
}

void append_retry_after(header_fields& to,
                        std::optional<std::chrono::milliseconds> after) {
  using std::chrono::seconds;
  if (after)
    to.emplace_back("Retry-After",
                    std::to_string(std::chrono::ceil<seconds>(*after).count()));
}

engine::error to_error(refusal reason) {
  switch (reason) {
    case refusal::malformed:
      break;
    case refusal::timed_out:
      return engine::invalid("request_timeout",
                             "The request did not arrive in time.");
    case refusal::body_too_large:
      return engine::invalid("payload_too_large",
                             "The body is larger than this address takes.");
    case refusal::target_too_long:
      return engine::invalid("uri_too_long", "The request target is too long.");
    case refusal::bad_expectation:
      return engine::invalid("expectation_failed",
                             "Only `Expect: 100-continue` is understood.");
    case refusal::head_too_large:
      return engine::invalid("head_too_large",
                             "The header section is too large.");
    case refusal::coding_unknown:
      return engine::invalid("transfer_coding_not_supported",
                             "Only the transfer coding `chunked` is taken.");
    case refusal::version_unknown:
      return engine::invalid("http_version_not_supported",
                             "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
  }
  return engine::invalid("malformed_request",
                         "The request is not valid HTTP/1.1.");
}

} // namespace troupe::http
