// Who may do what, for every operation that the server describes
// (tests/http/description_test.cpp holds the description to the router): with
// every kind of key, in every place a key does not belong, and on what another
// workspace has (A3, A4, I1, I6, F13). What is expected is made from the
// description, so that a new route is in it without being named here.
#include "engine/json_text.hpp"
#include "engine/time.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>

namespace json = boost::json;
using namespace troupe::test;

namespace {

const std::vector<std::string> scopes{"events:write", "events:read", "manage",
                                      "system:emit", "admin"};

const std::string full
  = R"(["events:write","events:read","manage","system:emit","admin"])";

/// What only the one workspace has in its data.
const std::string marker = "only-of-ada";

struct operation {
  std::string method;
  std::string pattern;
  std::optional<std::string> scope; // none: open
  bool of_a_door = false;           // refuses in the words of its product
  bool is_stream = false;
  std::vector<std::string> parameters; // of the query
  std::string body;                    // that the description shows
};

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  return out;
}

const json::value* find(const json::value& in, const std::string& pointer) {
  json::error_code failure;
  return in.find_pointer(pointer, failure);
}

/// Follows a reference to another place of the document.
const json::value& resolved(const json::value& all, const json::value& at) {
  const auto* reference = find(at, "/$ref");
  return reference == nullptr
           ? at
           : *find(all, std::string{reference->as_string().subview(1)});
}

operation operation_of(const json::value& all, std::string_view pattern,
                       std::string_view method, const json::value& about) {
  operation out;
  out.method = upper(method);
  out.pattern = pattern;
  if (const auto* scope = find(about, "/x-scope"))
    out.scope = std::string{scope->as_string()};
  out.of_a_door
    = about.at("tags").at(0).as_string() == "Doors of other products";
  if (const auto* content = find(about, "/responses/200/content"))
    for (const auto& each : content->as_object())
      out.is_stream = out.is_stream || each.key() == "text/event-stream"
                      || each.key() == "application/x-ndjson";
  if (const auto* given = find(about, "/parameters"))
    for (const auto& each : given->as_array())
      if (const auto& one = resolved(all, each); one.at("in") == "query")
        out.parameters.emplace_back(one.at("name").as_string());
  if (const auto* sent = find(about, "/requestBody/content/application~1json"
                                     "/schema/example"))
    out.body = troupe::engine::to_json(*sent);
  else if (out.method == "POST" || out.method == "PUT" || out.method == "PATCH")
    out.body = "{}";
  return out;
}

std::vector<operation> operations(api_client& api) {
  const auto described = api.get("/openapi.json");
  std::vector<operation> all;
  for (const auto& path : described.at("/paths").as_object())
    for (const auto& each : path.value().as_object())
      all.push_back(
        operation_of(described.json, path.key(), each.key(), each.value()));
  REQUIRE(all.size() > 200);
  return all;
}

/// The path with a value for each of its parameters.
std::string filled(const std::string& pattern,
                   const std::vector<std::string>& values) {
  std::string path;
  std::size_t next = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      path += pattern[i];
      continue;
    }
    path += next < values.size() ? values[next] : "x";
    ++next;
    i = pattern.find('}', i);
  }
  return path;
}

