#include "facts/identity_rules.h"

#include <algorithm>
#include <optional>
#include <set>

namespace yokoten::facts {
namespace {

using events::Uuid;

// The copy of a key that counts: the earliest recorded (greatest rank); equal ranks (two topics, one
// millisecond) are decided by place, so that every pass says the same.
bool Earlier(const KeyRow& a, const KeyRow& b) {
  return std::tie(b.rank, a.place) < std::tie(a.rank, b.place);
}

// Recorded time is the upper part of what a rank is the inverse of.
int64_t RecordedMs(const KeyRow& row) { return static_cast<int64_t>(static_cast<uint64_t>(~row.rank >> 80)); }

struct Root {
  const KeyRow* winner = nullptr;  // the copy that counts
  const KeyRow* live = nullptr;    // its live version; null when voided
};

}  // namespace

Judgement Judge(const std::vector<KeyRow>& rows, const std::vector<Uuid>& judged_keys,
                const std::vector<Uuid>& judged_bkeys) {
  Judgement judgement;
  const std::set<Uuid> judged(judged_keys.begin(), judged_keys.end());
  const std::set<Uuid> bkeys(judged_bkeys.begin(), judged_bkeys.end());

  std::map<Uuid, std::vector<const KeyRow*>> copies;
  for (const KeyRow& row : rows) copies[row.fact_key].push_back(&row);
  std::map<Uuid, const KeyRow*> winners;
  for (auto& [key, list] : copies) {
    std::sort(list.begin(), list.end(), [](const KeyRow* a, const KeyRow* b) { return Earlier(*a, *b); });
    winners[key] = list.front();
  }

  // Copies of one id.
  for (const auto& [key, list] : copies) {
    const KeyRow& first = *list.front();
    std::set<Place> seen = {first.place};
    bool told = false;
    for (const KeyRow* row : list) {
      const bool elsewhere = row->place != first.place;
      if (!elsewhere && row->content_hash == first.content_hash) continue;
      if (elsewhere && !seen.insert(row->place).second) continue;
      if (elsewhere) judgement.facts[{row->place, key}] = Inert{"id_conflict", key};
      // Of one place, one finding: which of several later contents it was says the archive.
      if (!elsewhere && std::exchange(told, true)) continue;
      judgement.findings.push_back({.kind = "id_conflict",
                                    .place = row->place,
                                    .fact_key = key,
                                    .other = first.place,
                                    .other_key = key,
                                    .source = row->source,
                                    .event_id = row->event_id,
                                    .recorded_ms = RecordedMs(*row)});
    }
    if (judged.contains(key)) judgement.facts.try_emplace({first.place, key}, std::nullopt);
  }

  // Voids and corrections by what they name; only copies that count themselves.
  std::map<Uuid, std::vector<const KeyRow*>> voids;
  std::map<Uuid, std::vector<const KeyRow*>> corrections;
  for (const auto& [key, row] : winners) {
    if (row->kind == "void") voids[row->root_key].push_back(row);
    if (row->kind == "correct") corrections[row->root_key].push_back(row);
  }
  const auto names = [](const KeyRow& reference, const KeyRow& target) {
    return reference.target_plant == target.place.plant && reference.target_entity == target.place.entity;
  };
  const auto voided = [&](const KeyRow& row) {
    const auto found = voids.find(row.fact_key);
    return found != voids.end() && std::any_of(found->second.begin(), found->second.end(),
                                               [&](const KeyRow* v) { return names(*v, row); });
  };

  std::map<Uuid, Root> roots;
  for (const auto& [key, row] : winners) {
    if (row->kind != "fact") continue;
    Root& root = roots[key];
    root.winner = row;
    if (voided(*row)) continue;
    root.live = row;
    const auto found = corrections.find(key);
    if (found == corrections.end()) continue;
    const KeyRow* latest = nullptr;
    for (const KeyRow* correction : found->second) {
      if (correction->place.event_type != row->place.event_type || !names(*correction, *row) ||
          voided(*correction))
        continue;
      if (latest == nullptr ||
          std::tie(correction->rank, latest->fact_key) < std::tie(latest->rank, correction->fact_key))
        latest = correction;
    }
    if (latest != nullptr) root.live = latest;
  }

  // References that fit nothing change nothing: neither does their body count, nor do they void anything.
  std::set<Uuid> unfit;
  for (const auto& [key, row] : winners) {
    if (row->kind == "fact") continue;
    const auto target = winners.find(row->root_key);
    bool fits = target != winners.end() && names(*row, *target->second);
    if (fits && row->kind == "correct") {
      fits = target->second->kind == "fact" && target->second->place.event_type == row->place.event_type;
    }
    if (fits && row->kind == "void") fits = target->second->kind != "void";
    if (!fits) unfit.insert(key);
    if (!judged.contains(key) && !judged.contains(row->root_key)) continue;
    if (fits) {
      judgement.facts[{row->place, key}] = std::nullopt;
      continue;
    }
    judgement.facts[{row->place, key}] = Inert{"no_target", row->root_key};
    judgement.findings.push_back({.kind = "no_target",
                                  .place = row->place,
                                  .fact_key = key,
                                  .other = {row->target_plant, "", row->target_entity},
                                  .other_key = row->root_key,
                                  .source = row->source,
                                  .event_id = row->event_id,
                                  .recorded_ms = RecordedMs(*row)});
  }

  // Business keys among live facts.
  std::map<Uuid, std::vector<const Root*>> groups;
  for (const auto& [key, root] : roots) {
    if (root.live != nullptr && root.live->bkey != events::kNoUuid) groups[root.live->bkey].push_back(&root);
  }
  const auto verdict_of = [&](const Root& root, const std::optional<Inert>& verdict) {
    judgement.facts[{root.winner->place, root.winner->fact_key}] = verdict;
    const auto found = corrections.find(root.winner->fact_key);
    if (found == corrections.end()) return;
    // The corrections of a root that does not count must not count either.
    for (const KeyRow* correction : found->second) {
      if (!unfit.contains(correction->fact_key))
        judgement.facts[{correction->place, correction->fact_key}] = verdict;
    }
  };
  for (const auto& [key, root] : roots) {
    if (judged.contains(key)) verdict_of(root, std::nullopt);
  }
  for (auto& [bkey, group] : groups) {
    if (!bkeys.contains(bkey)) continue;
    const auto first = *std::min_element(group.begin(), group.end(), [](const Root* a, const Root* b) {
      return Earlier(*a->winner, *b->winner);
    });
    for (const Root* root : group) {
      if (root == first) {
        verdict_of(*root, std::nullopt);
        continue;
      }
      verdict_of(*root, Inert{"business_key", first->winner->fact_key});
      judgement.findings.push_back({.kind = "business_key",
                                    .place = root->winner->place,
                                    .fact_key = root->winner->fact_key,
                                    .other = first->winner->place,
                                    .other_key = first->winner->fact_key,
                                    .source = root->winner->source,
                                    .event_id = root->winner->event_id,
                                    .recorded_ms = RecordedMs(*root->winner)});
    }
  }
  return judgement;
}

}  // namespace yokoten::facts
