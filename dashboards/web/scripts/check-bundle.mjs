// Fails the build when what a browser loads outgrows its budget, so that nobody finds out from a slow shop-floor PC.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budget_kb = 600;
const folder = new URL('../dist/assets/', import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name));
const sum = files.reduce((bytes, name) => bytes + gzipSync(readFileSync(new URL(name, folder))).length, 0);
const kb = Math.round(sum / 1024);
console.log(`${files.length} files, ${kb} kB gzip of ${budget_kb} kB allowed`);
if (kb > budget_kb) process.exit(1);