/// A server that believes the address it is told: wrong keys from one address
/// are soon answered 429 instead.
class matrix {
protected:
  api_answer send(const operation& what, const std::string& path,
                  const std::string& key, header_list fields = {}) {
    if (!what.body.empty())
      fields.emplace_back("Content-Type", "application/json");
    ++count;
    fields.emplace_back("X-Forwarded-For",
                        "10." + std::to_string(count / 65'536 % 256) + "."
                          + std::to_string(count / 256 % 256) + "."
                          + std::to_string(count % 256));
    api_client client{server.port(), key};
    return client.send(what.method, path, what.body, fields);
  }

  std::string key_with(const std::string& of,
                       const std::string& kind = "secret") {
    const auto made = api.post("/v1/keys", R"({"name":"k","kind":")" + kind
                                             + R"(","scopes":)" + of + "}");
    INFO(made.body);
    REQUIRE(made.status == 201);
    last_key_ = made.text("/id");
    return made.text("/key");
  }

  std::string revoked_key() {
    auto key = key_with(full);
    REQUIRE(api.send("DELETE", "/v1/keys/" + last_key_, "", {}).status == 200);
    return key;
  }

  void is_unknown(const operation& what, const std::string& code,
                  const std::string& key, const std::string& query = {},
                  const header_list& fields = {}) {
    const auto refused
      = send(what, filled(what.pattern, {}) + query, key, fields);
    INFO(what.method << " " << what.pattern << query << "\n" << refused.body);
    CHECK(refused.status == 401);
    if (!what.of_a_door) {
      CHECK(refused.code() == code);
      CHECK(refused.header("www-authenticate").starts_with("Bearer"));
    }
  }

  troupe_server server{{"--trusted-proxy", "127.0.0.1"}};
  api_client api = server.client();
  std::size_t count = 0;

private:
  std::string last_key_;
};

} // namespace

TEST_CASE_METHOD(matrix,
                 "A3 A4 F13 no operation with a scope is open to whom the "
                 "server does not know",
                 "[system][authorisation]") {
  const auto all = operations(api);
  const auto key = key_with(full);
  auto wrong = key;
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  const auto revoked = revoked_key();
  for (const auto& each : all) {
    if (!each.scope)
      continue;
    is_unknown(each, "missing_authorization_header", "");
    is_unknown(each, "invalid_api_key", "x");
    is_unknown(each, "invalid_api_key", wrong);
    is_unknown(each, "invalid_api_key", key.substr(0, key.size() - 1));
    is_unknown(each, "invalid_api_key", key + "0");
    is_unknown(each, "revoked_api_key", revoked);
  }
  WARN(count << " requests of strangers, none let in");
}

TEST_CASE_METHOD(matrix,
                 "A3 F13 a key in a place that is not its own opens nothing",
                 "[system][authorisation]") {
  const auto all = operations(api);
  const auto key = key_with(full);
  for (const auto& each : all) {
    if (!each.scope)
      continue;
    const auto missing = "missing_authorization_header";
    for (const std::string name :
         {"api_key", "key", "access_token", "token", "apikey"})
      is_unknown(each, missing, "", "?" + name + "=" + key);
    for (const std::string name :
         {"Api-Key", "X-Auth-Token", "X-Access-Token", "Proxy-Authorization"})
      is_unknown(each, missing, "", "", {{name, "Bearer " + key}});
    is_unknown(each, missing, "", "", {{"Cookie", "key=" + key}});
    for (const std::string scheme : {"Digest ", "Token ", "Basic ", "", "Key "})
      is_unknown(each, "invalid_api_key", "", "",
                 {{"Authorization", scheme + key}});
    is_unknown(
      each, "invalid_api_key", "", "",
      {{"Authorization", "Bearer " + key}, {"Authorization", "Bearer x"}});
    if (!each.of_a_door) {
      for (const std::string name : {"X-API-Key", "X-Write-Key"})
        is_unknown(each, missing, "", "", {{name, key}});
      is_unknown(each, missing, "", "?writeKey=" + key);
    }
  }
  WARN(count << " requests with misplaced keys, none let in");
}

