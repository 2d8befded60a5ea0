// The JSON form of each node type.
#include "engine/definition_reader.hpp"
#include "engine/nearest.hpp"
#include "engine/nudge.hpp"
#include "engine/system_events.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

branch_node read_branch(definition_reader& reader, const json::object& from,
                        const std::string& pointer) {
  reader.expect_members(from, {"type", "cases", "else"}, pointer);
  branch_node branch;
  const auto* cases = member(from, "cases");
  if (cases == nullptr || !cases->is_array() || cases->get_array().empty()
      || cases->get_array().size() > 50) {
    reader.fail("field_required", "`cases` is a list of 1 to 50 cases",
                pointer + "/cases");
    return branch;
  }
  std::size_t index = 0;
  for (const auto& item : cases->get_array()) {
    const auto place = pointer + "/cases/" + std::to_string(index++);
    if (!item.is_object()) {
      reader.fail("field_type_mismatch", "each case is {if, then}", place);
      return branch;
    }
    const auto& choice = item.get_object();
    reader.expect_members(choice, {"if", "then"}, place);
    auto when = reader.rule(choice, "if", place);
    if (!when) {
      reader.fail("field_required", "a case needs `if`", place + "/if");
      return branch;
    }
    branch.choices.push_back(
      {std::move(*when), reader.target(choice, "then", place, true)});
  }
  branch.otherwise = reader.target(from, "else", pointer, true);
  return branch;
}

update_node read_update(definition_reader& reader, const json::object& from,
                        const std::string& pointer) {
  reader.expect_members(
    from,
    {"type", "set", "unset", "tags_add", "tags_remove", "score_add", "then"},
    pointer);
  update_node update;
  update.set = reader.values(from, "set", pointer);
  update.unset = reader.texts(from, "unset", pointer);
  update.tags_added = reader.texts(from, "tags_add", pointer);
  update.tags_removed = reader.texts(from, "tags_remove", pointer);
  if (const auto* score = member(from, "score_add"); score != nullptr) {
    if (score->is_int64() && score->get_int64() >= -1'000'000
        && score->get_int64() <= 1'000'000)
      update.score = score->get_int64();
    else
      reader.fail("field_type_mismatch",
                  "`score_add` is a whole number within ±1,000,000",
                  pointer + "/score_add");
  }
  update.then = reader.target(from, "then", pointer, true);
  return update;
}

send_node read_send(definition_reader& reader, const json::object& from,
                    const std::string& pointer) {
  send_node send;
  send.channel = reader.text(from, "channel", pointer, true);
  if (!send.channel.empty() && !reader.has_channel(send.channel))
    reader.fail("unknown_channel",
                "there is no channel `" + send.channel
                  + "`; create it, or use `capture`",
                pointer + "/channel");
  if (member(from, "template") != nullptr) {
    reader.expect_members(
      from,
      {"type", "channel", "template", "vars", "category", "expires_in", "then"},
      pointer);
    send.template_key = reader.text(from, "template", pointer, true);
    reader.expect_template(send.template_key, pointer + "/template");
    send.vars = reader.values(from, "vars", pointer);
  } else {
    reader.expect_members(from,
                          {"type", "channel", "subject", "text", "html", "body",
                           "category", "template", "expires_in", "then"},
                          pointer);
  }
  send.expires_in = reader.span(from, "expires_in", pointer, false);
  if (send.expires_in
      && (*send.expires_in <= duration{0} || *send.expires_in > nudge_life_max))
    reader.fail(
      "field_invalid",
      "`expires_in` is a duration of more than 0 and at most \"365d\"",
      pointer + "/expires_in");
  for (const std::string_view part :
       {"subject", "text", "html", "body", "category"})
    if (const auto* written = member(from, part); written != nullptr)
      send.parts.emplace_back(
        part, reader.value(*written, pointer + "/" + std::string{part},
                           part == "html"));
  send.then = reader.target(from, "then", pointer, true);
  return send;
}

http_node read_http(definition_reader& reader, const json::object& from,
                    const std::string& pointer) {
  reader.expect_members(from,
                        {"type", "method", "url", "headers", "body", "await",
                         "timeout", "then", "on_failure"},
                        pointer);
  http_node call;
  if (member(from, "method") != nullptr) {
    call.method = reader.text(from, "method", pointer, true);
    const std::set<std::string> known{"GET", "POST", "PUT", "PATCH", "DELETE"};
    if (!known.contains(call.method))
      reader.fail("field_type_mismatch",
                  "`method` is GET, POST, PUT, PATCH or DELETE",
                  pointer + "/method");
  }
  const auto url = reader.text(from, "url", pointer, true);
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    reader.fail("url_not_allowed", "`url` begins with https:// or http://",
                pointer + "/url");
  call.url = reader.value(json::value(url), pointer + "/url");
  call.headers = reader.values(from, "headers", pointer);
  if (const auto* body = member(from, "body"); body != nullptr)
    call.body = reader.value(*body, pointer + "/body");
  if (const auto* awaits = member(from, "await"); awaits != nullptr) {
    if (awaits->is_bool())
      call.awaits = awaits->get_bool();
    else
      reader.fail("field_type_mismatch", "`await` is true or false",
                  pointer + "/await");
  }
  call.timeout = reader.span(from, "timeout", pointer, false);
  call.then = reader.target(from, "then", pointer, true);
  call.on_failure = reader.target(from, "on_failure", pointer, false);
  for (const std::string_view each : {"timeout", "on_failure"})
    if (!call.awaits && member(from, each) != nullptr)
      reader.fail("wait_form",
                  "`" + std::string{each} + "` needs `await`: true",
                  pointer + "/" + std::string{each});
  return call;
}

