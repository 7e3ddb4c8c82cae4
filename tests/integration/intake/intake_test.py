#!/usr/bin/env python3
"""Every way in, with the tools an integrator has at hand: the README's own commands, curl with CloudEvents in all three
modes, grpcurl through reflection, a batch with everything wrong that can be wrong, and kcat to see what Kafka holds.

  intake_test.py BINARY
"""
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import Product  # noqa: E402

SERVICES = ["admin.v1.AdminService", "improvement.v1.ImprovementIngestService", "insight.v1.InsightService",
            "management.v1.ManagementIngestService", "operations.v1.OperationsIngestService",
            "relations.v1.RelationsIngestService", "rollout.v1.RolloutIngestService", "safety.v1.SafetyIngestService",
            "standard_work.v1.StandardWorkIngestService", "training.v1.TrainingIngestService"]
OPERATIONS = "yokoten.operations.v1.OperationsIngestService"
# One row for each ingest target, broken only by a rule between its fields; the target, its type and that field.
BROKEN_ROWS = {
    "safety": ("safety.PeriodReported", "period_to", {
        "context.occurred_on": "2026-01-01", "period_from": "2026-01-31", "period_to": "2026-01-01",
        "snapshot_version": "1", "hours_worked": "1", "deaths": "0", "dafw_cases": "0", "djtr_cases": "0",
        "other_cases": "0"}),
    "operations": ("operations.RoleChanged", "to_role", {
        "context.occurred_on": "2026-01-01", "person_ref": "p-1", "from_role": "operator", "to_role": "operator",
        "effective_on": "2026-01-01"}),
    "training": ("training.SessionStarted", "trainer_ref", {
        "context.occurred_on": "2026-01-01", "session_id": "S1", "trainer_ref": "p-1", "person_ref": "p-1",
        "job_id": "J1", "revision_no": "1"}),
    "improvement": ("improvement.ProposalSubmitted", "currency", {
        "context.occurred_on": "2026-01-01", "proposal_id": "K1", "proposer_refs": "p-1", "job_id": "J1",
        "theme": "quality", "expected_saving_annual": "100"}),
    "standard-work": ("standard_work.RevisionReleased", "retraining_required", {
        "context.occurred_on": "2026-01-01", "job_id": "J1", "revision_no": "1",
        "effective_from": "2026-02-01T00:00:00Z", "retraining_required": "false"}),
    "relations": ("relations.CaseOpened", "context.line_id", {
        "context.occurred_on": "2026-01-01", "context.workshop_id": "W1", "context.line_id": "L1",
        "context.actor": "p-1", "case_id": "C1", "case_round": "1", "category": "workload", "people_involved": "2"}),
    "management": ("management.QuizTaken", "module", {
        "context.occurred_on": "2026-01-01", "cohort_id": "G1", "person_ref": "p-1", "quiz_id": "Q1", "kind": "module",
        "attempt": "1", "score_pct": "90"}),
    "rollout": ("rollout.AuditPerformed", "items_total", {
        "context.occurred_on": "2026-01-01", "audit_id": "A1", "auditor_ref": "p-1", "items_total": "10",
        "items_na": "1", "items_ok": "8", "items_nok": "2"}),
}
failures = []


def check(what, good, detail=""):
    print(("ok      " if good else "FAILED  ") + what, flush=True)
    if not good:
        failures.append(what)
        print(f"        {detail}", flush=True)


def run(command, body=None):
    done = subprocess.run(command, input=body, capture_output=True, timeout=60)
    return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def post(url, body, content_type, headers=()):
    """Status, headers and JSON (or text) of an answer."""
    request = urllib.request.Request(url, data=body, method="POST",
                                     headers={"Content-Type": content_type, **dict(headers)})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, answered, text = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, answered, text = error.code, error.headers, error.read()
    try:
        return status, answered, json.loads(text)
    except ValueError:
        return status, answered, text.decode(errors="replace")


