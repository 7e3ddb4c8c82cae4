"""The whole product on free ports in a folder of its own, for tests that speak to it from outside: Kafka, the warehouse
and all other targets in one process, or each target as a process of its own.

    with Product(binary) as product:
        product.yokoten("doctor")
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

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


def wait_until(seconds, what, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Product:
    def __init__(self, binary, settings=(), tools=None):
        self.binary = os.path.abspath(binary)
        home = os.environ.get("YOKOTEN_HOME", os.path.expanduser("~/.yokoten"))
        self.tools = tools or os.environ.get("YOKOTEN_TOOLS", os.path.join(home, "tools"))
        self.folder = tempfile.mkdtemp(prefix="yokoten-product-")
        (self.kafka_port, self.kafka_controller_port, self.warehouse_port, self.grpc_port, self.http_port,
         self.metrics_port, self.warehouse_metrics_port) = free_ports(7)
        self.extra = list(settings)
        self.processes = {}
        self.environment = dict(os.environ, YOKOTEN_HOME=self.folder, YOKOTEN_TOOLS=self.tools,
                                YOKOTEN_KAFKA_DIR=os.path.join(self.folder, "kafka"))

    def settings(self):
        return [f"clickhouse.url=http://127.0.0.1:{self.warehouse_port}",
                f"kafka.bootstrap_servers=127.0.0.1:{self.kafka_port}",
                f"grpc.listen_address=127.0.0.1:{self.grpc_port}",
                f"gateway.listen_address=127.0.0.1:{self.http_port}",
                f"metrics.listen_address=127.0.0.1:{self.metrics_port}", *self.extra]

    # Single parts, so that a test can kill and restart them.
    def start_kafka(self):
        subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "start", "--port", str(self.kafka_port),
                        "--controller-port", str(self.kafka_controller_port)],
                       env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def stop_kafka(self):
        subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "stop"], env=self.environment, check=False,
                       stdout=subprocess.DEVNULL)

    def start_target(self, target, settings):
        log = open(os.path.join(self.folder, f"{target}.log"), "ab")
        arguments = [self.binary, "serve", f"--target={target}"] + [f"--set={s}" for s in settings]
        self.processes[target] = subprocess.Popen(arguments, env=self.environment, stdout=log, stderr=log,
                                                  stdin=subprocess.DEVNULL)
        return self.processes[target]

    def start_warehouse(self):
        self.start_target("warehouse", [
            f"warehouse.listen_address=127.0.0.1:{self.warehouse_port}",
            f"warehouse.data_path={self.folder}/warehouse",
            f"warehouse.libchdb_path={self.tools}/chdb/libchdb.so",
            f"metrics.listen_address=127.0.0.1:{self.warehouse_metrics_port}"])
        wait_until(60, "warehouse", lambda: self._alive("warehouse") and
                   self.get(f"http://127.0.0.1:{self.warehouse_port}/ping") is not None)

    def start_all(self):
        self.start_target("all", self.settings())
        wait_until(90, "/readyz", lambda: self._alive("all") and
                   self.get(f"http://127.0.0.1:{self.http_port}/readyz") is not None)

    def __enter__(self):
        # A test that is told to stop takes its processes with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            self.start_kafka()
            self.start_warehouse()
            self.start_all()
        except BaseException:
            self._print_logs()
            self.close(keep=False)
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self._print_logs()
        self.close(keep=False)

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

    def kill_target(self, target):
        process = self.processes.pop(target)
        process.kill()
        process.wait()

    def yokoten(self, *arguments, check=True, timeout=300, server=True):
        """Runs a verb against this deployment and returns what it printed."""
        command = [self.binary, *arguments] + ([f"--server=127.0.0.1:{self.grpc_port}"] if server else [])
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

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
                    print(f"--- {name}", *log.readlines()[-25:], sep="\n")
