// Which key points are missed.
#include <algorithm>
#include <map>

#include "insight/loop/inquiry.h"
#include "insight/loop/people.h"
#include "insight/requests.h"
#include "stats/intervals.h"

namespace yokoten::insight {
namespace {

const kpi::Question& MissesByRevision() {
  static const kpi::Question question = LinkedQuestion(
      "misses_by_revision", R"sql(
SELECT job_id, revision_no, seq, no, missed, incidents, all_errors AS errors, all_operations AS operations
FROM
(
    SELECT *, sum(errors) OVER (PARTITION BY job_id, revision_no) AS all_errors,
           sum(operations) OVER (PARTITION BY job_id, revision_no) AS all_operations,
           sum(incidents) OVER (PARTITION BY job_id, revision_no) AS all_incidents
    FROM
    (
        SELECT e.job_id AS job_id, ifNull(s.revision_no, 0) AS revision_no, e.seq AS seq, e.no AS no,
               sum(e.missed) AS missed, sum(e.errors) AS errors,
               sum(e.operations) AS operations, sum(e.incidents) AS incidents
        FROM
        (
            SELECT toString(job_id) AS job_id, day, if(no = 0, 0, ifNull(step_seq, 0)) AS seq,
                   ifNull(key_point_no, 0) AS no,
                   toInt64(error_class = 'key_point_missed' OR no > 0) AS missed, toInt64(1) AS errors,
                   toInt64(0) AS operations, toInt64(0) AS incidents
            FROM {facts operations.OperationErrorRecorded(job_id, error_class, method_related, step_seq, key_point_no)}
            WHERE method_related = 1
            UNION ALL
            SELECT toString(job_id), day, 0, 0, 0, 0, operations, 0 FROM {step job_error} WHERE operations > 0
            UNION ALL
            SELECT toString(job_id), day, if(ifNull(key_point_no, 0) = 0, 0, ifNull(step_seq, 0)),
                   ifNull(key_point_no, 0),
                   0, 0, 0, 1
            FROM {facts safety.IncidentReported(job_id, step_seq, key_point_no)} WHERE job_id != ''
        ) AS e
        LEFT JOIN {step standard_day} AS s ON s.job_id = e.job_id AND s.day = e.day
        WHERE e.day IN (SELECT day FROM {scope})
        GROUP BY job_id, revision_no, seq, no
    )
)
WHERE no > 0 OR all_errors > 0 OR all_incidents > 0
)sql",
      {"operations.OperationErrorRecorded", "operations.ErrorsAggregated", "safety.IncidentReported"});
  return question;
}

const kpi::Question& KeyPointsOfRevisions() {
  static const kpi::Question question = LinkedQuestion("key_points_of_revisions", R"sql(
SELECT job_id, revision_no, s.1 AS seq, p.1 AS text, p.2 AS kind, p.3 AS no
FROM
(
    SELECT job_id, revision_no, arrayZip(steps_seq, steps_key_points_text, arrayMap(x -> arrayMap(y -> toString(y),
        x), steps_key_points_kind)) AS steps
    FROM {facts standard_work.RevisionDrafted(job_id, revision_no, steps_seq, steps_key_points_text,
        steps_key_points_kind)}
    ORDER BY rank DESC LIMIT 1 BY job_id, revision_no
)
ARRAY JOIN steps AS s
ARRAY JOIN arrayZip(s.2, s.3, arrayEnumerate(s.2)) AS p
ORDER BY job_id, revision_no, seq, no
)sql");
  return question;
}

}  // namespace

