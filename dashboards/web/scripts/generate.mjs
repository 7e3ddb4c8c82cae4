// Generates the TypeScript client from the product's protos into src/gen (never committed). google/rpc/*.proto, which
// the protos import, come from $YOKOTEN_TOOLS/googleapis, where deploy/install-deps puts them.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const protos = resolve(web, '../../proto');
const home = process.env.YOKOTEN_HOME ?? join(homedir(), '.yokoten');
const tools = process.env.YOKOTEN_TOOLS ?? join(home, 'tools');
const rpc = join(tools, 'googleapis/google/rpc');
if (!existsSync(join(rpc, 'status.proto'))) {
  console.error(`google/rpc/status.proto is not in ${join(tools, 'googleapis')}: run deploy/install-deps first.`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'yokoten-web-protos-'));
try {
  cpSync(join(protos, 'yokoten'), join(work, 'yokoten'), { recursive: true });
  cpSync(join(rpc, 'status.proto'), join(work, 'google/rpc/status.proto'));
  writeFileSync(join(work, 'buf.yaml'), 'version: v2\n');
  const bin = join(web, 'node_modules/.bin');
  const template = {
    version: 'v2',
    clean: true,
    plugins: [{ local: join(bin, 'protoc-gen-es'), out: join(web, 'src/gen'), opt: ['target=ts', 'import_extension=none'] }],
  };
  const wanted = ['insight', 'admin'].flatMap((room) => ['--path', `yokoten/${room}`]);
  execFileSync(join(bin, 'buf'), ['generate', '--include-imports', '--template', JSON.stringify(template), ...wanted], {
    cwd: work,
    stdio: 'inherit',
    env: { ...process.env, BUF_CACHE_DIR: join(work, '.cache') },
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
