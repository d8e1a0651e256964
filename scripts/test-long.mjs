// npm run test:long: everything, at length, before a release. Takes hours, and needs DATABASE_URL and REDIS_URL. What
// came of it goes to benchmarks/LONG.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const { DATABASE_URL, REDIS_URL, ...others } = process.env;
if (!DATABASE_URL || !REDIS_URL) throw new Error('set DATABASE_URL and REDIS_URL');
const embedded = { ...others, TEST_LONG: '1' };
const servers = { ...embedded, DATABASE_URL, REDIS_URL };
const reports = mkdtempSync(path.join(tmpdir(), 'parley-long-'));

const suite = (name, env, ...filters) => {
  const report = path.join(reports, `${name.replaceAll(/\W/g, '-')}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status, minutes } = timed('npx', ['vitest', 'run', ...filters, ...reporters], env);
  const counted = spawnSync(process.execPath, ['scripts/count-tests.mjs', report], { encoding: 'utf8' });
  const [passed, failed, skipped] = counted.stdout.trim().split(' ').map(Number);
  return { name, passed, failed: failed === 0 && status !== 0 ? 1 : failed, skipped, minutes };
};
const check = (name, env, ...args) => {
  const { status, minutes } = timed('node', args, env);
  return { name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0, minutes };
};

if (timed('npm', ['run', 'build:modules'], others).status !== 0) throw new Error('it does not build');
const rows = [
  suite('Everything, both looks, on the embedded database', embedded),
  suite(
    'What there is on PostgreSQL and Redis',
    servers,
    'tests/contracts',
    'tests/end-to-end',
    'tests/unit/storage',
  ),
  check('Chaos, whole', servers, 'build/tests/chaos/run.js'),
];
const revision = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
writeFileSync(path.join('benchmarks', 'LONG.md'), page(rows, revision));
process.exitCode = rows.some(({ failed }) => failed > 0) ? 1 : 0;

function timed(command, args, env) {
  const began = Date.now();
  const { status } = spawnSync(command, args, { env, stdio: 'inherit' });
  return { status, minutes: Math.round((Date.now() - began) / 60_000) };
}

function page(parts, revision) {
  const lines = parts.map(
    ({ name, passed, failed, skipped, minutes }) =>
      `| ${name} | ${passed} | ${failed} | ${skipped} | ${minutes} |`,
  );
  return `# The long run

\`npm run test:long\`, before a release: what \`.ci/run\` leaves out for time is in it. Written by the run itself.

Of ${new Date().toISOString().slice(0, 10)}, at ${revision || 'an unknown revision'}, on ${cpus().length} cores.

| Part | passed | failed | skipped | minutes |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`;
}