class Intake:
    def __init__(self, product):
        self.product = product
        self.http = f"http://127.0.0.1:{product.http_port}"
        self.grpc = f"127.0.0.1:{product.grpc_port}"
        self.grpcurl = os.path.join(product.tools, "bin/grpcurl")

    def ends(self, topic):
        """Records of a topic in Kafka."""
        text = run(["kcat", "-b", f"127.0.0.1:{self.product.kafka_port}", "-C", "-t", topic, "-e", "-q", "-f",
                    "%p %o\n"])
        return len([line for line in text.splitlines() if re.fullmatch(r"\d+ \d+", line)])

    def headers(self, topic):
        return run(["kcat", "-b", f"127.0.0.1:{self.product.kafka_port}", "-C", "-t", topic, "-e", "-q", "-f", "%h\n"])

    def readme(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            text = file.read()
        text = text[text.index("## Send a first event"):]
        for block in re.findall(r"```sh\n(.*?)```", text, re.S):
            tool = "curl" if block.startswith("curl") else "kcat" if block.startswith("kcat") else "grpcurl"
            for port, own in ((8080, self.product.http_port), (8090, self.product.grpc_port),
                              (9092, self.product.kafka_port)):
                block = block.replace(f"127.0.0.1:{port}", f"127.0.0.1:{own}")
            block = block.replace("~/.yokoten/tools", self.product.tools).replace("sim.yokoten", "yokoten")
            output = run(["bash", "-c", block])
            wanted = {"curl": '"status":"accepted"', "grpcurl": "EVENT_STATUS_ACCEPTED",
                      "kcat": "ce_id=shift-report-1"}[tool]
            check(f"README: {tool} does what it says", wanted in output, output)

    def reflection(self):
        listed = run([self.grpcurl, "-plaintext", self.grpc, "list"]).split()
        check("grpcurl lists every service", {f"yokoten.{s}" for s in SERVICES} <= set(listed), listed)
        for service in SERVICES:
            method, body = (("ListPlants", "{}") if "insight" in service else ("GetStatus", "{}") if "admin" in service
                            else ("IngestEvents", '{"events": []}'))
            output = run([self.grpcurl, "-plaintext", "-d", body, self.grpc, f"yokoten.{service}/{method}"])
            check(f"grpcurl calls {service}/{method}", output.lstrip().startswith("{"), output)
        health = run([self.grpcurl, "-plaintext", "-d", '{"service": "yokoten.insight.v1.InsightService"}', self.grpc,
                      "grpc.health.v1.Health/Check"])
        check("health says SERVING", "SERVING" in health, health)

    def cloud_events(self):
        data = {"unit_id": "W1", "level": "workshop", "parent_id": "CE", "name_zh": "车间", "effective_on": "2026-01-01"}
        event = {"specversion": "1.0", "type": "yokoten.operations.v1.OrgUnitOpened", "source": "/plants/CE/erp",
                 "plantid": "CE", "occurredon": "2026-01-01"}
        before = self.ends("yokoten.operations.v1")
        status, headers, answer = post(f"{self.http}/v1/events",
                                       json.dumps({**event, "id": "structured", "data": data}).encode(),
                                       "application/cloudevents+json")
        check("a structured CloudEvent is taken", status == 200 and answer.get("status") == "accepted", answer)
        check("its answer carries the token as a header too", bool(headers.get("Yokoten-Consistency-Token")), headers)
        status, _, answer = post(f"{self.http}/v1/events", json.dumps(data).encode(), "application/json",
                                 {**{f"ce-{k}": v for k, v in event.items()}, "ce-id": "binary"}.items())
        check("a binary CloudEvent is taken", status == 200 and answer.get("status") == "accepted", answer)
        batch = [{**event, "id": "batch-1", "data": data}, {**event, "id": "batch-2", "data": {**data, "level": ""}}]
        status, _, answer = post(f"{self.http}/v1/events", json.dumps(batch).encode(),
                                 "application/cloudevents-batch+json")
        results = answer.get("results", [{}, {}])
        check("a batch is answered event by event", status == 200 and results[0].get("status") == "accepted" and
              results[1].get("status") == "rejected" and "level" in results[1].get("field", ""), answer)
        check("Kafka holds the three that were taken", self.ends("yokoten.operations.v1") == before + 3)
        headers = self.headers("yokoten.operations.v1")
        for name in ("structured", "binary", "batch-1"):
            line = next((line for line in headers.splitlines() if f"ce_id={name}," in line), "")
            check(f"kcat shows the CloudEvents headers of '{name}'", all(
                part in line for part in ("ce_specversion=1.0", "ce_source=/plants/CE/erp",
                                          "ce_type=yokoten.operations.v1.OrgUnitOpened", "ce_time=",
                                          "content-type=application/protobuf")), line)

    def everything_wrong(self):
        def event(name, **more):
            return {"org_unit_opened": {
                "context": {"source": "/plants/BAD/erp", "id": name, "plant_id": "BAD", "occurred_on": "2026-01-01"},
                "unit_id": name.upper(), "level": "workshop", "parent_id": "BAD", "name_zh": "车间",
                "effective_on": "2026-01-01", **more}}
        future = event("future")
        future["org_unit_opened"]["context"].pop("occurred_on")
        future["org_unit_opened"]["context"]["occurred_at"] = "2999-01-01T00:00:00Z"
        missing = event("missing")
        missing["org_unit_opened"].pop("effective_on")
        wrong = {  # place in the batch: the field the answer must name, and a word of what to do
            1: ("name_en", "UTF-8"), 2: ("org_unit_opened.level", "one of"), 3: ("events[3]", "at most 1048576"),
            4: ("occurred_at", "future"), 5: ("effective_on", "required")}
        batch = [event("good-1"), event("utf8", name_en="@BROKEN@"), event("enum", level="galaxy"),
                 event("huge", name_en="x" * (2 << 20)), future, missing, event("good-2")]
        body = json.dumps({"events": batch}).encode().replace(b"@BROKEN@", b"caf\xe9")
        before = self.ends("yokoten.operations.v1")
        status, _, answer = post(f"{self.http}/{OPERATIONS}/IngestEvents", body, "application/json")
        results = answer.get("results", []) if isinstance(answer, dict) else []
        check("JSON: seven answers", status == 200 and len(results) == 7, str(answer)[:500])
        for place, result in enumerate(results):
            if place not in wrong:
                check(f"JSON: event {place} is taken", result.get("status") == "EVENT_STATUS_ACCEPTED", result)
                continue
            text = json.dumps(result, ensure_ascii=False)
            field, word = wrong[place]
            check(f"JSON: event {place} is refused, naming '{field or word}' and what to do ('{word}')",
                  result.get("status") == "EVENT_STATUS_REJECTED" and field in text and word in text, text[:600])
        check("JSON: Kafka has exactly two new records", self.ends("yokoten.operations.v1") == before + 2)
        status, _, answer = post(f"{self.http}/{OPERATIONS}/IngestEvents",
                                 json.dumps({"events": [event("big", name_en="x" * (17 << 20))]}).encode(),
                                 "application/json")
        check("JSON: a batch of 17 MiB is refused whole, naming the limit",
              status in (400, 413, 429) and "16 MiB" in json.dumps(answer), f"{status} {str(answer)[:300]}")
        check("JSON: nothing of it reached Kafka", self.ends("yokoten.operations.v1") == before + 2)

    def all_or_nothing(self):
        """An import holds the ingest targets' own rules against its rows before it sends any."""
        folder = self.product.folder
        mapping, file, listed = (os.path.join(folder, name) for name in ("rules.map", "rules.csv", "errors.csv"))
        with open(mapping, "w", encoding="utf-8") as out:
            out.write('source: "/plants/RULES/file" key_columns: "target"\n')
            for target, (event_type, _, fields) in BROKEN_ROWS.items():
                out.write(f'events {{ type: "{event_type}" when {{ column: "target" in: "{target}" }}\n')
                for field, value in {"context.plant_id": "RULES", **fields}.items():
                    out.write(f'  fields {{ field: "{field}" constant: "{value}" }}\n')
                out.write("}\n")
            out.write('events { type: "operations.OrgUnitOpened" when { column: "target" in: "good" }\n')
            for field, value in {"context.plant_id": "RULES", "context.occurred_on": "2026-01-01", "unit_id": "RULES",
                                 "level": "plant", "name_zh": "工厂", "effective_on": "2026-01-01"}.items():
                out.write(f'  fields {{ field: "{field}" constant: "{value}" }}\n')
            out.write("}\n")
        with open(file, "w", encoding="utf-8") as out:
            out.write("\n".join(["target", *BROKEN_ROWS, "good"]) + "\n")
        topics = [f"yokoten.{target}.v1" for target in BROKEN_ROWS]
        before = [self.ends(topic) for topic in topics]
        command = ["import", "--map", mapping, "--file", file, "--json"]
        told = json.loads(self.product.yokoten(*command, "--all-or-nothing", "--errors", listed, check=False))
        with open(listed, encoding="utf-8") as errors:
            text = errors.read()
        for row, (target, (_, field, _)) in enumerate(BROKEN_ROWS.items(), 1):
            check(f"import --all-or-nothing holds the rules of {target} against its row",
                  re.search(rf"^{row},.*,{field},", text, re.M) is not None, text)
        check("it finds no other error", told["errors"] == len(BROKEN_ROWS), told)
        check("it has sent nothing", [self.ends(topic) for topic in topics] == before)
        told = json.loads(self.product.yokoten(*command, check=False))
        check("without it the services refuse the same rows and take the good one",
              told["rejected"] == len(BROKEN_ROWS) and told["new"] == len(BROKEN_ROWS) + 1, told)

    def examples(self):
        """Every event type, taken at the door by its example, ends up in the fact table of its type."""
        folder = os.path.join(ROOT, "tests/examples")
        wanted, tokens = {}, []
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".json"):
                continue
            domain, event_type = name[:-5].split(".")
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                event = json.load(file)
            field = re.sub(r"(?<!^)(?=[A-Z])", "_", event_type).lower()
            service = "training" if domain == "event" else domain
            service_name = f"yokoten.{service}.v1.{''.join(w.title() for w in service.split('_'))}IngestService"
            status, _, answer = post(f"{self.http}/{service_name}/IngestEvents",
                                     json.dumps({"events": [{field: event}]}).encode(), "application/json")
            accepted = status == 200 and answer["results"][0].get("status") == "EVENT_STATUS_ACCEPTED"
            check(f"the example of {domain}.{event_type} is taken", accepted, str(answer)[:400])
            if accepted:
                tokens.append(answer["token"])
                wanted[f"fact_{domain}_{field}"] = event["context"]["id"]
        for token in tokens:
            # Of a kind that is kept as it is found: the others are computed for each question.
            status, _, answer = post(f"{self.http}/yokoten.insight.v1.InsightService/ListFindings",
                                     json.dumps({"token": token, "kinds": ["id_conflict"]}).encode(),
                                     "application/json")
            if status != 200:
                check("what was sent can be read with its token", False, str(answer)[:400])
        for table, event_id in wanted.items():
            found = run(["curl", "-sS", f"http://127.0.0.1:{self.product.warehouse_port}/?database=yokoten",
                         "--data-binary", f"SELECT count() FROM {table} WHERE event_id = '{event_id}'"]).strip()
            check(f"{table} holds it once", found == "1", found)


def main():
    with Product(sys.argv[1]) as product:
        intake = Intake(product)
        intake.readme()
        intake.reflection()
        intake.cloud_events()
        intake.everything_wrong()
        intake.all_or_nothing()
        intake.examples()
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
