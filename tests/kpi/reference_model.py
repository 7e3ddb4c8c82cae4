#!/usr/bin/env python3
"""An independent model of some KPIs, for the test that histories of any kind give the right cells.

Reads a file of events as they were recorded, one JSON object a line: {"type": "safety.HazardIdentified",
"entity": "hazard/H1", "event": {... in proto JSON ...}}; prints what the plants' day cells hold, a line each:
kpi, plant, day, dimension, numerator, denominator, observations (tab-separated, zeros left out).

Written from the meaning of the figures (docs, the definitions' formulas in words), in another language and another way
than the product: no SQL, no cells, no scopes; everything from the start, for every question.
"""
import collections
import datetime
import json
import sys
import zoneinfo

UTC = datetime.timezone.utc
FAR = datetime.date(2299, 12, 31)

# Fields that with the type and the plant are a fact's business key .
KEYS = {
    "operations.ShiftOutputReported": ("context.lineId", "context.stationId", "product", "productionDay", "shiftCode",
                                       "snapshotVersion"),
    "improvement.ProposalSubmitted": ("proposalId",),
    "improvement.ProposalScreened": ("proposalId", "attempt"),
    "improvement.ProposalApproved": ("proposalId",),
    "improvement.ProposalRejected": ("proposalId",),
    "improvement.ProposalDeferred": ("proposalId", "attempt"),
    "improvement.ProposalWithdrawn": ("proposalId",),
    "improvement.ProposalImplemented": ("proposalId",),
    "improvement.ProposalVerified": ("proposalId", "attempt"),
    "improvement.ProposalStandardized": ("proposalId",),
    "improvement.YokotenAssessed": ("proposalId", "targetLineId"),
    "improvement.YokotenCompleted": ("proposalId", "targetLineId"),
    "standard_work.RevisionDrafted": ("jobId", "revisionNo"),
    "standard_work.RevisionReleased": ("jobId", "revisionNo"),
    "training.TrainingPlanned": ("planId",),
    "training.PlanCancelled": ("planId",),
    "training.SessionStarted": ("sessionId",),
    "training.SessionCompleted": ("sessionId", "attempt"),
    "training.TrainerCertified": ("trainerRef", "pillar", "grade", "validFrom"),
    "training.ClassDelivered": ("classId",),
    "management.ModuleDelivered": ("cohortId", "module"),
    "management.QuizTaken": ("cohortId", "personRef", "quizId", "attempt"),
    "management.ActionOpened": ("actionId",),
    "management.ActionClosed": ("actionId",),
    "rollout.AuditPerformed": ("auditId",),
    "operations.CalendarPublished": ("calendarVersion",),
}


def date(text):
    return datetime.date.fromisoformat(text)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


class Fact:
    """A live fact: the fields that count, and where it stands among the others."""

    def __init__(self, kind, event, order):
        self.kind, self.event, self.order = kind, event, order
        self.context = event["context"]
        self.plant = self.context["plantId"]
        if "occurredOn" in self.context:
            self.on = date(self.context["occurredOn"])
            self.at = datetime.datetime.combine(self.on, datetime.time(), UTC)
        else:
            self.on = None
            self.at = instant(self.context["occurredAt"])

    def __getitem__(self, name):
        return self.event.get(name)

    def number(self, name):
        return float(self.event.get(name, 0))


def live_facts(log):
    """Identity, corrections, voids and business keys : live facts by type."""
    first = {}
    for order, entry in enumerate(log):
        context = entry["event"]["context"]
        first.setdefault((context["source"], context["id"]), (order, entry))

    def names(reference, target):
        return (reference["plantId"] == target["event"]["context"]["plantId"]
                and reference["entity"] == target["entity"])

    def target_of(reference):
        found = first.get((reference["source"], reference["id"]))
        return found if found and names(reference, found[1]) else None

    voided, corrections = set(), collections.defaultdict(list)
    for key, (order, entry) in first.items():
        event = entry["event"]
        if entry["type"] == "event.Voided":
            target = target_of(event["voids"])
            if target and target[1]["type"] != "event.Voided":
                voided.add((event["voids"]["source"], event["voids"]["id"]))
        elif "corrects" in event["context"]:
            reference = event["context"]["corrects"]
            target = target_of(reference)
            if target and target[1]["type"] == entry["type"] and "corrects" not in target[1]["event"]["context"]:
                corrections[reference["source"], reference["id"]].append((order, key, entry))

    live = []
    for key, (order, entry) in first.items():
        if entry["type"] == "event.Voided" or "corrects" in entry["event"]["context"] or key in voided:
            continue
        fitting = [c for c in corrections[key] if c[1] not in voided]
        version = max(fitting)[2] if fitting else entry
        live.append(Fact(entry["type"], version["event"], order))

    by_type, taken = collections.defaultdict(list), set()
    for fact in sorted(live, key=lambda f: f.order):
        if fact.kind in KEYS:
            values = []
            for name in KEYS[fact.kind]:
                if name.startswith("context."):
                    values.append(fact.context.get(name[8:]))
                else:
                    values.append(fact[name])
            key = (fact.kind, fact.plant, tuple(values))
            if key in taken:
                continue
            taken.add(key)
        by_type[fact.kind].append(fact)
    return by_type


