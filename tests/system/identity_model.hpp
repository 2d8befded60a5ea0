// The identity rules once more, one event after the other and as plainly as
// can be: what the server answers is compared with this. It shares nothing
// with engine/ on purpose.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// As a client writes one.
struct given_identity {
  std::string kind; // "external_id", "email", "phone", "anonymous_id"
  std::string value;

  [[nodiscard]] std::string key() const {
    auto key = value;
    if (kind == "email") {
      for (char& c : key)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      const auto at = key.find('@');
      auto local = key.substr(0, at);
      auto domain = key.substr(at);
      if (domain == "@googlemail.com")
        domain = "@gmail.com";
      if (domain == "@gmail.com")
        local.erase(std::remove(local.begin(), local.end(), '.'), local.end());
      key = local + domain;
    }
    return kind + ":" + key;
  }
};

struct model_contact {
  std::vector<given_identity> identities; // the one that is shown comes last
  std::size_t merged_into = 0;
  std::vector<std::size_t> absorbed;
  std::vector<std::string> events; // ids, of this contact and all it absorbed

  [[nodiscard]] const given_identity* shown(const std::string& kind) const {
    const given_identity* found = nullptr;
    for (const auto& each : identities)
      if (each.kind == kind)
        found = &each;
    return found;
  }
};

using model_warnings = std::vector<std::pair<std::string, std::string>>;

struct model_answer {
  std::size_t contact = 0;
  bool is_new = false;
  model_warnings warnings; // code and kind
};

class identity_model {
public:
  /// @param given in order of priority, not empty
  /// @param named number of the contact whose id was given beside; 0: nobody's
  model_answer see(const std::vector<given_identity>& given,
                   std::optional<std::size_t> named) {
    model_answer answer;
    answer.contact = contact_of(given, answer.is_new);
    for (const auto& each : given)
      attach(answer, each);
    if (named && survivor(*named) != answer.contact)
      answer.warnings.emplace_back("identity_conflict", "id");
    return answer;
  }

  [[nodiscard]] std::size_t survivor(std::size_t contact) const {
    while (contact != 0 && contacts_.at(contact).merged_into != 0)
      contact = contacts_.at(contact).merged_into;
    return contact;
  }

  model_contact& at(std::size_t contact) {
    return contacts_.at(contact);
  }

  [[nodiscard]] const std::map<std::size_t, model_contact>& contacts() const {
    return contacts_;
  }

  [[nodiscard]] std::size_t merges() const {
    return merges_;
  }

  /// 0: nobody
  [[nodiscard]] std::size_t owner(const given_identity& who) const {
    for (const auto& [number, contact] : contacts_)
      if (contact.merged_into == 0)
        for (const auto& each : contact.identities)
          if (each.key() == who.key())
            return number;
    return 0;
  }

private:
  [[nodiscard]] bool is_known_outside(std::size_t contact) const {
    return contacts_.at(contact).shown("external_id") != nullptr;
  }

  // Numbers rise in order of creation.
  std::size_t contact_of(const std::vector<given_identity>& given,
                         bool& is_new) {
    std::vector<std::size_t> one;
    auto external = given.front().kind == "external_id";
    for (const auto& each : given) {
      const auto who = owner(each);
      if (who == 0 || std::find(one.begin(), one.end(), who) != one.end())
        continue;
      const auto primary = &each == &given.front();
      if (!primary && external && is_known_outside(who))
        continue;
      external = external || is_known_outside(who);
      one.push_back(who);
    }
    if (one.empty()) {
      is_new = true;
      contacts_[++last_];
      return last_;
    }
    std::sort(one.begin(), one.end());
    auto into = one.front();
    for (const auto each : one)
      if (is_known_outside(each))
        into = each;
    for (const auto each : one)
      if (each != into)
        merge(into, each);
    return into;
  }

  void merge(std::size_t into, std::size_t from) {
    auto& survivor = contacts_.at(into);
    auto& other = contacts_.at(from);
    survivor.identities.insert(survivor.identities.begin(),
                               other.identities.begin(),
                               other.identities.end());
    survivor.events.insert(survivor.events.end(), other.events.begin(),
                           other.events.end());
    for (const auto earlier : other.absorbed) {
      contacts_.at(earlier).merged_into = into;
      survivor.absorbed.push_back(earlier);
    }
    survivor.absorbed.push_back(from);
    other.merged_into = into;
    ++merges_;
  }

  void attach(model_answer& answer, const given_identity& who) {
    auto& contact = contacts_.at(answer.contact);
    const auto other = owner(who);
    const auto single = who.kind != "anonymous_id";
    const auto* old = contact.shown(who.kind);
    if (other == 0 && (who.kind != "external_id" || old == nullptr)) {
      if (single && old != nullptr)
        remove(contact, old->key());
      contact.identities.push_back(who);
    } else if (other != answer.contact) {
      answer.warnings.emplace_back("identity_conflict", who.kind);
    } else if (single && old->key() != who.key()) {
      remove(contact, who.key());
      contact.identities.push_back(who);
    }
  }

  static void remove(model_contact& from, const std::string& key) {
    from.identities.erase(std::find_if(
      from.identities.begin(), from.identities.end(), [&](const auto& each) {
        return each.key() == key;
      }));
  }

  std::map<std::size_t, model_contact> contacts_;
  std::size_t last_ = 0;
  std::size_t merges_ = 0;
};

} // namespace troupe::test
