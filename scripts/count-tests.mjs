// Reads the JSON report of a suite's run and prints `passed failed skipped`. A file that broke outside its tests counts as
// one that failed, and so does a run without a report.
import { existsSync, readFileSync } from 'node:fs';

const [report = ''] = process.argv.slice(2);
const { passed, failed, skipped } = existsSync(report) ? count(report) : { passed: 0, failed: 1, skipped: 0 };
console.log(passed, failed, skipped);

function count(path) {
  const { testResults: files } = JSON.parse(readFileSync(path, 'utf8'));
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const having = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  const broken = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: having('passed'),
    failed: having('failed') + broken.length,
    skipped: having('skipped', 'pending', 'todo'),
  };
}