class Calendar:
    """Production days of one plant ."""

    def __init__(self, published, corrected):
        versions = {}
        for fact in published:
            versions.setdefault(fact["calendarVersion"], fact)
        for fact in corrected:  # of a version the latest correction
            versions[fact["calendarVersion"]] = fact
        self.versions = sorted(((date(f["validFrom"]), number, f) for number, f in versions.items()),
                               key=lambda v: v[:2])

    def _in_force(self, day):
        found = None
        for valid_from, _, fact in self.versions:
            if valid_from <= day:
                found = fact
        return found

    def day_of(self, fact):
        if fact.on:
            return fact.on
        if not self.versions:
            return fact.at.date()
        starts = []
        for back in range(-4, 5):
            day = fact.at.date() + datetime.timedelta(days=back)
            version = self._in_force(day)
            if not version:
                continue
            zone = zoneinfo.ZoneInfo(version["timeZone"])
            for shift in version["shifts"]:
                local = day + datetime.timedelta(days=shift.get("dayOffset", 0))
                if shift.get("weekdays") and local.isoweekday() not in shift["weekdays"]:
                    continue
                if local.isoformat() in (version["holidays"] or ()):
                    continue
                start = datetime.datetime.combine(local, datetime.time.fromisoformat(shift["startTime"]), zone)
                end = datetime.datetime.combine(local, datetime.time.fromisoformat(shift["endTime"]), zone)
                if end <= start:
                    end = datetime.datetime.combine(local + datetime.timedelta(days=1), end.time(), zone)
                start, end = start.astimezone(UTC), end.astimezone(UTC)
                if start <= fact.at and start < end:
                    starts.append((start, day, shift["shiftCode"], end))
        if starts:
            start, day, _, end = max(starts)
            if fact.at < end:
                return day
        version = self._in_force(fact.at.date()) or self.versions[0][2]
        return fact.at.astimezone(zoneinfo.ZoneInfo(version["timeZone"])).date()