TEST_CASE_METHOD(matrix,
                 "G73 A3 F13 every operation is open to a key with its scope "
                 "and to no other",
                 "[system][authorisation]") {
  const auto all = operations(api);
  std::map<std::string, std::string> keys;
  for (const auto& scope : scopes)
    keys[scope] = key_with("[\"" + scope + "\"]");
  // Redo's stores are workspaces: another one than the key's is not there.
  const auto store = api.get("/v1/workspaces").text("/data/0/id");
  for (const auto& each : all) {
    if (!each.scope)
      continue;
    for (const auto& scope : scopes) {
      // A stream has no end; it is let in or not like the others.
      if (scope == *each.scope && each.is_stream)
        continue;
      auto asked = each;
      const auto& key = keys[scope];
      auto path = filled(each.pattern, {});
      header_list fields;
      if (each.pattern.find("{store}") != each.pattern.npos)
        path = filled(each.pattern, {store});
      else if (each.pattern == "/e/{key}")
        path = filled(each.pattern, {key});
      else if (each.pattern.starts_with("/api/v1/"))
        fields = {{"X-API-Key", key}, {"X-Team-ID", store}};
      else if (each.pattern == "/v1/keys" && !each.body.empty())
        asked.body = R"({"name":"k","scopes":["manage"]})"; // not more than own
      else if (each.of_a_door && each.body == "{}")
        asked.body = R"({"api_key":")" + key + "\"}";
      const auto answer = send(asked, path, key, fields);
      INFO(scope << " " << each.method << " " << path << "\n" << answer.body);
      if (scope == *each.scope) {
        CHECK(answer.status != 401);
        CHECK((answer.status != 403 || answer.code() == "test_workspace_only"));
      } else if (each.of_a_door) {
        CHECK((answer.status == 401 || answer.status == 403));
      } else {
        CHECK(answer.status == 403);
        CHECK(answer.code() == "scope_required");
      }
    }
  }
  WARN(count << " requests with one scope each");
}

TEST_CASE_METHOD(matrix, "A6 F13 what is open tells nothing of a workspace",
                 "[system][authorisation]") {
  const auto who = R"({"external_id":"a","email":"ada@only.example"})";
  REQUIRE(
    api.emit(event_body("open.sent", who, R"({"a":")" + marker + "\"}")).status
    == 200);
  std::size_t open = 0;
  for (const auto& each : operations(api)) {
    if (each.scope)
      continue;
    ++open;
    const auto answer = send(each, filled(each.pattern, {}), "");
    INFO(each.method << " " << each.pattern);
    CHECK(answer.status < 500);
    CHECK(answer.status != 401);
    CHECK(answer.body.find(marker) == std::string::npos);
    CHECK(answer.body.find("ada@only.example") == std::string::npos);
    CHECK(answer.body.find(server.key()) == std::string::npos);
  }
  CHECK(open < 30);
}

TEST_CASE_METHOD(matrix, "H9 HEAD is GET without the body, on every path",
                 "[system][authorisation]") {
  std::size_t seen = 0;
  troupe::support::raw_client raw{server.port()};
  for (const auto& each : operations(api)) {
    if (each.method != "GET" || each.is_stream || each.pattern == "/metrics")
      continue;
    const auto rest = " " + filled(each.pattern, {})
                      + " HTTP/1.1\r\nHost: a\r\nX-Request-Id: same\r\n"
                        "Authorization: Bearer "
                      + server.key() + "\r\n\r\n";
    const auto whole = raw.ask("GET" + rest);
    raw.send("HEAD" + rest);
    auto head = raw.receive(false);
    INFO(each.pattern);
    CHECK(head.status == whole.status);
    head.headers.erase("date");
    auto fields = whole.headers;
    fields.erase("date");
    CHECK(head.headers == fields);
    ++seen;
  }
  CHECK(seen > 60);
}

