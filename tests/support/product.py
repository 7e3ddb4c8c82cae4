"""The whole product on free ports in a folder of its own, for tests that speak to it from outside: Kafka, the warehouse
and all other targets in one process, or each target as a process of its own.

    with Product(binary) as product:
        product.yokoten("doctor")

    with Product(binary, apart=True) as product:      # Kafka and the warehouse alone
        product.start_apart()
        product.kill("safety"); product.start("safety"); product.wait_ready("safety")
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

# Targets that run as processes of their own, in the way of the data.
INGEST = ("standard-work", "training", "improvement", "safety", "relations", "management", "rollout", "operations")
BACKENDS = (*INGEST, "insight", "derive", "gate", "audit")
TARGETS = (*INGEST, "aggregator", "rollup", "insight", "derive", "gate", "audit", "gateway")

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_ports(count):
    """Ports nobody listens on now, below the range the kernel hands to clients."""
    found, port = [], 20000 + os.getpid() * 13 % 10000
    while len(found) < count:
        port += 1
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


def _gone(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(seconds, what, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Product:
    """`settings` are given to every target; `kafka` are lines of server.properties. With `apart` the context starts
    Kafka and the warehouse alone, and the test starts what it wants. `more_ports` are for the test's own use.
    YOKOTEN_TEST_KEEP keeps the folder."""

    def __init__(self, binary, settings=(), tools=None, kafka=(), apart=False, more_ports=0):
        self.binary = os.path.abspath(binary)
        home = os.environ.get("YOKOTEN_HOME", os.path.expanduser("~/.yokoten"))
        self.tools = tools or os.environ.get("YOKOTEN_TOOLS", os.path.join(home, "tools"))
        self.folder = tempfile.mkdtemp(prefix="yokoten-product-")
        (self.kafka_port, self.kafka_controller_port, self.warehouse_port, self.grpc_port, self.http_port,
         self.metrics_port, self.warehouse_metrics_port, *ports) = free_ports(7 + 2 * len(TARGETS) + more_ports)
        self.grpc_ports = dict(zip(TARGETS, ports))
        self.metrics_ports = dict(zip(TARGETS, ports[len(TARGETS):]), warehouse=self.warehouse_metrics_port)
        self.more_ports = ports[2 * len(TARGETS):]
        self.extra = list(settings)
        self.kafka_settings = list(kafka)
        self.apart = apart
        self.processes = {}
        self.environment = dict(os.environ, YOKOTEN_HOME=self.folder, YOKOTEN_TOOLS=self.tools,
                                YOKOTEN_KAFKA_DIR=os.path.join(self.folder, "kafka"))

    def settings(self):
        return [f"clickhouse.url=http://127.0.0.1:{self.warehouse_port}",
                f"kafka.bootstrap_servers=127.0.0.1:{self.kafka_port}",
                f"grpc.listen_address=127.0.0.1:{self.grpc_port}",
                f"gateway.listen_address=127.0.0.1:{self.http_port}",
                f"metrics.listen_address=127.0.0.1:{self.metrics_port}", *self.extra]

    def settings_apart(self, target):
        """Of a target that is a process of its own."""
        own = [f"grpc.listen_address=127.0.0.1:{self.grpc_ports[target]}",
               f"metrics.listen_address=127.0.0.1:{self.metrics_ports[target]}"]
        backends = [f"gateway.backends.{name}=127.0.0.1:{self.grpc_ports[name]}" for name in BACKENDS]
        return self.settings() + own + (backends if target == "gateway" else [])

    # Single parts, so that a test can kill and restart them.
    def start_kafka(self):
        subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "start", "--port", str(self.kafka_port),
                        "--controller-port", str(self.kafka_controller_port),
                        *[part for line in self.kafka_settings for part in ("--set", line)]],
                       env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def stop_kafka(self):
        subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "stop"], env=self.environment, check=False,
                       stdout=subprocess.DEVNULL)

    def start_target(self, target, settings, name=None, environment=None):
        """As the process `name`, where one target has several; `environment` has more variables for it."""
        name = name or target
        log = open(os.path.join(self.folder, f"{name}.log"), "ab")
        arguments = [self.binary, "serve", f"--target={target}"] + [f"--set={s}" for s in settings]
        # A session of its own: a kill takes whatever the process started along.
        self.processes[name] = subprocess.Popen(arguments, env={**self.environment, **(environment or {})},
                                                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                start_new_session=True)
        log.close()
        return self.processes[name]

    def launch_warehouse(self, *more):
        self.start_target("warehouse", [
            f"warehouse.listen_address=127.0.0.1:{self.warehouse_port}",
            f"warehouse.data_path={self.folder}/warehouse",
            f"warehouse.libchdb_path={self.tools}/chdb/libchdb.so",
            f"metrics.listen_address=127.0.0.1:{self.warehouse_metrics_port}", *more])

    def start_warehouse(self):
        self.launch_warehouse()
        wait_until(60, "warehouse", lambda: self._alive("warehouse") and
                   self.get(f"http://127.0.0.1:{self.warehouse_port}/ping") is not None)

    def start_all(self):
        self.start_target("all", self.settings())
        wait_until(90, "/readyz", lambda: self._alive("all") and
                   self.get(f"http://127.0.0.1:{self.http_port}/readyz") is not None)

    # Every part by its name: a target, "warehouse" or "kafka".
    def start(self, part):
        if part == "kafka":
            self.start_kafka()
        elif part == "warehouse":
            self.launch_warehouse()
        else:
            self.start_target(part, self.settings_apart(part))

    def is_ready(self, part):
        if part == "kafka":
            return True  # its start returns when it answers
        url = (f"http://127.0.0.1:{self.warehouse_port}/ping" if part == "warehouse"
               else f"http://127.0.0.1:{self.metrics_ports[part]}/readyz")
        return self._alive(part) and self.get(url) is not None

    def wait_ready(self, part, seconds=60):
        wait_until(seconds, f"{part} ready", lambda: self.is_ready(part))

    def kill(self, part):
        """SIGKILL, and what it started with it; returns when it is gone."""
        if part == "kafka":
            pid = self.kafka_pid()
            os.kill(pid, signal.SIGKILL)
            wait_until(10, "the killed broker's end", lambda: _gone(pid))
            return
        process = self.processes.pop(part)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kafka_pid(self):
        with open(os.path.join(self.folder, "kafka/kafka.pid"), encoding="ascii") as file:
            return int(file.read())

    def start_apart(self):
        for target in TARGETS:
            self.start(target)
        for target in TARGETS:
            self.wait_ready(target)

    def __enter__(self):
        # A test that is told to stop takes its processes with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            self.start_kafka()
            self.start_warehouse()
            if not self.apart:
                self.start_all()
        except BaseException:
            self._print_logs()
            self.close(keep=False)
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self._print_logs()
        self.close(keep=bool(os.environ.get("YOKOTEN_TEST_KEEP")))

    def close(self, keep):
        for target in sorted(self.processes, key=lambda name: name == "warehouse"):
            self.stop_target(target)
        self.stop_kafka()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop_target(self, target):
        process = self.processes.pop(target)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def yokoten(self, *arguments, check=True, timeout=300, server=True):
        """Runs a verb against this deployment and returns what it printed."""
        command = [self.binary, *arguments] + (self.servers() if server else [])
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def servers(self):
        """Where the command line finds the services."""
        if "all" in self.processes or not self.apart:
            return [f"--server=127.0.0.1:{self.grpc_port}"]
        where = {**{name: name for name in BACKENDS}, "admin": "insight"}
        return [f"--server={name}=127.0.0.1:{self.grpc_ports[target]}" for name, target in where.items()]

    def sql(self, query, database="yokoten", timeout=60):
        """Rows of a query as lists of what JSON makes of them; the statement's error is a RuntimeError."""
        url = f"http://127.0.0.1:{self.warehouse_port}/?" + urllib.parse.urlencode(
            {"database": database, "default_format": "JSONCompactEachRow",
             "output_format_json_quote_64bit_integers": 0})
        try:
            with urllib.request.urlopen(url, query.encode(), timeout=timeout) as answer:
                return [json.loads(line) for line in answer.read().splitlines()]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{query}\n{error.read().decode(errors='replace')}") from error

    def post(self, path, body, timeout=10):
        """What the gateway answers to a JSON body; None where it does not answer, or with an error."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.loads(answer.read())
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def freshness(self):
        """Of the gateway and insight; None when they do not answer."""
        answer = self.post("/yokoten.insight.v1.InsightService/GetFreshness", {})
        return answer and answer.get("freshness")

    def metric(self, part, name):
        """Value of a metric without labels of a part ("all", a target); None where it does not answer or has none."""
        port = self.metrics_port if part == "all" else self.metrics_ports[part]
        text = (self.get(f"http://127.0.0.1:{port}/metrics") or b"").decode()
        values = [line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")]
        return float(values[0]) if values else None

    def wait_level(self, seconds=150):
        """Until everything sent is stored, looked at by the identity pass, and every touch of both is answered. Asked
        in this order: a stored record waits for the pass before its offset is committed, and the pass ends after its
        touches."""
        aggregator = "all" if "all" in self.processes else "aggregator"

        def lags():
            fresh = self.freshness()
            if not fresh or not fresh.get("domains"):
                return None, None
            return max(int(domain.get("lag", 0)) for domain in fresh["domains"]), int(fresh.get("rollupLag", 0))

        def level():
            return lags()[0] == 0 and self.metric(aggregator, "yokoten_aggregator_identity_waiting") == 0 and \
                lags() == (0, 0)
        wait_until(seconds, "everything stored and computed", level)

    def log_lines(self, part):
        with open(os.path.join(self.folder, f"{part}.log"), errors="replace", encoding="utf-8") as log:
            return log.read().splitlines()

    @staticmethod
    def get(url, timeout=3):
        try:
            with urllib.request.urlopen(url, timeout=timeout) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError):
            return None

    def _alive(self, target):
        if self.processes[target].poll() is not None:
            raise RuntimeError(f"{target} ended with {self.processes[target].returncode}")
        return True

    def _print_logs(self):
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), errors="replace") as log:
                    print(f"--- {name}", *log.read().splitlines()[-25:], sep="\n")
