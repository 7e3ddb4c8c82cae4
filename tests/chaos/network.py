"""The product with a Toxiproxy in each of its hops: clients to the gateway, the gateway to the services, senders and
readers to Kafka (a listener of the broker for each, advertised as its proxy), and every process to the warehouse."""
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))
from product import BACKENDS, INGEST, Product, wait_until  # noqa: E402

# Who speaks to Kafka over which listener.
LISTENERS = {"AGGREGATOR": ("aggregator",), "ROLLUP": ("rollup",), "INGEST": INGEST,
             "READERS": ("insight", "derive", "gate", "audit", "gateway")}
STORING = ("aggregator", "rollup", "insight", "derive", "gate", "audit")
HOPS = ("gateway", *(f"gateway-{name}" for name in BACKENDS), *(f"kafka-{name}" for name in LISTENERS),
        *(f"{target}-warehouse" for target in STORING))
COPIES_MAX = 4


class Network:
    """Toxiproxy, told what to do at its `port`."""

    def __init__(self, tools, log, port):
        self.program = os.path.join(tools, "bin/toxiproxy-server")
        if not os.path.exists(self.program):
            raise RuntimeError(f"no {self.program}: run deploy/install-deps --test")
        self.log, self.api, self.process = log, port, None

    def start(self, seed, hops):
        """`hops`: hop -> (own port, port of the other end)."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program, "-port", str(self.api), "-seed", str(seed)], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                                            env={**os.environ, "LOG_LEVEL": "fatal"})
        wait_until(30, "Toxiproxy", lambda: Product.get(f"http://localhost:{self.api}/version") is not None)
        for hop, (port, upstream) in hops.items():
            self._ask("POST", "/proxies", name=hop, listen=f"127.0.0.1:{port}", upstream=f"127.0.0.1:{upstream}")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)

    def cut(self, hop, cut):
        """Connections break and no new ones are taken, or are again."""
        self._ask("POST", f"/proxies/{hop}", enabled=not cut)

    def add(self, hop, toxic, stream, attributes):
        self._ask("POST", f"/proxies/{hop}/toxics", name=f"{toxic}-{stream}", type=toxic, stream=stream,
                  attributes=attributes)

    def remove(self, hop, toxic, stream):
        self._ask("DELETE", f"/proxies/{hop}/toxics/{toxic}-{stream}")

    def _ask(self, method, path, **body):
        request = urllib.request.Request(f"http://localhost:{self.api}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"Toxiproxy: {method} {path} {body}: {error.read().decode()}") from error


class ProxiedProduct(Product):
    """A Product, each target a process of its own, of which several of one target may run ("aggregator-2")."""

    def __init__(self, binary, seed, settings, kafka):
        super().__init__(binary, settings, apart=True,
                         more_ports=1 + len(HOPS) + len(LISTENERS) + 2 * COPIES_MAX)
        api, *ports = self.more_ports
        self.seed = seed
        self.hops = dict(zip(HOPS, ports))
        self.listeners = dict(zip(LISTENERS, ports[len(HOPS):]))
        self.copy_ports = iter(ports[len(HOPS) + len(LISTENERS):])
        self.network = Network(self.tools, os.path.join(self.folder, "toxiproxy.log"), api)
        self.kafka_settings = [*kafka, *self._listener_settings()]
        self.copies = {}

    def _listener_settings(self):
        def each(ports):
            return ",".join([f"BROKER://127.0.0.1:{self.kafka_port}",
                             f"CONTROLLER://127.0.0.1:{self.kafka_controller_port}",
                             *(f"{name}://127.0.0.1:{ports(name)}" for name in LISTENERS)])
        return [f"listeners={each(self.listeners.get)}",
                f"advertised.listeners={each(lambda name: self.hops[f'kafka-{name}'])}",
                "listener.security.protocol.map=" + ",".join(
                    f"{name}:PLAINTEXT" for name in ("BROKER", "CONTROLLER", *LISTENERS))]

    def start_kafka(self):
        if not self.network.process:
            other_end = {"gateway": self.http_port,
                         **{f"gateway-{name}": self.grpc_ports[name] for name in BACKENDS},
                         **{f"kafka-{name}": port for name, port in self.listeners.items()},
                         **{f"{target}-warehouse": self.warehouse_port for target in STORING}}
            self.network.start(self.seed, {hop: (port, other_end[hop]) for hop, port in self.hops.items()})
        super().start_kafka()

    def stop_kafka(self):
        super().stop_kafka()
        self.network.stop()

    def settings_apart(self, target):
        listener = next(name for name, users in LISTENERS.items() if target in users)
        settings = dict(setting.split("=", 1) for setting in super().settings_apart(target))
        settings["kafka.bootstrap_servers"] = f"127.0.0.1:{self.hops[f'kafka-{listener}']}"
        if target in STORING:
            settings["clickhouse.url"] = f"http://127.0.0.1:{self.hops[f'{target}-warehouse']}"
        for name in BACKENDS:
            if f"gateway.backends.{name}" in settings:
                settings[f"gateway.backends.{name}"] = f"127.0.0.1:{self.hops[f'gateway-{name}']}"
        return [f"{name}={value}" for name, value in settings.items()]

    def start_copy(self, target, name):
        """One more of a target, as the process `name` with ports of its own."""
        if name not in self.copies:
            self.copies[name] = (next(self.copy_ports), next(self.copy_ports))
        grpc, metrics = self.copies[name]
        self.metrics_ports[name] = metrics
        settings = dict(setting.split("=", 1) for setting in self.settings_apart(target))
        settings.update({"grpc.listen_address": f"127.0.0.1:{grpc}", "metrics.listen_address": f"127.0.0.1:{metrics}"})
        self.start_target(target, [f"{key}={value}" for key, value in settings.items()], name=name)