class Model:
    def __init__(self, log):
        self.facts = live_facts(log)
        self.cells = collections.Counter()
        self.counts = collections.Counter()
        self.plants = sorted({f.plant for facts in self.facts.values() for f in facts} - {"*"})
        for self.plant in self.plants:
            self.calendar = Calendar(self.of("operations.CalendarPublished"), self.of("operations.CalendarCorrected"))
            self.outputs()
            self.proposals()
            self.sessions()
            self.management()

    def of(self, kind):
        """Live facts of the plant and of the group, as they were recorded."""
        return [f for f in self.facts[kind] if f.plant in (self.plant, "*")]

    def day(self, fact):
        return self.calendar.day_of(fact)

    def add(self, kpi, day, numerator, denominator, dim="", observations=1):
        self.cells[kpi, self.plant, day, dim, "n"] += numerator
        self.cells[kpi, self.plant, day, dim, "d"] += denominator
        self.counts[kpi, self.plant, day, dim] += observations

    def outputs(self):
        """scrap_ratio, rework_ratio, first_pass_yield: of several reports the highest snapshot version."""
        best = {}
        for f in self.of("operations.ShiftOutputReported"):
            unit = (f.context.get("lineId"), f.context.get("stationId"))
            key = (unit, f["product"], f["productionDay"], f["shiftCode"])
            if key not in best or f.number("snapshotVersion") > best[key].number("snapshotVersion"):
                best[key] = f
        for f in best.values():
            day = self.day(f)
            self.add("scrap_ratio", day, f.number("scrapQty"), f.number("producedQty"))
            self.add("rework_ratio", day, f.number("reworkQty"), f.number("producedQty"))
            if f["inspectedQty"] is not None and f["goodFirstTimeQty"] is not None:
                self.add("first_pass_yield", day, f.number("goodFirstTimeQty"), f.number("inspectedQty"))

    # Proposals: state and event to state.
    STEPS = {
        ("", "Submitted"): "SUBMITTED",
        ("SUBMITTED", "Screened"): "SCREENED", ("DEFERRED", "Screened"): "SCREENED",
        ("SCREENED", "Approved"): "APPROVED", ("SCREENED", "Rejected"): "REJECTED",
        ("SUBMITTED", "Deferred"): "DEFERRED", ("SCREENED", "Deferred"): "DEFERRED",
        ("APPROVED", "Deferred"): "DEFERRED",
        ("SUBMITTED", "Withdrawn"): "WITHDRAWN", ("SCREENED", "Withdrawn"): "WITHDRAWN",
        ("APPROVED", "Withdrawn"): "WITHDRAWN", ("DEFERRED", "Withdrawn"): "WITHDRAWN",
        ("APPROVED", "Implemented"): "IMPLEMENTED",
        ("IMPLEMENTED", "Verified"): "VERIFIED", ("INEFFECTIVE", "Verified"): "VERIFIED",
        ("VERIFIED", "Standardized"): "STANDARDIZED",
    }

    def proposals(self):
        by_id = collections.defaultdict(list)
        for name in sorted({event for _, event in self.STEPS}):
            for f in self.of("improvement.Proposal" + name):
                by_id[f["proposalId"]].append((f.at, f.order, name, f))
        effective = {}
        for proposal, steps in by_id.items():
            state, taken = "", {}
            for _, _, name, f in sorted(steps, key=lambda s: s[:2]):
                after = self.STEPS.get((state, name))
                if not after:
                    continue
                if name == "Verified" and f["outcome"] != "VERIFICATION_OUTCOME_EFFECTIVE":
                    after = "INEFFECTIVE"
                state = after
                taken.setdefault(state, f)
            if "SUBMITTED" not in taken:
                continue
            submitted = self.day(taken["SUBMITTED"])
            decided = taken.get("APPROVED") or taken.get("REJECTED")
            if decided:
                self.add("adoption_rate", self.day(decided), "APPROVED" in taken, 1)
            done = taken.get("IMPLEMENTED")
            done_on = done and date(done["implementedOn"])
            in_time = bool(done) and done_on <= submitted + datetime.timedelta(days=90)
            self.add("implementation_rate", submitted, in_time, 1)
            if done:
                for tag, name in zip("ECRS", ("ELIMINATE", "COMBINE", "REARRANGE", "SIMPLIFY")):
                    self.add("ecrs_split", done_on, "ECRS_" + name in done["ecrs"], 1, dim=tag)
            if "VERIFIED" in taken:
                day = effective[proposal] = self.day(taken["VERIFIED"])
                standard = self.standard_day(proposal, taken.get("STANDARDIZED"))
                self.add("standardized_rate", day,
                         standard is not None and standard <= day + datetime.timedelta(days=60), 1)
        self.yokoten(effective)

    def standard_day(self, proposal, step):
        """The day by which a revision that lists the proposal was released and the proposal's own step was there."""
        if not step:
            return None

        def revision(kind):
            return next((f for f in self.of("standard_work.Revision" + kind)
                         if (f["jobId"], f["revisionNo"]) == (step["jobId"], step["revisionNo"])), None)
        drafted, released = revision("Drafted"), revision("Released")
        if not drafted or not released or proposal not in (drafted["proposalIds"] or ()):
            return None
        return max(self.day(step), self.day(released))

    def yokoten(self, effective):
        """Targets done of those applicable, of proposals effective for 90 days: the state at the end of each day."""
        targets, done = {}, {}
        for f in self.of("improvement.YokotenAssessed"):
            targets.setdefault((f["proposalId"], f["targetLineId"]), f)
        for f in self.of("improvement.YokotenCompleted"):
            done.setdefault((f["proposalId"], f["targetLineId"]), f)
        for key, f in targets.items():
            if not f["applicable"] or key[0] not in effective:
                continue
            day = max(self.day(f), effective[key[0]] + datetime.timedelta(days=90))
            end = done.get(key)
            end_day = self.day(end) if end and end.at >= f.at else None
            for _ in range(400):
                self.add("yokoten_rate", day, end_day is not None and end_day <= day, 1)
                day += datetime.timedelta(days=1)

    def certified(self, trainer, day):
        for f in self.of("training.TrainerCertified"):
            if (f["trainerRef"], f["pillar"]) != (trainer, "PILLAR_JI"):
                continue
            until = date(f["validUntil"])
            for r in self.of("training.TrainerCertificateRevoked"):
                if (r["trainerRef"], r["pillar"], r["grade"]) == (trainer, "PILLAR_JI", f["grade"]):
                    if self.day(r) >= date(f["validFrom"]):
                        until = min(until, self.day(r) - datetime.timedelta(days=1))
            if date(f["validFrom"]) <= day <= until:
                return True
        return False

    def sessions(self):
        """ji_first_time_pass_rate, training_plan_adherence: results under a certified trainer only."""
        results = collections.defaultdict(dict)
        for f in self.of("training.SessionCompleted"):
            results[f["sessionId"]].setdefault(f["attempt"], f)
        passed = {}
        for session, attempts in results.items():
            counted = [(n, f) for n, f in sorted(attempts.items()) if self.certified(f["trainerRef"], self.day(f))]
            if counted:
                number, f = counted[0]
                self.add("ji_first_time_pass_rate", self.day(f),
                         number == 1 and f["result"] == "SESSION_RESULT_PASS", 1)
            days = [self.day(f) for _, f in counted if f["result"] == "SESSION_RESULT_PASS"]
            if days:
                passed[session] = min(days)
        plan_days, started = collections.defaultdict(list), set()
        for f in self.of("training.SessionStarted"):
            if f["sessionId"] in started:
                continue
            started.add(f["sessionId"])
            if f["planId"] and f["sessionId"] in passed:
                plan_days[f["planId"]].append(passed[f["sessionId"]])
        cancelled = {}
        for f in self.of("training.PlanCancelled"):
            cancelled[f["planId"]] = min(self.day(f), cancelled.get(f["planId"], FAR))
        seen = set()
        for f in self.of("training.TrainingPlanned"):
            if f["planId"] in seen:
                continue
            seen.add(f["planId"])
            due = date(f["dueDate"])
            if f["planId"] in cancelled and cancelled[f["planId"]] + datetime.timedelta(days=7) <= due:
                continue
            self.add("training_plan_adherence", due, any(d <= due for d in plan_days[f["planId"]]), 1)

    def first(self, kind, *fields):
        """Of several live facts of one thing (the plant's and the group's) the first recorded."""
        found = {}
        for f in self.of(kind):
            found.setdefault(tuple(f[name] for name in fields), f)
        return found

    def management(self):
        """internal_delivery_share, mtp_practice_ratio, management_language_pass_rate, action_on_time and
        audit_adherence."""
        for f in self.first("training.ClassDelivered", "classId").values():
            hours = f.number("hours")
            self.add("internal_delivery_share", self.day(f), 0 if f["externalTrainer"] else hours, hours)
        for f in self.first("management.ModuleDelivered", "cohortId", "module").values():
            practice = sum(f.number("minutes" + kind) for kind in ("Case", "Roleplay", "Exercise"))
            for dim in ("", f["cohortId"]):
                self.add("mtp_practice_ratio", self.day(f), practice, practice + f.number("minutesLecture"), dim)
        attempts = [f for f in self.of("management.QuizTaken")
                    if f["kind"] == "QUIZ_KIND_MANAGEMENT_LANGUAGE" and f["attempt"] == 1]
        seen = set()
        for f in sorted(attempts, key=lambda f: (f.at, f.order)):
            if (f["personRef"], f["quizId"]) not in seen:
                seen.add((f["personRef"], f["quizId"]))
                mark = 80 if f["passMark"] is None else f.number("passMark")
                self.add("management_language_pass_rate", self.day(f), f.number("scorePct") >= mark, 1)
        closed = self.first("management.ActionClosed", "actionId")
        for key, f in self.first("management.ActionOpened", "actionId").items():
            end, due = closed.get(key), date(f["dueDate"])
            in_time = end is not None and end.at >= f.at and date(end["doneOn"]) <= due
            self.add("action_on_time", max(due, self.day(f)), in_time, 1)
        for f in self.first("rollout.AuditPerformed", "auditId").values():
            good = f.number("itemsOk")
            for dim in {"", f["jobId"] or ""}:
                self.add("audit_adherence", self.day(f), good, good + f.number("itemsNok"), dim)


def main():
    with open(sys.argv[1], encoding="utf-8") as log:
        model = Model([json.loads(line) for line in log])
    for key, observations in sorted(model.counts.items()):
        numerator, denominator = model.cells[(*key, "n")], model.cells[(*key, "d")]
        print(*(str(part) for part in key), f"{numerator:g}", f"{denominator:g}", observations, sep="\t")


if __name__ == "__main__":
    main()
