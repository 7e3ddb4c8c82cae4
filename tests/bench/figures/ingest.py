"""The way in: one ingest target as a process of its own, a real Kafka, and a driver that sends and bounds it."""
import contextlib
import dataclasses
import os
import subprocess

from figure import Figure, drive
from product import Product

BARE = "a bare librdkafka loop with the same settings (idempotent, acks=all) that produces the same bytes"


@dataclasses.dataclass(frozen=True)
class World:
    driver: str
    scale: float


@contextlib.contextmanager
def target(options):
    """Kafka, the target `training`, and the empty echo."""
    product = Product(os.path.join(options.bin, "yokoten"), apart=True)
    driver = os.path.join(options.bin, "ingest_bench")
    echo = None
    try:
        product.start_kafka()
        product.start("training")
        product.wait_ready("training")
        echo = subprocess.Popen([driver, "echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        os.environ.update(KAFKA=f"127.0.0.1:{product.kafka_port}", INGEST=f"127.0.0.1:{product.grpc_ports['training']}",
                          ECHO=echo.stdout.readline().strip())
        world = World(driver, options.scale)
        drive(driver, "stream", "ours,ceiling", 50_000)  # once without counting: connections, caches, JIT
        yield world
    finally:
        if echo is not None:
            echo.stdin.close()
            echo.stdout.close()
            echo.wait(20)
        product.close(keep=False)


def measure(what, size):
    return lambda world, order: drive(world.driver, what, ",".join(order), size * world.scale)


FIGURES = [
    Figure(id="ingest_stream_vs_librdkafka",
           what="Events a second over two gRPC streams in batches of 500, validated and acknowledged by Kafka.",
           against=BARE, unit="of the ceiling", at_least=0.70, open=target, measure=measure("stream", 400_000)),
    Figure(id="unary_vs_echo",
           what="Requests a second with one event each, 500 under way, validated and acknowledged by Kafka.",
           against="a callback server with the same gRPC settings that answers the same request at once, with as "
                   "many under way",
           unit="of the ceiling", at_least=0.70, open=target, measure=measure("unary", 60_000)),
    Figure(id="ack_p99_vs_librdkafka",
           what="99th percentile of the time from when an event was due to its acknowledgement, calls of one event at "
                "half of the rate that unary calls reach; sent by the clock: a pause counts for all who waited.",
           against="the same of " + BARE + " at the same rate", unit="times", at_most=1.5, open=target,
           measure=measure("ack", 8)),
]
