"""ClickHouse's Python client, unmodified, against the warehouse.

usage: check.py URL [ROWS]   (CLICKHOUSE_USER and CLICKHOUSE_PASSWORD name the user)
"""

import datetime
import decimal
import logging
import os
import resource
import sys
import threading
import time
import uuid
from urllib.parse import urlparse

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

logging.disable(logging.CRITICAL)  # failures that are meant to happen
URL = urlparse(sys.argv[1])
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
DATABASE = "client_python"
LOGIN = {
    "host": URL.hostname,
    "port": URL.port,
    "username": os.environ.get("CLICKHOUSE_USER", "default"),
    "password": os.environ.get("CLICKHOUSE_PASSWORD", ""),
}
done = 0


def check(name):
    def run(body):
        global done
        begin = time.monotonic()
        note = body() or ""
        done += 1
        print(f"ok {done} python: {name} ({(time.monotonic() - begin) * 1000:.0f} ms) {note}", flush=True)

    return run


def fails(body, *words):
    try:
        body()
    except DatabaseError as error:
        for word in words:
            assert word in str(error), f"{word!r} is not in {error}"
        return
    raise AssertionError("no error was raised")


admin = clickhouse_connect.get_client(**LOGIN)


@check("connect, ping, server version and settings")
def _():
    assert admin.ping()
    assert admin.server_version.startswith("2")
    assert "max_threads" in admin.server_settings


@check("create a database and a table")
def _():
    admin.command(f"DROP DATABASE IF EXISTS {DATABASE}")
    admin.command(f"CREATE DATABASE {DATABASE} ENGINE = Atomic")
    admin.command(
        f"CREATE TABLE {DATABASE}.t (id UInt64, name String, at DateTime64(6, 'UTC'), tags Array(String), "
        "amount Decimal(38, 6), key UUID, plant LowCardinality(String), note Nullable(String)) "
        "ENGINE = MergeTree ORDER BY id"
    )


COLUMNS = ["id", "name", "at", "tags", "amount", "key", "plant", "note"]
MOMENT = datetime.datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=datetime.timezone.utc)
TRICKY = "標準作業\t\n\\ it's"

for compression in (False, "lz4", "zstd", "gzip"):
    client = clickhouse_connect.get_client(**LOGIN, database=DATABASE, compress=compression)
    label = compression or "plain"

    @check(f"insert rows, {label}")
    def _():
        client.command("TRUNCATE TABLE t")
        rows = [
            [1, TRICKY, MOMENT, ["a", 'b"c'], decimal.Decimal("1.5"), uuid.uuid4(), "P1", None],
            [2, "", MOMENT, [], decimal.Decimal("-0.000001"), uuid.uuid4(), "P2", "x"],
        ]
        summary = client.insert("t", rows, column_names=COLUMNS)
        assert summary.written_rows == 2, summary.summary

    @check(f"insert a million values by columns, {label}")
    def _():
        count = 200_000
        key = uuid.uuid4()
        columns = [
            list(range(10, 10 + count)),
            [f"name {i}" for i in range(count)],
            [MOMENT] * count,
            [["x"]] * count,
            [decimal.Decimal(2)] * count,
            [key] * count,
            ["P1"] * count,
            [None] * count,
        ]
        client.insert("t", columns, column_names=COLUMNS, column_oriented=True)
        assert client.query("SELECT count() FROM t").result_rows == [(count + 2,)]

    @check(f"select with parameters, {label}")
    def _():
        result = client.query(
            "SELECT id, name, at, tags, amount, note FROM t WHERE name = {name:String} AND id < {top:UInt64} "
            "AND has({plants:Array(String)}, plant)",
            parameters={"name": TRICKY, "top": 100, "plants": ["P1", "it's"]},
        )
        [row] = result.result_rows
        moment = row[2] if row[2].tzinfo else row[2].replace(tzinfo=datetime.timezone.utc)
        assert moment == MOMENT, row
        assert row[:2] + row[3:] == (1, TRICKY, ["a", 'b"c'], decimal.Decimal("1.500000"), None), row
        old_style = client.query("SELECT id FROM t WHERE name = %(name)s", parameters={"name": TRICKY})
        assert old_style.result_rows == [(1,)]

    @check(f"stream {ROWS} rows, {label}")
    def _():
        begin = time.monotonic()
        count = 0
        last = None
        query = f"SELECT number, toString(number) AS text FROM numbers({ROWS})"
        with client.query_column_block_stream(query) as stream:
            for block in stream:
                count += len(block[0])
                last = block[1][-1]
        assert count == ROWS and last == str(ROWS - 1)
        seconds = time.monotonic() - begin
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return f"{ROWS / seconds:.0f} rows/s, {memory} MiB here"

    client.close()

client = clickhouse_connect.get_client(**LOGIN, database=DATABASE)


@check("settings, query id and formats")
def _():
    result = client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1, "query_id": "python-query"})
    assert result.result_rows == [(1,)] and result.query_id == "python-query"
    assert client.raw_query("SELECT 1 AS a", fmt="CSVWithNames") == b'"a"\n1\n'
    assert client.raw_insert("t", ["id", "name"], b"900000001\tfrom text\n", fmt="TabSeparated").written_rows == 1
    assert client.command("SELECT name FROM t WHERE id = 900000001") == "from text"


@check("errors carry their code")
def _():
    fails(lambda: client.query("SELECT * FROM no_such_table"), "60", "UNKNOWN_TABLE")
    fails(lambda: client.command("SELEC 1"), "62", "SYNTAX_ERROR")
    fails(lambda: client.insert("t", [["not a number"]], column_names=["nothing"]))


@check("an error in the middle of a stream is noticed")
def _():
    def read():
        with client.query_row_block_stream("SELECT number, throwIf(number = 3000000) FROM numbers(5000000)") as stream:
            for _block in stream:
                pass

    try:
        read()
    except Exception as error:  # the client raises StreamFailureError or a network error by version
        assert "throwIf" in str(error) or "395" in str(error), repr(error)
        return
    raise AssertionError("the stream ended without an error")


@check("a session keeps temporary tables")
def _():
    session = clickhouse_connect.get_client(**LOGIN, database=DATABASE, session_id=f"python-{os.getpid()}")
    session.command("CREATE TEMPORARY TABLE kept (a UInt8)")
    session.insert("kept", [[7]], column_names=["a"])
    assert session.query("SELECT a FROM kept").result_rows == [(7,)]
    session.close()


@check("a running query can be killed by its id")
def _():
    victim = clickhouse_connect.get_client(**LOGIN, autogenerate_session_id=False)
    errors = []

    def run():
        try:
            victim.query(
                "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1",
                settings={"query_id": "python-victim"},
            )
        except DatabaseError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    killer = clickhouse_connect.get_client(**LOGIN, autogenerate_session_id=False)
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        killer.command("KILL QUERY WHERE query_id = 'python-victim' ASYNC")
        thread.join(0.05)
    assert not thread.is_alive(), "still running after 20 s"
    assert "QUERY_WAS_CANCELLED" in str(errors[0]) or "394" in str(errors[0]), errors


admin.command(f"DROP DATABASE {DATABASE}")
print(f"python: all {done} checks passed")