namespace {

/// Two workspaces; the first one has one of all that has an id.
class two_tenants : protected matrix {
protected:
  two_tenants() {
    ada = workspace("Ada");
    bob = workspace("Bob");
    api_client own{server.port(), ada.text("/key")};
    const auto post = [&](const std::string& path, const std::string& body) {
      const auto made = own.post(path, body);
      INFO(path << " " << made.body);
      REQUIRE(made.status < 300);
      return made;
    };
    post("/v1/channels", R"({"key":"own","type":"nudge"})");
    post("/v1/templates",
         R"({"key":"own","channel":"capture","text":")" + marker + "\"}");
    post("/v1/event-types",
         R"({"name":"own.sent","description":")" + marker + "\"}");
    post("/v1/funnels", R"({"key":"own","steps":["own.sent","own.more"]})");
    post("/v1/checklists", R"({"key":"own","steps":["own_step"]})");
    const auto segment
      = post("/v1/segments", R"({"key":"own","name":")" + marker
                               + R"(","condition":{"has_tag":"vip"}})");
    // Paused: what is due is held, and does not change meanwhile.
    const auto hook
      = post("/v1/webhooks", R"({"url":"https://)" + marker
                               + R"(.example/","events":["own.sent"],)"
                                 R"("status":"paused"})");
    publish(own, R"({"key":"own","name":")" + marker
                   + R"(","status":"active","trigger":{"any":[{"event":)"
                     R"("own.sent"}]},"entry":"say","nodes":{"say":{)"
                     R"("type":"send","channel":"own","subject":")"
                   + marker
                   + R"(","text":"t","then":"rest"},"rest":{"type":"wait",)"
                     R"("for":"9d","then":"x"},"x":{"type":"exit"}}})");
    const auto sent = own.emit(event_body(
      "own.sent", R"({"external_id":"own","email":"own@ada.example"})",
      R"({"note":")" + marker + "\"}"));
    REQUIRE(sent.status == 200);
    const auto contact = sent.text("/contact/id");
    const auto known = "/v1/contacts/" + contact;
    const auto key = post("/v1/keys", R"({"name":")" + marker
                                        + R"(","scopes":["events:read"]})");
    api_client plain{server.port()};
    const header_list team{{"X-API-Key", ada.text("/key")},
                           {"X-Team-ID", ada.text("/id")}};
    const auto trigger = plain.post(
      "/api/v1/events/send",
      R"({"event_name":"own.sent","trigger_at":")"
        + troupe::engine::to_iso8601(std::chrono::floor<std::chrono::hours>(
          std::chrono::system_clock::now() + std::chrono::hours{2'400}))
        + R"(","user_info":{"contact_external_id":"own"}})",
      team);
    INFO(trigger.body);
    const auto workflows = plain.get("/api/v1/workflows", team);
    INFO(workflows.body);
    values = {
      {"/v1/events/{", sent.text("/id")},
      {"/v1/contacts/{ref}/nudges/{",
       own.get(known + "/nudges").text("/data/0/id")},
      {"/v1/contacts/{ref}/sequences/{", "own"},
      {"/v1/contacts/{", contact},
      {"/v1/runs/{", own.get(known + "/runs").text("/data/0/id")},
      {"/v1/webhooks/{", hook.text("/id")},
      {"/v1/deliveries/{",
       own.get("/v1/webhooks/" + hook.text("/id") + "/deliveries")
         .text("/data/0/id")},
      {"/v1/jobs/{", segment.text("/job")},
      {"/v1/keys/{", key.text("/id")},
      {"/v1/workspaces/{", ada.text("/id")},
      {"/v1/event-types/{", "own.sent"},
      {"/v1/channels/{", "own"},
      {"/v1/checklists/{", "own"},
      {"/v1/funnels/{", "own"},
      {"/v1/segments/{", "own"},
      {"/v1/sequences/{key}/versions/{", "1"},
      {"/v1/sequences/{", "own"},
      {"/v1/templates/{", "own"},
      {"/api/v1/contacts/external/{", "own"},
      {"/api/v1/contacts/{", contact},
      {"/api/v1/customers/{", "own"},
      {"/api/v1/triggers/{", trigger.text("/trigger_id")},
      {"/api/v1/workflows/{", workflows.text("/workflows/0/id")},
      {"/v2.2/stores/{", ada.text("/id")},
    };
    for (const auto& [place, value] : values) {
      INFO(place);
      REQUIRE_FALSE(value.empty());
    }
  }

  /// The path on what the first workspace has, or on what nobody has; nothing
  /// when no part of it is an id.
  std::optional<std::string> path_of(const std::string& pattern,
                                     bool is_absent) const {
    std::vector<std::string> out;
    auto has_id = false;
    for (auto at = pattern.find('{'); at != pattern.npos;
         at = pattern.find('{', at + 1)) {
      const auto found = values.find(pattern.substr(0, at + 1));
      has_id = has_id || found != values.end();
      out.push_back(found == values.end() ? "x"
                    : is_absent           ? absent(found->second)
                                          : found->second);
    }
    return has_id ? std::optional{filled(pattern, out)} : std::nullopt;
  }

  /// All that the first workspace's key can read, by its path.
  std::map<std::string, std::string>
  seen_by_ada(const std::vector<operation>& all) {
    std::map<std::string, std::string> seen;
    for (const auto& each : all) {
      if (each.method != "GET" || !each.scope || each.is_stream
          || *each.scope == "admin"
          // They show when they were used, or asked.
          || each.pattern == "/v1/keys" || each.pattern == "/v1/funnels/{key}")
        continue;
      const auto path
        = path_of(each.pattern, false).value_or(filled(each.pattern, {}));
      const auto answer = send(each, path, ada.text("/key"), of(ada, each));
      INFO(path << "\n" << answer.body);
      // Else nothing would be proved by refusing it.
      CHECK((answer.status == 200 || !path_of(each.pattern, false)));
      seen[path] = answer.status == 200 ? answer.body : "";
    }
    return seen;
  }

  static header_list of(const api_answer& tenant, const operation& what) {
    if (!what.pattern.starts_with("/api/v1/"))
      return {};
    return {{"X-API-Key", tenant.text("/key")},
            {"X-Team-ID", tenant.text("/id")}};
  }

  api_answer ada;
  api_answer bob;
  std::map<std::string, std::string> values;

