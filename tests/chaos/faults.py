"""Injects a plan's faults into the running product, counts them and says what they hit."""
import collections
import glob
import os
import shutil
import signal
import subprocess
import threading
import time

from direct import DirectWriter
from product import wait_until

READY_SECONDS = 180
FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"
DISK_MIB = 3072
LEFT_FREE = 64 << 20
# The least a warehouse accepts.
LITTLE_MEMORY = 256 << 20
STORED_NOT_ARCHIVED = """
SELECT count() FROM (SELECT DISTINCT source, event_id FROM event_key WHERE startsWith(source, '/chaos/')) WHERE
  (source, event_id) NOT IN (SELECT headers[indexOf(headers, 'ce_source') + 1], headers[indexOf(headers, 'ce_id') + 1]
  FROM archive)"""
ARCHIVED = """
SELECT uniqExact(headers[indexOf(headers, 'ce_source') + 1], headers[indexOf(headers, 'ce_id') + 1]) FROM archive
WHERE headers[indexOf(headers, 'ce_source') + 1] LIKE '/chaos/%'"""


class Disk:
    """A small disk under the warehouse's data, where this machine lets us mount one; its place is in `outside`."""

    def __init__(self, product_folder, outside):
        self.folder = os.path.join(outside, "disk")
        os.mkdir(self.folder)
        os.symlink(self.folder, os.path.join(product_folder, "warehouse"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "chaos", self.folder],
                                 capture_output=True, check=False)
        self.mounted = mounted.returncode == 0

    def fill(self):
        """But for less than the warehouse leaves free: what it has begun finds room, it begins nothing more."""
        size, step = 0, shutil.disk_usage(self.folder).free - LEFT_FREE
        with open(os.path.join(self.folder, "ballast"), "wb") as ballast:
            while step >= 4096:
                try:
                    os.posix_fallocate(ballast.fileno(), size, step)
                    size += step
                    step = shutil.disk_usage(self.folder).free - LEFT_FREE
                except OSError:  # somebody else takes room or gives it back
                    step //= 2

    def free(self):
        os.remove(os.path.join(self.folder, "ballast"))

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=False)


