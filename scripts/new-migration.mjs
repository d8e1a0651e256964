// npm run migration -- NAME: writes the migration that brings the tables to prisma/schema.prisma. Read it, and change
// it where data must move, before it is committed.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOCK_FILE, LOCK_FILE_TEXT, MIGRATIONS, schemaDiff } from './schema-diff.mjs';

const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('usage: npm run migration -- NAME (a-z, 0-9 and _)');
  process.exit(2);
}
const sql = await schemaDiff();
if (sql === null) {
  console.log('The migrations and prisma/schema.prisma agree: nothing to write.');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(MIGRATIONS, `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'migration.sql'), sql);
  writeFileSync(path.join(MIGRATIONS, LOCK_FILE), LOCK_FILE_TEXT);
  console.log(`wrote ${path.relative(process.cwd(), folder)}`);
}
process.exit(0); // PGlite's WebAssembly keeps the process alive
