"""Sends a story's chains over the gateway, an event again until it is answered for good, and keeps the log of what was
sent and what was answered outside the product, in a file and in memory: the oracle believes nothing else."""
import collections
import http.client
import json
import threading
import time

BATCH = 24
WORKERS = 6
# Longer than any answer should take; a caller that gives up does not know what became of its events.
TIMEOUT = 12
PAUSE = 0.2


def service_path(domain):
    camel = "".join(word.capitalize() for word in domain.split("_"))
    return f"/yokoten.{domain}.v1.{camel}IngestService/IngestEvents"


def case_of(kind):
    """Name of the event in the service's oneof, in JSON."""
    name = kind.split(".")[1]
    return name[0].lower() + name[1:]


class Log:
    """What the outside world knows. Counters by (source, id); `order` has each item when it was acknowledged."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.attempts = collections.Counter()
        self.acknowledged = collections.Counter()
        self.refused = collections.Counter()
        # Records that are no events, written straight to a topic: how often tried, how often Kafka took them.
        self.poison_attempts = collections.Counter()
        self.poison = collections.Counter()
        self.order = []
        self.wrong = []
        self.unanswered = 0
        self.in_flight = 0

    def sent(self, items):
        with self.lock:
            self.attempts.update(item.key for item in items)
            self.in_flight += len(items)
            self._write(sent=[item.key for item in items])

    def answered(self, items, results):
        """Which of the items are done with; `results` is None where no answer came."""
        with self.lock:
            self.in_flight -= len(items)
            if results is None:
                self.unanswered += len(items)
                self._write(unanswered=[item.key for item in items])
                return [False] * len(items)
            return [self._result(item, result) for item, result in zip(items, results)]

    def _result(self, item, result):
        status = result.get("status", "")
        self._write(id=item.key, status=status)
        if status not in ("EVENT_STATUS_ACCEPTED", "EVENT_STATUS_REJECTED"):
            return False
        if item.refused and status == "EVENT_STATUS_REJECTED":
            self.refused[item.key] += 1
        elif item.refused or status == "EVENT_STATUS_REJECTED":
            self.wrong.append(f"{item.kind} {item.key}: {status} {result.get('error', '')}")
        else:
            if result.get("entity") != item.entity:
                self.wrong.append(f"{item.key} is entity {item.entity}, answered was {result.get('entity')}")
            self.acknowledged[item.key] += 1
            self.order.append(item)
        return True

    def direct(self, kind, key, done):
        """A record written past ingest: `kind` is "event" (with its item as key) or "poison" (its id)."""
        with self.lock:
            if kind == "poison":
                self.poison_attempts[key] += 1
                self.poison[key] += done
                self._write(poison=key, taken=done)
                return
            self.attempts[key.key] += 1
            self._write(direct=key.key, taken=done)
            if done:
                self.acknowledged[key.key] += 1
                self.order.append(key)

    def _write(self, **line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()


class Sender:
    """Chains go on side by side, the events of one after the other. They are spread evenly over `seconds`."""

    def __init__(self, log, port, chains, seconds):
        self.log, self.port, self.seconds = log, port, seconds
        self.total = sum(len(chain) for chain in chains)
        self.done = 0
        self.last_fault = ""
        self._taken = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._begun = time.monotonic()
        shares = [[list(chain) for chain in chains[worker::WORKERS]] for worker in range(WORKERS)]
        self._threads = [threading.Thread(target=self._work, args=(share,), daemon=True) for share in shares]
        for thread in self._threads:
            thread.start()

    def finished(self):
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _allowed(self, wanted):
        share = (time.monotonic() - self._begun) / self.seconds
        with self._lock:
            count = max(0, min(wanted, int(self.total * min(1.0, share)) - self._taken))
            self._taken += count
            return count

    def _work(self, chains):
        connection = None
        while chains and not self._stop.is_set():
            service = chains[0][0].service
            ready = [chain for chain in chains if chain[0].service == service][:BATCH]
            ready = ready[:self._allowed(len(ready))]
            if not ready:
                self._stop.wait(PAUSE)
                continue
            left = ready
            while left and not self._stop.is_set():
                items = [chain[0] for chain in left]
                self.log.sent(items)
                connection, results = self._post(connection, service, items)
                over = self.log.answered(items, results)
                for chain, done in zip(left, over):
                    if done:
                        chain.pop(0)
                with self._lock:
                    self.done += sum(over)
                left = [chain for chain, done in zip(left, over) if not done]
                if left:
                    self._stop.wait(PAUSE)
            # Others first, so that no service's chains wait for all of another's.
            sent = {id(chain) for chain in ready}
            chains = [chain for chain in chains if id(chain) not in sent] + [chain for chain in ready if chain]

    def _post(self, connection, service, items):
        """The results, or None where there is no answer to rely on."""
        body = {"events": [{"voided" if item.kind == "event.Voided" else case_of(item.kind): item.event}
                           for item in items]}
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            connection.request("POST", service_path(service), json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                results = json.loads(text)["results"]
                if len(results) == len(items):
                    return connection, results
            self.last_fault = f"{answer.status} {text[:300]!r}"
        except (OSError, http.client.HTTPException, ValueError) as fault:
            self.last_fault = repr(fault)
        connection.close()
        return None, None
