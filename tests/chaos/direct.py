"""Records written straight to Kafka, past ingest and past the network's proxies: some are no events at all, some are
events of writers that are older or newer than the product."""
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import INGEST, wait_until  # noqa: E402
from story import Item  # noqa: E402

SOURCE = "/chaos/direct"
COPIES = 8
TAKEN_SECONDS = 120
# A string in a field that no message has: number 15000, length-delimited.
UNKNOWN_FIELD = b"\xc2\xa9\x07\x05later"
OUTPUT = "yokoten.operations.v1.ShiftOutputReported"


class DirectWriter:
    def __init__(self, product, log):
        self.product, self.log = product, log

    def poison(self, seed):
        """A storm of records that are no events, on a topic a form. Returns how many Kafka took."""
        pick = random.Random(seed)
        known = "yokoten.safety.v1.HazardIdentified"
        forms = {
            "bare": (pick.randbytes(40), {}),
            "cut off": (b"\x0a", self._headers("poison", known)),
            "garbled": (b"\xff\xff\xff" + pick.randbytes(20), self._headers("poison", known)),
            "text": (b"<event>not ours</event>", {**self._headers("poison", known), "content-type": "text/xml"}),
        }
        for form, (value, headers) in forms.items():
            topic, key = f"yokoten.{pick.choice(INGEST)}.v1", f"poison-{form.replace(' ', '-')}-{seed}"
            self._poison(topic, key, [value] * COPIES, headers)
        return len(forms) * COPIES

    def unknown_type(self, seed):
        """Of a newer writer: a type this version does not know is a dead letter."""
        self._poison("yokoten.safety.v1", f"poison-newer-{seed}", [b"\x0a\x02\x08\x01"],
                     self._headers("foretold", "yokoten.safety.v1.HazardForetold"))
        return 1

    def newer_fields(self, seed, plants, day):
        """Two reports: one with a field this version does not know, one without those that came later. Both count."""
        pick = random.Random(seed)
        for number, extra in enumerate((UNKNOWN_FIELD, b"")):
            made = pick.randrange(100, 200)
            event = {"context": {"source": SOURCE, "id": f"skew-{seed}-{number}", "plantId": pick.choice(plants),
                                 "lineId": "L1", "occurredOn": day},
                     "product": f"skew-{seed}-{number}", "productionDay": day, "shiftCode": "D", "producedQty": made,
                     "goodQty": made - 60, "scrapQty": pick.randrange(20), "reworkQty": 3, "snapshotVersion": 1}
            if extra:
                event.update(inspectedQty=made, goodFirstTimeQty=pick.randrange(100))
            item = Item("operations.ShiftOutputReported", event, "operations")
            context = event["context"]
            headers = {**self._headers(context["id"], OUTPUT), "ce_subject": item.entity,
                       "ce_plantid": context["plantId"]}
            value = self._encoded(event) + extra

            def taken():
                done = self._produce("yokoten.operations.v1", item.entity, [value], headers)
                self.log.direct("event", item, done)
                return done
            wait_until(TAKEN_SECONDS, f"Kafka takes {item.key}", taken)
        return 2

    def _poison(self, topic, key, values, headers):
        def taken():
            done = self._produce(topic, key, values, headers)
            for _ in values:
                self.log.direct("poison", key, done)
            return done
        wait_until(TAKEN_SECONDS, f"Kafka takes {key}", taken)

    @staticmethod
    def _headers(event_id, name):
        return {"ce_specversion": "1.0", "ce_id": event_id, "ce_source": SOURCE, "ce_type": name,
                "content-type": "application/protobuf"}

    def _produce(self, topic, key, values, headers):
        """Whether Kafka has them all; where not, it may have some."""
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, value in enumerate(values):
                files.append(os.path.join(folder, str(number)))
                with open(files[-1], "wb") as file:
                    file.write(value)
            command = ["kcat", "-P", "-b", f"127.0.0.1:{self.product.kafka_port}", "-t", topic, "-k", key,
                       "-X", "acks=all", "-X", "enable.idempotence=true", "-X", "message.timeout.ms=15000"]
            for name, text in headers.items():
                command += ["-H", f"{name}={text}"]
            return subprocess.run(command + files, capture_output=True, check=False).returncode == 0

    def _encoded(self, event):
        """The event's wire form, by protoc."""
        def text(fields):
            lines = []
            for name, value in fields.items():
                name = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)
                if isinstance(value, dict):
                    lines.append(f"{name} {{ {text(value)} }}")
                else:
                    lines.append(f'{name}: "{value}"' if isinstance(value, str) else f"{name}: {value}")
            return " ".join(lines)
        protos = os.path.join(ROOT, "proto")
        command = ["protoc", "-I", protos, "-I", os.path.join(self.product.tools, "googleapis"), f"--encode={OUTPUT}",
                   "yokoten/operations/v1/events.proto"]
        return subprocess.run(command, input=text(event).encode(), stdout=subprocess.PIPE, check=True).stdout
