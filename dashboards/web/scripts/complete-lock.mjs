// Completes package-lock.json after an update: registries that mirror one platform only leave out the packages of the
// others, and `npm ci` then refuses the file. Adds what is listed as optional but has no entry, bound to its platform,
// and drops download addresses, so that the file names no registry. Run: node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'armv7', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const added = new Map();
for (const [where, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`;
    const version = range.replace(/^[~^]/, '');
    if (added.has(at) && added.get(at) < version) {
      lock.packages[at].version = version;
      added.set(at, version);
    }
    if (where === '' || lock.packages[at] || lock.packages[`${where}/${at}`]) continue;
    const words = name.split(/[/-]/);
    const os = name === 'fsevents' ? 'darwin' : systems.find((one) => words.includes(one));
    const cpu = processors.find((one) => words.includes(one));
    if (!os) throw new Error(`${name}: for which system?`);
    const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined;
    lock.packages[at] = {
      version,
      ...(cpu ? { cpu: [cpu.replace('armv7', 'arm')] } : {}), dev: true, ...(libc ? { libc: [libc] } : {}), optional: true, os: [os],
    };
    added.set(at, version);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added.size} packages of other platforms added`);
