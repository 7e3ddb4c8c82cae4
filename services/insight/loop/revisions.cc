#include "insight/loop/revisions.h"

#include <algorithm>
#include <map>
#include <set>

#include "insight/plants.h"
#include "insight/requests.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

constexpr char kGroup[] = "*";

// All plants, the group itself first.
std::string Places() {
  return std::string("SELECT '*' AS plant UNION ALL SELECT plant FROM plant_state FINAL WHERE ") +
         kNoProbeSql;
}

// Live facts of a job in every plant, the group's in each of them; is_master tells those.
std::string Live(const std::string& event, std::vector<std::string> columns) {
  kpi::FactQuery query;
  query.event = event;
  query.plants = Places();
  query.columns = std::move(columns);
  query.dead = kpi::DeadFactsSql(query.plants);
  query.production_days = false;
  return "(SELECT *, fact_key IN (SELECT fact_key FROM fact_" + kpi::TableOf(event) +
         " WHERE plant = '*') AS is_master FROM (" + kpi::LiveFactsSql(query) +
         ") WHERE job_id = {job:String})";
}

// Steps of every revision of the job, a plant's own text before the group's: one row a step, its key points
// in one text.
std::string StepsSql() {
  return "SELECT plant, revision_no, s.1 AS seq, s.2 AS step, s.3 AS note, arrayStringConcat(arrayMap((t, r, "
         "k) -> "
         "concat(t, ' (', r, ')', char(1), k), s.4, s.5, s.6), char(2)) AS points FROM (SELECT "
         "toString(plant) AS plant, "
         "revision_no, arrayZip(steps_seq, steps_major_step, arrayResize(steps_change_note, "
         "length(steps_seq), ''), "
         "steps_key_points_text, steps_key_points_reason, arrayMap(x -> arrayMap(y -> toString(y), x), "
         "steps_key_points_kind)) AS steps FROM " +
         Live("standard_work.RevisionDrafted",
              {"job_id", "revision_no", "steps_seq", "steps_major_step", "steps_change_note",
               "steps_key_points_text", "steps_key_points_kind", "steps_key_points_reason"}) +
         " ORDER BY is_master, rank DESC LIMIT 1 BY plant, revision_no) ARRAY JOIN steps AS s ORDER BY "
         "plant, revision_no, seq";
}