private:
  api_answer workspace(const std::string& name) {
    auto made = api.post("/v1/workspaces", R"({"name":")" + name + "\"}");
    REQUIRE(made.status == 201);
    return made;
  }

  /// An id of the same shape, or a name of the same length.
  static std::string absent(const std::string& id) {
    if (const auto prefix = id.find('_'); prefix != id.npos)
      return id.substr(0, prefix + 1) + std::string(26, '0');
    if (std::count(id.begin(), id.end(), '-') == 4) // a UUID
      return id.substr(0, id.size() - 1) + (id.back() == '0' ? "1" : "0");
    return id == "1" ? "7" : "non" + id.substr(3);
  }
};

/// Bodies that get as far as the thing they change.
std::string body_of(const operation& what) {
  static const std::map<std::string, std::string> bodies{
    {"PATCH /v1/contacts/{ref}", R"({"attributes":{"plan":"taken"}})"},
    {"PATCH /v1/workspaces/{id}", R"({"name":"taken"})"},
    {"POST /v1/webhooks/{id}/replay", R"({"since":"2020-01-01T00:00:00Z"})"},
    {"POST /v1/runs/{id}/transition", R"({"to":"x"})"},
    {"PUT /api/v1/contacts/{id}", R"({"first_name":"taken"})"},
    {"PATCH /api/v1/contacts/{id}", R"({"first_name":"taken"})"},
    {"POST /api/v1/contacts/{id}/tags", R"({"tags":["taken"]})"},
    {"DELETE /api/v1/contacts/{id}/tags", R"({"tags":["vip"]})"},
    {"PATCH /api/v1/workflows/{id}", R"({"name":"taken"})"},
    {"PUT /api/v1/workflows/{id}", R"({"name":"taken"})"},
  };
  const auto found = bodies.find(what.method + " " + what.pattern);
  return found == bodies.end() ? what.body : found->second;
}

/// What an answer says beside ids that are new each time.
std::string outline(const api_answer& answer) {
  auto text = std::to_string(answer.status) + " " + answer.code();
  if (answer.json.is_object())
    for (const auto& each : answer.json.as_object())
      text += " " + std::string{each.key()};
  return text + " " + answer.text("/detail") + answer.text("/message");
}

} // namespace

