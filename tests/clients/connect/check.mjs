// The official Connect clients (@connectrpc/connect-web and connect-node), unmodified, against a gateway in front of
// the stand-in services of tests/integration/gateway_world.
//
//   node check.mjs GATEWAY_URL DESCRIPTOR_SET NODE_MODULES
//
// Prints one line per check and ends with status 1 if one fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [url, descriptors, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { createFileRegistry, fromBinary } = await load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = await load("@bufbuild/protobuf/wkt");
const { createClient, ConnectError, Code } = await load("@connectrpc/connect");
const web = await load("@connectrpc/connect-web");
const node = await load("@connectrpc/connect-node");

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const insightService = registry.getService("yokoten.insight.v1.InsightService");
const trainingService = registry.getService("yokoten.training.v1.TrainingIngestService");
const errorInfo = registry.getMessage("google.rpc.ErrorInfo");

// EventResult.error holds google.protobuf.Any, which the JSON form can only read with a registry of its types.
const jsonOptions = { registry };
const transports = {
  "connect-web json": web.createConnectTransport({ baseUrl: url, useBinaryFormat: false, jsonOptions }),
  "connect-web binary": web.createConnectTransport({ baseUrl: url, useBinaryFormat: true }),
  "connect-node json": node.createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    useBinaryFormat: false,
    jsonOptions,
  }),
  "connect-node binary gzip": node.createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    useBinaryFormat: true,
    sendCompression: node.compressionGzip,
    compressMinBytes: 1,
  }),
};

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
  }
}

async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return ConnectError.from(error);
  }
  return assert.fail("the call should have failed");
}

for (const [name, transport] of Object.entries(transports)) {
  const insight = createClient(insightService, transport);
  const training = createClient(trainingService, transport);

  await check(`${name}: unary call with headers and trailers`, async () => {
    let header, trailer;
    const answer = await insight.listKpis(
      {},
      { onHeader: (h) => (header = h.get("x-first")), onTrailer: (t) => (trailer = t.get("x-last")) },
    );
    assert.equal(answer.kpis.length, 200);
    assert.equal(answer.kpis[0].nameZh, "一次合格率");
    assert.equal(header, "one");
    assert.equal(trailer, "two");
  });

  await check(`${name}: error with details`, async () => {
    const error = await errorOf(() => insight.getKpiSeries({ kpiId: "x" }));
    assert.equal(error.code, Code.NotFound);
    assert.equal(error.rawMessage, 'There is no KPI "x".');
    assert.equal(error.findDetails(errorInfo)[0].reason, "yk-kpi-unknown");
  });

  await check(`${name}: deadline`, async () => {
    const error = await errorOf(() => insight.getFreshness({}, { timeoutMs: 100 }));
    assert.equal(error.code, Code.DeadlineExceeded);
  });

  await check(`${name}: events in, results out`, async () => {
    const event = (id) => ({ event: { case: "sessionCompleted", value: { context: { id }, sessionId: "S" } } });
    const answer = await training.ingestEvents({ events: [event("a"), event("reject"), event("b")] });
    assert.deepEqual(answer.results.map((r) => [r.index, r.id, r.status]), [[0, "a", 1], [1, "reject", 2], [2, "b", 1]]);
    assert.equal(answer.token.positions[0].offset, 41n);
  });

  await check(`${name}: stream to its end`, async () => {
    const messages = [];
    for await (const message of insight.watchKpis({ plantIds: ["end"] })) messages.push(message);
    assert.equal(messages.length, 1);
    assert.equal(messages[0].freshness.rollupLag, 7n);
  });

  await check(`${name}: stream that fails`, async () => {
    const error = await errorOf(async () => {
      for await (const _ of insight.watchKpis({ plantIds: ["fail"] }));
    });
    assert.equal(error.code, Code.Unavailable);
    assert.equal(error.findDetails(errorInfo)[0].reason, "yk-clickhouse-unavailable");
  });

  await check(`${name}: stream the caller leaves`, async () => {
    const abort = new AbortController();
    const error = await errorOf(async () => {
      for await (const _ of insight.watchKpis({}, { signal: abort.signal })) abort.abort();
    });
    assert.equal(error.code, Code.Canceled);
  });
}

process.exit(failed === 0 ? 0 : 1);
