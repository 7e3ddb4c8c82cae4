// The official JavaScript client, unmodified, against the warehouse.
// usage: node check.mjs URL [ROWS]   (CLICKHOUSE_USER and CLICKHOUSE_PASSWORD name the user)
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import assert from 'node:assert/strict';

// The client is installed in a cache folder, not beside this file.
const require = createRequire((process.env.CLIENT_MODULES ?? process.cwd()) + '/');
const { createClient, ClickHouseLogLevel } = require('@clickhouse/client');

const url = process.argv[2];
const rows = Number(process.argv[3] ?? 5_000_000);
const login = {
  log: { level: ClickHouseLogLevel.OFF },
  username: process.env.CLICKHOUSE_USER ?? 'default',
  password: process.env.CLICKHOUSE_PASSWORD ?? '',
};
const database = 'client_node';
const admin = createClient({ url, ...login });
let done = 0;
async function check(name, body) {
  const begin = performance.now();
  const note = (await body()) ?? '';
  done += 1;
  console.log(`ok ${done} node: ${name} (${Math.round(performance.now() - begin)} ms) ${note}`);
}

await check('ping', async () => assert.equal((await admin.ping()).success, true));
await check('ping with a query', async () => assert.equal((await admin.ping({ select: true })).success, true));

await check('create a database and tables', async () => {
  await admin.command({ query: `DROP DATABASE IF EXISTS ${database}` });
  await admin.command({ query: `CREATE DATABASE ${database} ENGINE = Atomic` });
  await admin.command({
    query: `CREATE TABLE ${database}.t (id UInt64, name String, at DateTime64(6), tags Array(String),
            amount Decimal(38, 6)) ENGINE = MergeTree ORDER BY id`,
  });
});

for (const compression of [
  { request: false, response: false },
  { request: true, response: true },
]) {
  const client = createClient({ url, ...login, database, compression });
  const label = compression.request ? 'gzip both ways' : 'plain';

  await check(`insert rows, ${label}`, async () => {
    await client.command({ query: 'TRUNCATE TABLE t' });
    const result = await client.insert({
      table: 't',
      values: [
        { id: 1, name: "it's", at: '2026-03-02 08:00:00.123456', tags: ['a', 'b"c'], amount: '1.5' },
        { id: 2, name: '標準作業\t\n\\', at: '1999-12-31 23:59:59', tags: [], amount: '-0.000001' },
      ],
      format: 'JSONEachRow',
    });
    assert.equal(result.executed, true);
    assert.equal(result.summary?.written_rows, '2');
  });

  await check(`insert a stream, ${label}`, async () => {
    async function* lines() {
      for (let i = 0; i < 200_000; i++) yield [i + 10, `name ${i}`, '2026-01-01 00:00:00', ['x'], '2'];
    }
    await client.insert({
      table: 't',
      values: Readable.from(lines(), { objectMode: true }),
      format: 'JSONCompactEachRow',
    });
    const [{ n }] = await (
      await client.query({ query: 'SELECT count() AS n FROM t', format: 'JSONEachRow' })
    ).json();
    assert.equal(Number(n), 200_002);
  });

  await check(`select with parameters, ${label}`, async () => {
    const answer = await client.query({
      query: `SELECT id, name, tags, {day: Date} AS day, {names: Array(String)} AS names FROM {table: Identifier}
              WHERE name = {name: String} AND id < {max: UInt64}`,
      query_params: {
        name: '標準作業\t\n\\',
        max: 100,
        names: ["it's", '"'],
        table: 't',
        day: '2026-03-02',
      },
      format: 'JSON',
    });
    const body = await answer.json();
    assert.equal(body.data.length, 1);
    assert.deepEqual(body.data[0].names, ["it's", '"']);
    assert.equal(body.data[0].name, '標準作業\t\n\\');
    assert.equal(body.data[0].day, '2026-03-02');
    assert.equal(body.meta[0].type, 'UInt64');
  });

  await check(`stream ${rows} rows, ${label}`, async () => {
    const begin = performance.now();
    const answer = await client.query({
      query: `SELECT number, toString(number) AS text FROM numbers(${rows})`,
      format: 'JSONCompactEachRow',
    });
    let count = 0;
    let last;
    for await (const batch of answer.stream()) {
      count += batch.length;
      last = batch.at(-1);
    }
    assert.equal(count, rows);
    assert.equal(last.json()[1], String(rows - 1));
    const seconds = (performance.now() - begin) / 1000;
    return `${Math.round(rows / seconds)} rows/s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB here`;
  });
  await client.close();
}

const client = createClient({ url, ...login, database });
await check('settings and query id', async () => {
  const answer = await client.query({
    query: "SELECT getSetting('max_threads') AS threads",
    format: 'JSONEachRow',
    clickhouse_settings: { max_threads: '1' },
    query_id: 'node-client-query',
  });
  assert.equal(answer.query_id, 'node-client-query');
  assert.equal(Number((await answer.json())[0].threads), 1);
});

await check('errors carry code and type', async () => {
  await assert.rejects(client.query({ query: 'SELECT * FROM no_such_table', format: 'JSON' }), (error) => {
    assert.equal(error.code, '60');
    assert.equal(error.type, 'UNKNOWN_TABLE');
    return true;
  });
  await assert.rejects(client.command({ query: 'SELEC 1' }), (error) => error.code === '62');
});

await check('an error in the middle of a stream is noticed', async () => {
  const answer = await client.query({
    query: 'SELECT number, throwIf(number = 3000000) FROM numbers(5000000)',
    format: 'JSONCompactEachRow',
  });
  let count = 0;
  await assert.rejects(async () => {
    for await (const batch of answer.stream()) count += batch.length;
  }, /throwIf|FUNCTION_THROW_IF/);
  assert.ok(count > 0);
});

await check('a session keeps temporary tables', async () => {
  const session = createClient({ url, ...login, database, session_id: `node-${process.pid}` });
  await session.command({ query: 'CREATE TEMPORARY TABLE kept (a UInt8)' });
  await session.insert({ table: 'kept', values: [{ a: 7 }], format: 'JSONEachRow' });
  const answer = await session.query({ query: 'SELECT a FROM kept', format: 'JSONEachRow' });
  assert.deepEqual(await answer.json(), [{ a: 7 }]);
  await session.close();
});

await check('an abandoned query is cancelled', async () => {
  const controller = new AbortController();
  const promise = client.query({
    query: 'SELECT /* abandoned */ count() FROM numbers(100000000000) WHERE sipHash64(number) = 1',
    format: 'JSON',
    abort_signal: controller.signal,
  });
  const running = async () => {
    const answer = await admin.query({
      query: "SELECT count() AS n FROM system.processes WHERE query LIKE '%/* abandoned */%' AND query NOT LIKE '%processes%'",
      format: 'JSONEachRow',
    });
    return Number((await answer.json())[0].n);
  };
  while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort();
  await assert.rejects(promise);
  const begin = performance.now();
  while ((await running()) > 0) {
    assert.ok(performance.now() - begin < 10_000, 'still running after ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return `gone after ${Math.round(performance.now() - begin)} ms`;
});

await check('exec: a result in any format', async () => {
  const answer = await client.exec({ query: 'SELECT 1 AS a FORMAT CSVWithNames' });
  let text = '';
  for await (const chunk of answer.stream) text += chunk;
  assert.equal(text, '"a"\n1\n');
});

await admin.command({ query: `DROP DATABASE ${database}` });
await client.close();
await admin.close();
console.log(`node: all ${done} checks passed`);