class Faults:
    """`injected`: (kind, what) -> times; `windows`: (process, what it was killed in the middle of) -> times."""

    def __init__(self, product, log, disk, story, say):
        self.product, self.log, self.disk, self.story, self.say = product, log, disk, story, say
        self.direct = DirectWriter(product, log)
        self.injected, self.windows = collections.Counter(), collections.Counter()
        self.impossible, self.ended = collections.Counter(), collections.Counter()
        self.failure = None
        self._parts = collections.defaultdict(threading.Lock)
        self._stop = threading.Event()
        self._threads = []
        self._begun = self._seconds = 0
        self._inject = {"kill": self._kill, "stop": self._stop_and_go, "join": self._join, "cut": self._cut,
                        "poison": self._poison, "skew": self._skew, "memory": self._memory,
                        "disk full": self._disk_full, "clock": self._clock}

    def begin(self, plan, seconds):
        self._begun, self._seconds = time.monotonic(), seconds
        lanes = collections.defaultdict(list)
        for fault in plan:
            lanes[fault.lane].append(fault)
        self._threads = [threading.Thread(target=self._lane, args=(faults,), daemon=True) for faults in lanes.values()]
        self._watch = threading.Thread(target=self._supervise, daemon=True)
        for thread in (*self._threads, self._watch):
            thread.start()

    def finished(self):
        if self.failure:
            raise RuntimeError("a fault could not be injected") from self.failure
        return not any(thread.is_alive() for thread in self._threads)

    def end(self):
        """No lane goes on, and nobody looks after the processes."""
        self._stop.set()
        for thread in (*self._threads, self._watch):
            thread.join(READY_SECONDS)

    def _lane(self, faults):
        try:
            for fault in faults:
                self._hold(self._begun + fault.at * self._seconds - time.monotonic())
                if self._stop.is_set():
                    return
                self.say(f"{fault.lane}: {fault}")
                self._inject.get(fault.kind, self._toxic)(fault)
        except Exception as failure:  # of any kind: the run ends and says it
            self.failure = failure
            self._stop.set()

    def _hold(self, seconds):
        self._stop.wait(max(0.0, seconds))

    def _count(self, fault, what=None):
        self.injected[fault.kind, what or fault.what] += 1

    # Processes.
    def _kill(self, fault):
        with self._parts[fault.what]:
            self._note_window(fault.what)
            self._end(fault.what)
            self._count(fault)
            self._hold(fault.seconds)
            self._start(fault.what)

    def _end(self, part):
        """By kill -9, unless it ended by itself a moment ago."""
        if part != "kafka" and self.product.processes[part].poll() is not None:
            self.ended[part] += 1
            self.say(f"{part} had ended by itself: {self._last_line(part)}")
            return
        self.product.kill(part)

    def _last_line(self, part):
        return (self.product.log_lines(part) or ["no line"])[-1][:300]

    def _start(self, part, start=None):
        """Until it is ready; one that ends before, as its neighbours are away, is started again."""
        start = start or (lambda: self.product.start(part))
        start()

        def ready():
            try:
                return self.product.is_ready(part)
            except RuntimeError:
                self.ended[part] += 1
                self.say(f"{part} ended before it was ready: {self._last_line(part)}")
                start()
                return False
        wait_until(READY_SECONDS, f"{part} ready", ready)

    def _signal(self, part, number):
        if part == "kafka":
            os.kill(self.product.kafka_pid(), number)
        else:
            os.killpg(self.product.processes[part].pid, number)

    def _stop_and_go(self, fault):
        with self._parts[fault.what]:
            self._signal(fault.what, signal.SIGSTOP)
            self._count(fault)
            try:
                self._hold(fault.seconds)
            finally:
                self._signal(fault.what, signal.SIGCONT)

    def _join(self, fault):
        part = f"{fault.what}-2"
        with self._parts[part]:
            self._start(part, lambda: self.product.start_copy(fault.what, part))
            self._count(fault)
            self._hold(fault.seconds)
            if fault.more["leaves"] == "killed":
                self._end(part)
            else:
                self.product.stop_target(part)
            self.injected["leave", f"{fault.what} ({fault.more['leaves']})"] += 1

    def _supervise(self):
        """What a plant's service manager does: a process that ended is started again."""
        while not self._stop.wait(0.5):
            for part, process in list(self.product.processes.items()):
                lock = self._parts[part]
                if process.poll() is None or not lock.acquire(blocking=False):
                    continue
                try:
                    if self.product.processes.get(part) is process:
                        self.ended[part] += 1
                        self.say(f"{part} ended by itself with {process.returncode}: {self._last_line(part)}")
                        self._start(part)
                except Exception as failure:
                    self.failure = failure
                    return
                finally:
                    lock.release()

    # Network.
    def _cut(self, fault):
        hop = fault.what
        self.product.network.cut(hop, True)
        self._count(fault)
        try:
            self._hold(fault.seconds)
        finally:
            self.product.network.cut(hop, False)

    def _toxic(self, fault):
        toxic, stream = fault.more["toxic"], fault.more["stream"]
        self.product.network.add(fault.what, toxic, stream, fault.more["attributes"])
        self._count(fault)
        try:
            self._hold(fault.seconds)
        finally:
            self.product.network.remove(fault.what, toxic, stream)

    # Records.
    def _poison(self, fault):
        self.injected["poison", "records"] += self.direct.poison(fault.more["seed"])

    def _skew(self, fault):
        if fault.what == "unknown type":
            count = self.direct.unknown_type(fault.more["seed"])
        else:
            count = self.direct.newer_fields(fault.more["seed"], self.story.plants, self.story.start.isoformat())
        self.injected["skew", fault.what] += count

    # Resources.
    def _memory(self, fault):
        def with_little():
            self.product.launch_warehouse(f"warehouse.memory_bytes_max={LITTLE_MEMORY}")
        with self._parts["warehouse"]:
            self._end("warehouse")
            self._start("warehouse", with_little)
            self._count(fault)
            self._hold(fault.seconds)
            self._end("warehouse")
            self._start("warehouse")

    def _disk_full(self, fault):
        if not self.disk.mounted:
            self.impossible["disk full: this machine mounts no tmpfs"] += 1
            return
        self.disk.fill()
        self._count(fault)
        try:
            self._hold(fault.seconds)
        finally:
            self.disk.free()

    def _clock(self, fault):
        """Its clock jumps while it works, and back."""
        library = glob.glob(FAKETIME)
        if not library:
            self.impossible["clock: no libfaketime here; deploy/install-deps --test brings it"] += 1
            return
        file = os.path.join(self.product.folder, f"clock-{fault.what}")
        clock = {"LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_CACHE_DURATION": "1",
                 "DONT_FAKE_MONOTONIC": "1"}

        def show(hours):
            with open(file + ".new", "w", encoding="ascii") as out:
                out.write(f"{hours:+d}h\n")
            os.replace(file + ".new", file)

        def faked():
            self.product.start_target(fault.what, self.product.settings_apart(fault.what), environment=clock)
        with self._parts[fault.what]:
            show(0)
            self._end(fault.what)
            self._start(fault.what, faked)
            show(fault.more["hours"])
            self._count(fault)
            self._hold(fault.seconds)
            show(0)
            self._hold(2)
            self._end(fault.what)
            self._start(fault.what)

    # What a killed process was in the middle of, as far as its neighbours can tell.
    def _note_window(self, part):
        self.windows[part, self._window(part)] += 1

    def _window(self, part):
        if part not in ("aggregator", "rollup", "warehouse"):
            return "events sent, not answered" if self.log.in_flight else "idle"
        try:
            if part == "rollup":
                fresh = self.product.freshness()
                return "not known" if not fresh else \
                    "touched, cells not replaced" if int(fresh.get("rollupLag", 0)) else "idle"
            if self.product.sql(STORED_NOT_ARCHIVED, timeout=5)[0][0]:
                return "facts stored, not archived"
            known = len(self.log.acknowledged)
            return "in the log, not stored" if self.product.sql(ARCHIVED, timeout=5)[0][0] < known else "idle"
        except (OSError, RuntimeError):
            return "not known"