Status People::KeyPoints(const v1::RankKeyPointsRequest& request, v1::RankKeyPointsResponse* response) const {
  YK_RETURN_IF_ERROR(RequirePlant(request.plant_id(), "plant_id"));
  YK_ASSIGN_OR_RETURN(const auto from, OptionalDay(request.from(), "from"));
  YK_ASSIGN_OR_RETURN(const auto to, OptionalDay(request.to(), "to"));
  YK_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 100, 1000));
  YK_ASSIGN_OR_RETURN(const int64_t offset, PageOffset(request.page_token()));
  YK_ASSIGN_OR_RETURN(const PlantTime plant, PlantTimeOf(clickhouse_, request.plant_id()));
  const Day last = to.value_or(plant.current), first = from.value_or(last - 89);
  if (first > last) return InvalidArgument("from: " + FormatDay(first) + " is after " + FormatDay(last));
  if ((last - first.value).value >= 366) return InvalidArgument("from: more than 366 days; ask in parts");
  response->set_from(FormatDay(first));
  response->set_to(FormatDay(last));
  YK_ASSIGN_OR_RETURN(const Inquiry inquiry, Inquiry::Open(clickhouse_, plant, DaysFrom(first, last),
                                                           {&MissesByRevision(), &KeyPointsOfRevisions()}));
  YK_ASSIGN_OR_RETURN(const auto misses, inquiry.Ask(MissesByRevision()));
  std::vector<v1::RankKeyPointsResponse::Row> rows;
  for (size_t i = 0; i < misses.size(); ++i) {
    auto& row = rows.emplace_back();
    row.set_job_id(misses.Text(i, "job_id"));
    row.set_revision_no(static_cast<int32_t>(misses.Int(i, "revision_no")));
    row.set_step_seq(static_cast<int32_t>(misses.Int(i, "seq")));
    row.set_key_point_no(static_cast<int32_t>(misses.Int(i, "no")));
    row.set_missed(misses.Int(i, "missed"));
    row.set_errors(misses.Int(i, "errors"));
    row.set_operations(misses.Int(i, "operations"));
    row.set_incidents(misses.Int(i, "incidents"));
    const auto missed = static_cast<double>(row.missed());
    if (const auto share = stats::Wilson(missed, static_cast<double>(row.errors()))) {
      row.set_share(missed / static_cast<double>(row.errors()));
      row.set_share_low(share->lower);
      row.set_share_high(share->upper);
    }
    if (const auto rate = stats::GarwoodRate(missed, static_cast<double>(row.operations()), 1000)) {
      row.set_rate(1000 * missed / static_cast<double>(row.operations()));
      row.set_rate_low(rate->lower);
      row.set_rate_high(rate->upper);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(-a.share_low(), -a.missed(), -a.incidents(), a.job_id(), a.revision_no(),
                           a.step_seq(), a.key_point_no()) <
           std::make_tuple(-b.share_low(), -b.missed(), -b.incidents(), b.job_id(), b.revision_no(),
                           b.step_seq(), b.key_point_no());
  });
  for (size_t i = static_cast<size_t>(offset); i < rows.size(); ++i) {
    if (response->rows_size() == size) {
      response->set_next_page_token(std::to_string(offset + size));
      break;
    }
    response->add_rows()->Swap(&rows[i]);
  }
  std::multimap<std::pair<std::string, int32_t>, v1::RankKeyPointsResponse::Row*> shown;
  for (auto& row : *response->mutable_rows()) shown.insert({{row.job_id(), row.revision_no()}, &row});
  YK_ASSIGN_OR_RETURN(const auto points, inquiry.Ask(KeyPointsOfRevisions()));
  for (size_t i = 0; i < points.size(); ++i) {
    const auto seq = static_cast<int32_t>(points.Int(i, "seq")),
               no = static_cast<int32_t>(points.Int(i, "no"));
    const auto [first, last] =
        shown.equal_range({points.Text(i, "job_id"), static_cast<int32_t>(points.Int(i, "revision_no"))});
    for (auto row = first; row != last; ++row) {
      v1::RankKeyPointsResponse::Row& of = *row->second;
      if (of.key_point_no() == 0) {
        auto* point = of.add_key_points();
        point->set_seq(seq);
        point->set_text(points.Text(i, "text"));
        point->set_kind(points.Text(i, "kind"));
      } else if (of.step_seq() == seq && of.key_point_no() == no) {
        of.set_text(points.Text(i, "text"));
        of.set_kind(points.Text(i, "kind"));
      }
    }
  }
  return OkStatus();
}

}  // namespace yokoten::insight
