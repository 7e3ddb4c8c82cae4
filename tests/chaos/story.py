"""What happens in the plants of a chaos run, as events in proto JSON: chains of events that one sender sends one after
the other, shuffled, with copies, ids used again, corrections, moves to another plant, voids, and what must be refused.

What counts depends on the order within a chain alone: keys and ids of two chains never meet. So the order in which a
chain's events were acknowledged is all that the reference model needs to know.
"""
import copy
import datetime
import random
from dataclasses import dataclass

SOURCE = "/chaos/story"
PLANTS = 3
DAYS = 105
# The last days are left out: events may not lie ahead, corrections shift times by hours.
AGO = 3
# Chains a plant and unit of size.
OUTPUTS, PROPOSALS, SESSIONS, MANAGED, HAZARDS, CASES = 40, 16, 16, 18, 12, 5
ENTITIES = {
    "operations.ShiftOutputReported": "line/{lineId}",
    "operations.CalendarPublished": "calendar/{plantId}",
    "operations.CalendarCorrected": "calendar/{plantId}",
    "improvement.": "proposal/{proposalId}",
    "standard_work.": "job/{jobId}",
    "training.TrainerCert": "trainer/{trainerRef}",
    "training.TrainingPlanned": "plan/{planId}",
    "training.PlanCancelled": "plan/{planId}",
    "training.Session": "session/{sessionId}",
    "training.ClassDelivered": "class/{classId}",
    "management.ModuleDelivered": "cohort/{cohortId}",
    "management.QuizTaken": "participant/{cohortId}/{personRef}",
    "management.Action": "action/{actionId}",
    "rollout.AuditPerformed": "audit/{auditId}",
    "safety.HazardIdentified": "hazard/{hazardId}",
    "relations.CaseOpened": "case/{caseId}",
}
ZONES = ("Asia/Shanghai", "America/Chicago", None)
# Figures a correction may change, with what they may become.
CHANGED = {"scrapQty": (0, 40), "reworkQty": (0, 40), "goodFirstTimeQty": (0, 200), "minutesLecture": (0, 90),
           "hours": (1, 9), "scorePct": (55, 100)}


@dataclass(frozen=True)
class Item:
    """One event to send. `refused`: ingest has to turn it down. `service`: the domain whose service takes it."""
    kind: str
    event: dict
    service: str
    refused: bool = False

    @property
    def key(self):
        return self.event["context"]["source"], self.event["context"]["id"]

    @property
    def entity(self):
        return entity_of(self.kind, self.event)

    def logged(self):
        """As the reference model reads it."""
        return {"type": self.kind, "entity": self.entity, "event": self.event}


def entity_of(kind, event):
    if kind == "event.Voided":
        return event["voids"]["entity"]
    pattern = next(text for name, text in ENTITIES.items() if kind.startswith(name))
    return pattern.format(**{**event["context"], **event})