emit_node read_emit(definition_reader& reader, const json::object& from,
                    const std::string& pointer) {
  reader.expect_members(
    from, {"type", "event", "properties", "contact", "then"}, pointer);
  emit_node emit;
  emit.event = reader.text(from, "event", pointer, true);
  if (is_reserved_name(emit.event) && !is_of_sequences(emit.event)
      && (find_system_event(emit.event) == nullptr
          || is_kept_by_troupe(emit.event)))
    reader.fail("reserved_event_name",
                "names that begin with `$` are the platform's, and this is "
                "none that a sequence sends",
                pointer + "/event");
  emit.properties = reader.values(from, "properties", pointer);
  if (const auto* contact = member(from, "contact"); contact != nullptr) {
    const auto named
      = contact->is_object() && contact->get_object().size() == 1;
    const auto kind = named ? identity_kind_of(
                        std::string_view{contact->get_object().begin()->key()})
                            : std::nullopt;
    if (kind) {
      emit.contact_kind = kind;
      emit.contact
        = reader.value(contact->get_object().begin()->value(),
                       pointer_to(pointer + "/contact", name_of(*kind)));
    } else {
      reader.fail("contact_required",
                  "`contact` names one of external_id, email, phone and "
                  "anonymous_id",
                  pointer + "/contact");
    }
  }
  emit.then = reader.target(from, "then", pointer, true);
  return emit;
}

split_node read_split(definition_reader& reader, const json::object& from,
                      const std::string& pointer) {
  reader.expect_members(from, {"type", "weights"}, pointer);
  split_node split;
  const auto place = pointer + "/weights";
  const auto* weights = member(from, "weights");
  if (weights == nullptr || !weights->is_array() || weights->get_array().empty()
      || weights->get_array().size() > 50) {
    reader.fail("field_required",
                "`weights` is a list of 1 to 50 ways: {weight, then}", place);
    return split;
  }
  std::uint64_t total = 0;
  for (const auto& item : weights->get_array()) {
    const auto at = place + "/" + std::to_string(split.ways.size());
    if (!item.is_object()) {
      reader.fail("field_type_mismatch", "each way is {weight, then}", at);
      return split;
    }
    const auto& way = item.get_object();
    reader.expect_members(way, {"weight", "then"}, at);
    const auto weight
      = reader.whole(way, "weight", at, 0, 1'000'000).value_or(0);
    total += weight;
    split.ways.push_back({weight, reader.target(way, "then", at, true)});
  }
  if (total == 0)
    reader.fail("split_weights",
                "the weights add up to 0; give one way a weight above 0",
                place);
  return split;
}

start_node read_start(definition_reader& reader, const json::object& from,
                      const std::string& pointer) {
  reader.expect_members(from, {"type", "sequence", "vars", "then"}, pointer);
  start_node start;
  start.sequence = reader.text(from, "sequence", pointer, true);
  start.vars = reader.values(from, "vars", pointer);
  start.then = reader.target(from, "then", pointer, true);
  return start;
}

} // namespace

sequence_node read_node(definition_reader& reader, std::string name,
                        const json::value& written,
                        const std::string& pointer) {
  sequence_node node{std::move(name), exit_node{}};
  if (!written.is_object()) {
    reader.fail("field_type_mismatch", "a node is an object", pointer);
    return node;
  }
  const auto& from = written.get_object();
  const auto type = reader.text(from, "type", pointer, true);
  if (type == "wait") {
    node.what = read_wait(reader, from, pointer);
  } else if (type == "branch") {
    node.what = read_branch(reader, from, pointer);
  } else if (type == "update") {
    node.what = read_update(reader, from, pointer);
  } else if (type == "send") {
    node.what = read_send(reader, from, pointer);
  } else if (type == "http") {
    node.what = read_http(reader, from, pointer);
  } else if (type == "emit") {
    node.what = read_emit(reader, from, pointer);
  } else if (type == "split") {
    node.what = read_split(reader, from, pointer);
  } else if (type == "start") {
    node.what = read_start(reader, from, pointer);
  } else if (type == "state") {
    reader.expect_members(from, {"type", "on"}, pointer);
    const auto* on = member(from, "on");
    state_node rest;
    rest.on = reader.clauses(on == nullptr ? json::value{} : *on,
                             pointer + "/on", true);
    for (std::size_t i = 0; i < rest.on.size(); ++i) {
      const auto place = pointer + "/on/" + std::to_string(i);
      if (rest.on[i].then == no_node)
        reader.fail("field_required", "each event of a state needs `then`",
                    place + "/then");
      if (rest.on[i].count != 1)
        reader.fail("unknown_member", "a state leaves at the first event",
                    place + "/count");
    }
    node.what = std::move(rest);
  } else if (type == "exit") {
    reader.expect_members(from, {"type"}, pointer);
  } else if (!type.empty()) {
    auto message = "there is no node type `" + type + "`";
    const auto near
      = nearest(type, {"send", "http", "wait", "branch", "update", "emit",
                       "split", "start", "state", "exit"});
    if (!near.empty())
      message += "; did you mean `" + std::string{near} + "`?";
    reader.fail("unknown_node_type", std::move(message), pointer + "/type");
  }
  return node;
}

} // namespace troupe::engine