// The revision in force at an instant, plant by plant.
std::string InForceSql() {
  return "SELECT toString(plant) AS plant, max(revision_no) AS in_force FROM (SELECT plant, job_id, "
         "revision_no, "
         "effective_from FROM " +
         Live("standard_work.RevisionReleased", {"job_id", "revision_no", "effective_from"}) +
         " ORDER BY is_master, rank DESC LIMIT 1 BY plant, revision_no) WHERE "
         "toUnixTimestamp64Micro(effective_from) <= {now:Int64} AND "
         "(plant, revision_no) NOT IN (SELECT plant, revision_no FROM " +
         Live("standard_work.RevisionWithdrawn", {"job_id", "revision_no"}) + ") GROUP BY plant";
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  while (from < text.size()) {
    const size_t end = std::min(text.find(separator, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

bool SameText(const std::vector<BreakdownText>& a, const std::vector<BreakdownText>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const BreakdownText& x, const BreakdownText& y) {
                      return x.step == y.step && x.key_points == y.key_points;
                    });
}

// What a reader sees of a key point: without its kind.
std::string Shown(const std::string& point) { return point.substr(0, point.find('\1')); }

}  // namespace

std::vector<v1::StepDiff> DiffSteps(const std::vector<BreakdownText>& from,
                                    const std::vector<BreakdownText>& to) {
  std::vector<const BreakdownText*> partner(to.size(), nullptr);
  std::set<const BreakdownText*> taken;
  const auto match = [&](const auto& fits) {
    for (size_t i = 0; i < to.size(); ++i) {
      if (partner[i] != nullptr) continue;
      for (const BreakdownText& old : from) {
        if (taken.contains(&old) || !fits(old, to[i])) continue;
        partner[i] = &old;
        taken.insert(&old);
        break;
      }
    }
  };
  match([](const BreakdownText& a, const BreakdownText& b) { return a.step == b.step && a.seq == b.seq; });
  match([](const BreakdownText& a, const BreakdownText& b) { return a.step == b.step; });
  match([](const BreakdownText& a, const BreakdownText& b) { return a.seq == b.seq; });
  std::vector<v1::StepDiff> diffs;
  for (size_t i = 0; i < to.size(); ++i) {
    v1::StepDiff& diff = diffs.emplace_back();
    diff.set_to_seq(to[i].seq);
    diff.set_to_step(to[i].step);
    diff.set_change_note(to[i].change_note);
    const BreakdownText* old = partner[i];
    const auto points_only_in = [](const std::vector<std::string>& in,
                                   const std::vector<std::string>& other) {
      std::vector<std::string> out;
      for (const std::string& point : in) {
        if (std::find(other.begin(), other.end(), point) == other.end()) out.push_back(Shown(point));
      }
      return out;
    };
    for (const std::string& point :
         points_only_in(to[i].key_points, old == nullptr ? std::vector<std::string>() : old->key_points))
      diff.add_added_key_points(point);
    if (old == nullptr) {
      diff.set_kind(v1::StepDiff::KIND_ADDED);
      continue;
    }
    diff.set_from_seq(old->seq);
    diff.set_from_step(old->step);
    for (const std::string& point : points_only_in(old->key_points, to[i].key_points))
      diff.add_removed_key_points(point);
    const bool same =
        old->step == to[i].step && diff.added_key_points().empty() && diff.removed_key_points().empty();
    diff.set_kind(!same                   ? v1::StepDiff::KIND_CHANGED
                  : old->seq == to[i].seq ? v1::StepDiff::KIND_SAME
                                          : v1::StepDiff::KIND_MOVED);
  }
  for (const BreakdownText& old : from) {
    if (taken.contains(&old)) continue;
    v1::StepDiff& diff = diffs.emplace_back();
    diff.set_kind(v1::StepDiff::KIND_REMOVED);
    diff.set_from_seq(old.seq);
    diff.set_from_step(old.step);
    for (const std::string& point : old.key_points) diff.add_removed_key_points(Shown(point));
  }
  return diffs;
}

Status Revisions::Diff(const v1::DiffRevisionsRequest& request, v1::DiffRevisionsResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  if (request.job_id().empty()) return InvalidArgument("job_id: required");
  if (request.to_revision_no() < 1) return InvalidArgument("to_revision_no: required, from 1");
  clickhouse::Params params;
  params.parameters["job"] = clickhouse::EscapeParameter(request.job_id());
  params.parameters["now"] = std::to_string(ToMicros(clock_.Now()));
  std::map<std::string, std::map<int, std::vector<BreakdownText>>> breakdowns;  // by plant and revision
  YK_ASSIGN_OR_RETURN(const auto rows, clickhouse_.Select(StepsSql(), params));
  for (size_t row = 0; row < rows.size(); ++row) {
    BreakdownText step{static_cast<int>(rows.Int(row, "seq")), rows.Text(row, "step"), rows.Text(row, "note"),
                       Split(rows.Text(row, "points"), '\2')};
    breakdowns[rows.Text(row, "plant")][static_cast<int>(rows.Int(row, "revision_no"))].push_back(
        std::move(step));
  }
  const auto find = [&](int revision) -> Result<std::vector<BreakdownText>> {
    const auto& revisions = breakdowns[request.plant_id()];
    const auto found = revisions.find(revision);
    if (found != revisions.end()) return found->second;
    return NotFound("revision " + std::to_string(revision) + " of job '" + request.job_id() +
                    "': no draft of it counts at plant " + request.plant_id());
  };
  std::vector<BreakdownText> from;
  if (request.from_revision_no() > 0) {
    YK_ASSIGN_OR_RETURN(from, find(request.from_revision_no()));
  }
  YK_ASSIGN_OR_RETURN(const std::vector<BreakdownText> to, find(request.to_revision_no()));
  for (v1::StepDiff& diff : DiffSteps(from, to)) response->add_steps()->Swap(&diff);

  YK_ASSIGN_OR_RETURN(const auto force, clickhouse_.Select(InForceSql(), params));
  std::map<std::string, int> in_force;
  for (size_t row = 0; row < force.size(); ++row)
    in_force[force.Text(row, "plant")] = static_cast<int>(force.Int(row, "in_force"));
  const auto& master = breakdowns[kGroup];
  for (const auto& [plant, revisions] : breakdowns) {
    if (plant == kGroup) continue;
    auto* usage = response->add_usage();
    usage->set_plant_id(plant);
    if (const auto current = in_force.find(plant); current != in_force.end())
      usage->set_revision_no(current->second);
    for (const auto& [number, text] : revisions) {
      const auto same = master.find(number);
      if (same != master.end() && !SameText(same->second, text)) usage->set_local_fork(true);
    }
  }
  return OkStatus();
}

}  // namespace yokoten::insight