TEST_CASE_METHOD(two_tenants,
                 "I1 I6 G53 F13 what another workspace has is as absent as "
                 "what nobody has, in every path with an id",
                 "[system][authorisation]") {
  const auto all = operations(api);
  const auto before = seen_by_ada(all);
  std::size_t compared = 0;
  count = 0;
  for (auto each : all) {
    const auto foreign = path_of(each.pattern, false);
    if (!foreign || !each.scope)
      continue;
    each.body = body_of(each);
    const auto key = bob.text("/key");
    const auto there = send(each, *foreign, key, of(bob, each));
    const auto nowhere
      = send(each, *path_of(each.pattern, true), key, of(bob, each));
    INFO(each.method << " " << *foreign << "\n"
                     << there.body << "\n"
                     << nowhere.body);
    CHECK(outline(there) == outline(nowhere));
    CHECK(there.status != 403);
    CHECK(there.status != 500);
    CHECK(there.body.find(marker) == std::string::npos);
    ++compared;
  }
  CHECK(compared > 70);
  WARN(count << " requests on what another workspace has");
  for (const auto& [path, body] : seen_by_ada(all)) {
    INFO(path);
    CHECK(body == before.at(path));
  }
}

TEST_CASE_METHOD(two_tenants,
                 "I1 J11 F13 no query shows what another workspace has",
                 "[system][authorisation]") {
  const auto all = operations(api);
  api_client own{server.port(), ada.text("/key")};
  own.emit(event_body("own.more", by_external_id("own")));
  const auto cursor = own.get("/v1/events?limit=1").text("/next_cursor");
  REQUIRE_FALSE(cursor.empty());
  const std::map<std::string, std::string> asked{
    {"contact[id]", values.at("/v1/contacts/{")},
    {"contact[external_id]", "own"},
    {"contact[email]", "own@ada.example"},
    {"email", "own@ada.example"},
    {"userId", "own"},
    {"contact", values.at("/v1/contacts/{")},
    {"contact_id", values.at("/v1/contacts/{")},
    {"query", "own"},
    {"search", "own"},
    {"sequence", "own"},
    {"segment", "own"},
    {"type", "own.sent"},
    {"event", "own.sent"},
  };
  count = 0;
  for (const auto& each : all) {
    if (each.method != "GET" || !each.scope || each.is_stream
        || *each.scope == "admin")
      continue;
    for (const auto& name : each.parameters) {
      const auto path
        = filled(each.pattern, {}) + "?" + percent_encode(name) + "=";
      const auto given = asked.find(name);
      if (given != asked.end()) {
        const auto answer = send(each, path + percent_encode(given->second),
                                 bob.text("/key"), of(bob, each));
        INFO(path << "\n" << answer.body);
        CHECK(answer.body.find(marker) == std::string::npos);
        for (const auto& [place, id] : values)
          CHECK((id.find('_') == id.npos || id == given->second
                 || answer.body.find(id) == std::string::npos));
      }
      if (name == "cursor" && !each.of_a_door) {
        const auto answer = send(each, path + cursor, bob.text("/key"));
        INFO(path << "\n" << answer.body);
        CHECK(answer.status >= 400);
        CHECK(answer.body.find(marker) == std::string::npos);
      }
    }
  }
  CHECK(count > 30);
  WARN(count << " queries for what another workspace has");
}

TEST_CASE_METHOD(two_tenants,
                 "I1 F13 no body reaches what another workspace has",
                 "[system][authorisation]") {
  const auto contact = values.at("/v1/contacts/{");
  api_client own{server.port(), bob.text("/key")};
  publish(own, sequence_on("own", "own.sent", R"("s":{"type":"exit"})"));
  for (const auto& [path, before, after] :
       {std::array{"/v1/events", R"({"type":"own.sent","contact":{"id":")",
                   "\"}}"},
        std::array{"/v1/sequences/own/enrol", R"({"contact":{"id":")", "\"}}"},
        std::array{"/v1/templates/preview",
                   R"({"template":{"text":"{{contact.email}}"},)"
                   R"("contact":")",
                   "\"}"}}) {
    const auto asked = [&](const std::string& id) {
      return own.post(path, before + id + after);
    };
    const auto there = asked(contact);
    const auto nowhere = asked("con_00000000000000000000000000");
    INFO(path << "\n" << there.body << "\n" << nowhere.body);
    CHECK(there.status >= 400);
    CHECK(outline(there) == outline(nowhere));
  }
}
