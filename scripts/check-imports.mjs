// npm run lint:imports: holds the imports of src, workers and adapters against import-rules.mjs, looks for circles among
// modules and among rooms, and compares docs/architecture.md with the table. With --write it writes that table. With
// --root FOLDER it looks there.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findImportFaults } from './import-faults.mjs';
import { readImports } from './import-graph.mjs';
import { ROOMS } from './import-rules.mjs';

const { values: options } = parseArgs({
  options: {
    root: { type: 'string', default: path.dirname(import.meta.dirname) },
    write: { type: 'boolean' },
  },
});
const PAGE = path.join(options.root, 'docs/architecture.md');
const TABLE = /(<!-- made from scripts\/import-rules\.mjs -->\n)[\s\S]*?(\n<!-- end -->)/;

const { modules, imports } = readImports(options.root, ['src', 'workers', 'adapters']);
const faults = findImportFaults(modules, imports, ROOMS);

const page = readFileSync(PAGE, 'utf8');
const expected = page.replace(TABLE, (_, start, end) => start + describe(ROOMS) + end);
if (!TABLE.test(page)) faults.push('docs/architecture.md has no place for the table of rooms');
else if (options.write) writeFileSync(PAGE, expected);
else if (expected !== page) {
  faults.push('docs/architecture.md shows another table of rooms: npm run lint:imports -- --write');
}

for (const fault of faults) console.error(fault);
const said = `${modules.length} modules, ${imports.length} imports`;
console.log(faults.length === 0 ? `${said}: as the rules say.` : `${said}, ${faults.length} faults.`);
process.exit(faults.length === 0 ? 0 : 1);

/** @param {typeof ROOMS} rooms */
function describe(rooms) {
  const rows = Object.entries(rooms).map(([room, { holds, imports: allowed }]) => {
    const names = allowed.map((name) => `\`${name.replace(/^src\//, '')}\``).join(', ');
    return `| \`${room}\` | ${holds} | ${names || 'itself'} |`;
  });
  return ['| room | holds | may import |', '|---|---|---|', ...rows].join('\n');
}