class Story:
    """The same seed, chapter and day give the same chains. Chapters share plants; ids of two chapters never meet."""

    def __init__(self, seed, chapter, today, size=1.0):
        self.random = random.Random(f"{seed}/{chapter}/story")
        self.chapter = chapter
        self.start = today - datetime.timedelta(days=DAYS + AGO)
        self.plants = [f"C{n + 1}" for n in range(PLANTS)]
        self.made = 0
        self.chains = []
        for plant, zone in zip(self.plants, ZONES):
            if chapter == 0:
                self._first(plant, zone)
            for make, count in ((self._outputs, OUTPUTS), (self._proposal, PROPOSALS), (self._teaching, SESSIONS),
                                (self._managed, MANAGED), (self._hazard, HAZARDS), (self._case, CASES)):
                for _ in range(max(1, round(count * size))):
                    self._chain(make(plant))
        self.random.shuffle(self.chains)

    def events(self):
        return sum(len(chain) for chain in self.chains)

    # Times.
    def _day(self, spread=DAYS):
        return self.start + datetime.timedelta(days=self.random.randrange(spread))

    def _when(self, day=None, dated=True):
        day = day or self._day()
        if dated and self.random.random() < 0.3:
            return {"occurredOn": day.isoformat()}
        return {"occurredAt": f"{day}T{self.random.randrange(24):02d}:{self.random.randrange(60):02d}:00Z"}

    def _context(self, plant, when=None, place=True):
        self.made += 1
        context = {"source": SOURCE, "id": f"{self.chapter}-{self.made}", "plantId": plant, **(when or self._when())}
        if place:
            line = self.random.randrange(4)
            context.update(workshopId=f"W{line % 2 + 1}", lineId=f"L{line}")
        return context

    @staticmethod
    def _item(what, context, **fields):
        return Item(what, {"context": context, **fields}, what.split(".", maxsplit=1)[0])

    def _name(self, prefix):
        self.made += 1
        return f"{prefix}{self.chapter}-{self.made}"

    def _chain(self, roots):
        roots = list(roots)
        items = list(roots)
        for root in roots:
            items += self._amendments(root)
        self.random.shuffle(items)
        self.chains.append(items)

    # What happens.
    def _first(self, plant, zone):
        """Days begin with the plant's first fact, and its calendar, where it has one, is corrected under way."""
        first = (self.start - datetime.timedelta(days=2)).isoformat()
        anchor = self._item("operations.ShiftOutputReported",
                            {"source": SOURCE, "id": f"anchor-{plant}", "plantId": plant, "lineId": "L0",
                             "occurredOn": first},
                            product="anchor", productionDay=first, shiftCode="D", producedQty=10, goodQty=10,
                            scrapQty=0, reworkQty=0, snapshotVersion=1)
        self.chains.append([anchor])
        if not zone:
            return
        hours = self.random.randrange(5, 9)
        body = {"calendarVersion": 1, "timeZone": zone, "validFrom": first}

        def shifts(hour):
            return [{"shiftCode": code, "startTime": f"{begin:02d}:00", "endTime": f"{(begin + 12) % 24:02d}:00"}
                    for code, begin in (("D", hour), ("N", hour + 12))]
        when = {"occurredOn": first}
        self.chains.append([
            self._item("operations.CalendarPublished", self._context(plant, when, place=False), **body,
                       shifts=shifts(hours)),
            self._item("operations.CalendarCorrected", self._context(plant, when, place=False), **body,
                       shifts=shifts(hours - 3))])

    def _outputs(self, plant):
        """Reports of one shift; of equal snapshot versions the first recorded counts."""
        product, day = self._name("P"), self._day().isoformat()
        place = self._context(plant, {"occurredOn": day})
        for _ in range(self.random.randint(1, 3)):
            made = self.random.randrange(200, 300)
            context = {**place, "id": self._context(plant)["id"]}
            yield_ = {"inspectedQty": made, "goodFirstTimeQty": self.random.randrange(200)}
            fields = yield_ if self.random.random() < 0.8 else {}
            yield self._item("operations.ShiftOutputReported", context, product=product, productionDay=day,
                             shiftCode=self.random.choice("DN"), producedQty=made, goodQty=made - 60,
                             scrapQty=self.random.randrange(40), reworkQty=self.random.randrange(40),
                             snapshotVersion=self.random.randint(1, 3), **fields)

    def _proposal(self, plant):
        """A proposal's way, now and then with a step missing, which what comes after it waits for."""
        pick, proposal, job = self.random, self._name("R"), {"jobId": self._name("J"), "revisionNo": 2}
        day, steps = self._day(12), []

        def step(kind, chance=0.95, where=plant, **fields):
            nonlocal day
            if pick.random() < chance:
                steps.append(self._item(kind, self._context(where, {"occurredOn": day.isoformat()}), **fields))
            day += datetime.timedelta(days=pick.randrange(3))
        own = {"proposalId": proposal}
        step("improvement.ProposalSubmitted", proposerRefs=["p-1"], theme="THEME_COST", **own)
        step("improvement.ProposalScreened", attempt=1, **own)
        if pick.random() < 0.2:
            step("improvement.ProposalRejected", reason="DECISION_REASON_OTHER", **own)
            return steps
        if pick.random() < 0.1:
            step("improvement.ProposalWithdrawn", reason="DECISION_REASON_ALREADY_KNOWN", **own)
        step("improvement.ProposalApproved", **own)
        step("improvement.ProposalImplemented", implementedOn=day.isoformat(),
             ecrs=[pick.choice(("ECRS_COMBINE", "ECRS_REARRANGE", "ECRS_SIMPLIFY"))], **own)
        step("improvement.ProposalVerified", attempt=1, verifiedSavingAnnual="10", currency="CNY",
             outcome=pick.choice(("VERIFICATION_OUTCOME_EFFECTIVE",) * 4 + ("VERIFICATION_OUTCOME_INEFFECTIVE",)),
             verifierRole="VERIFIER_ROLE_IE", **own)
        group = "*" if pick.random() < 0.15 else plant
        step("standard_work.RevisionDrafted", where=group, changeReason="CHANGE_REASON_JM_PROPOSAL",
             steps=[{"seq": 1, "majorStep": "a"}], proposalIds=[proposal], **job)
        step("standard_work.RevisionReleased", where=group, effectiveFrom=f"{day}T07:00:00Z",
             retrainingRequired=True, **job)
        step("improvement.ProposalStandardized", **own, **job)
        step("improvement.YokotenAssessed", 0.7, targetLineId="L1", applicable=True, **own)
        step("improvement.YokotenCompleted", 0.5, targetLineId="L1", **own)
        return steps

    def _teaching(self, plant):
        """A plan, its session and the results, under a trainer who may lose the certificate."""
        pick, trainer = self.random, {"trainerRef": self._name("t")}
        plan, session = self._name("V"), {"sessionId": self._name("S")}
        what = {"personRef": self._name("p"), "jobId": "J1", "revisionNo": 1}
        grade = {"pillar": "PILLAR_JI", "grade": "TRAINER_GRADE_TRAINER"}
        valid = self._day(20)
        items = [
            self._item("training.TrainerCertified", self._context("*" if pick.random() < 0.1 else plant), **trainer,
                       **grade, issuer="i", validFrom=valid.isoformat(),
                       validUntil=(valid + datetime.timedelta(days=500)).isoformat()),
            self._item("training.TrainingPlanned", self._context(plant), planId=plan, targetLevel=3,
                       dueDate=self._day().isoformat(), **what),
            self._item("training.SessionStarted", self._context(plant), planId=plan, **session, **trainer, **what)]
        if pick.random() < 0.2:
            items.append(self._item("training.TrainerCertificateRevoked", self._context(plant), **trainer, **grade))
        if pick.random() < 0.2:
            items.append(self._item("training.PlanCancelled", self._context(plant), planId=plan))
        for attempt in range(1, pick.randint(2, 3)):
            items.append(self._item("training.SessionCompleted", self._context(plant), **session, attempt=attempt,
                                    result=pick.choice(("SESSION_RESULT_PASS", "SESSION_RESULT_FAIL")), minutes=9,
                                    **trainer, **what))
        return items

    def _managed(self, plant):
        """A class, a module, a test, an action or an audit."""
        pick = self.random
        kind = pick.randrange(5)
        if kind == 0:
            yield self._item("training.ClassDelivered", self._context(plant), classId=self._name("K"),
                             pillar="PILLAR_JM", trainerRef="t-1", participants=5, hours=pick.randint(1, 9),
                             externalTrainer=pick.random() < 0.3)
        elif kind == 1:
            yield self._item("management.ModuleDelivered", self._context(plant), cohortId=self._name("M"),
                             module="M1", minutesLecture=pick.randrange(60), minutesCase=30,
                             minutesRoleplay=pick.randrange(60), minutesExercise=0)
        elif kind == 2:
            person = self._name("p")
            for attempt in (1, 2):
                yield self._item("management.QuizTaken", self._context(plant), cohortId="M0", personRef=person,
                                 quizId="Z", kind="QUIZ_KIND_MANAGEMENT_LANGUAGE", attempt=attempt,
                                 scorePct=pick.randrange(60, 100))
        elif kind == 3:
            action = self._name("A")
            yield self._item("management.ActionOpened", self._context(plant), actionId=action, ownerRef="p-1",
                             dueDate=self._day().isoformat(), pillar="SQDCM_PILLAR_QUALITY")
            yield self._item("management.ActionClosed", self._context(plant), actionId=action,
                             doneOn=self._day().isoformat())
        else:
            good, bad = pick.randrange(9), pick.randrange(4)
            yield self._item("rollout.AuditPerformed", self._context(plant), auditId=self._name("B"),
                             auditorRef="p-2", itemsTotal=good + bad + 1, itemsNa=1, itemsOk=good, itemsNok=bad,
                             jobId=f"J{pick.randrange(2)}")

    def _hazard(self, plant):
        when = self._when(dated=False)
        context = {**self._context(plant, when), "reportedAt": when["occurredAt"]}
        fields = {"hazardId": self._name("H"), "grade": "HAZARD_GRADE_GENERAL", "cause": "HAZARD_CAUSE_THING"}
        yield self._item("safety.HazardIdentified", context, **fields)
        if self.random.random() < 0.4:
            yield self._wrong(context, fields)

    def _wrong(self, context, fields):
        """What ingest has to refuse, each with another fault."""
        event = {"context": {**context, "id": f"refused-{context['id']}"}, **fields}
        fault = self.random.randrange(3)
        if fault == 0:
            del event["cause"]
        elif fault == 1:
            event["context"]["occurredAt"] = event["context"]["reportedAt"] = \
                f"{self.start + datetime.timedelta(days=DAYS + 400)}T00:00:00Z"
        else:
            event["context"]["plantId"] = "no plant"
        return Item("safety.HazardIdentified", event, "safety", refused=True)

    def _case(self, plant):
        context = {**self._context(plant, place=False), "workshopId": "W1", "actor": "p-7"}
        yield self._item("relations.CaseOpened", context, caseId=self._name("Q"), caseRound=1,
                         category="CASE_CATEGORY_WORKLOAD", peopleInvolved=3)

    # What senders do afterwards.
    def _amendments(self, root):
        pick, own = self.random, root.event["context"]
        if root.refused:
            return [root]
        items = [root] if pick.random() < 0.2 else []
        if pick.random() < 0.07 and own["plantId"] != "*":
            items.append(self._changed(root, plantId=pick.choice(self.plants)))
        reference = {"source": own["source"], "id": own["id"], "plantId": own["plantId"], "entity": root.entity}
        corrections = pick.randint(1, 2) if pick.random() < 0.3 else 0
        for number in range(corrections):
            correction = self._changed(root, id=f"{own['id']}-c{number}", corrects=reference,
                                       reasonCode="CORRECTION_REASON_DATA_ENTRY")
            context = correction.event["context"]
            if pick.random() < 0.4 and own["plantId"] != "*":
                context["plantId"] = pick.choice(self.plants)
            if "occurredAt" in context and "reportedAt" not in context:
                at = datetime.datetime.fromisoformat(context["occurredAt"].replace("Z", ""))
                at += datetime.timedelta(hours=10 * pick.randint(-3, 3))
                context["occurredAt"] = at.isoformat() + "Z"
            for name, (low, high) in CHANGED.items():
                if name in correction.event:
                    correction.event[name] = pick.randrange(low, high)
            items.append(correction)
        if pick.random() < 0.12:
            # The root, or its first correction.
            target = dict(reference)
            if corrections and pick.random() < 0.5:
                first = items[-corrections]
                target.update(id=f"{own['id']}-c0", plantId=first.event["context"]["plantId"], entity=first.entity)
            when = {name: own[name] for name in ("occurredAt", "occurredOn") if name in own}
            items.append(Item("event.Voided", {
                "context": {"source": own["source"], "id": f"{own['id']}-v", "plantId": target["plantId"], **when},
                "voids": target, "reason": "VOID_REASON_DUPLICATE"}, root.service))
        return items

    @staticmethod
    def _changed(root, **context):
        event = copy.deepcopy(root.event)
        event["context"].update(context)
        return Item(root.kind, event, root.service)
