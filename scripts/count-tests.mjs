// Reads the JSON report of a suite's run and, where there was one, of a second run of the files that failed.
// Prints `passed failed`; with --files, given the report and the run's output, the files to run again. Tests that pass
// only the second time are named on standard error: they count as passed, and someone should look at them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** More failed files than this are no accident of a busy machine: nothing is run again. */
const MOST_FILES_AGAIN = 4;
const WHOLE_FILE = ' > (the file)';

const [task, ...paths] = process.argv.slice(2);
if (task === '--files') {
  const files = filesToRunAgain(...paths);
  if (files.length <= MOST_FILES_AGAIN) console.log(files.join('\n'));
} else if (existsSync(paths[0])) {
  const [{ failed, passed }, second] = paths.map(read);
  const mended = second ? failed.filter((test) => second.passed.includes(test)) : [];
  for (const test of mended) console.error(`PASSED ONLY WHEN RUN AGAIN, ALONE: ${test}`);
  const tests = passed.filter((test) => !test.endsWith(WHOLE_FILE));
  console.log(tests.length + mended.length, failed.length - mended.length);
} else {
  console.log('0 1');
}

function filesToRunAgain(report, output) {
  const files = existsSync(report) ? read(report).files : [];
  const failed = files
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => path.relative('.', name));
  // An error that no test was there to catch fails the run and is in no report: only the output names its file.
  const printed = stripVTControlCharacters(readFileSync(output, 'utf8'));
  const blamed = [...printed.matchAll(/This error originated in "([^"]+)" test file/g)].map(
    ([, name]) => name,
  );
  return [...new Set([...failed, ...blamed])];
}

/** Tests by file and name; a file that broke outside its tests counts as one failure. */
function read(path) {
  if (!existsSync(path)) return undefined;
  const { testResults: files } = JSON.parse(readFileSync(path, 'utf8'));
  const having = (status) =>
    files.flatMap(({ name, assertionResults }) =>
      assertionResults.filter((test) => test.status === status).map((test) => `${name} > ${test.fullName}`),
    );
  const whole = (status) =>
    files.filter((file) => file.status === status).map(({ name }) => name + WHOLE_FILE);
  const broken = files.filter(
    ({ assertionResults: tests }) => !tests.some(({ status }) => status === 'failed'),
  );
  const brokenNames = new Set(broken.map(({ name }) => name + WHOLE_FILE));
  return {
    files,
    passed: [...having('passed'), ...whole('passed')],
    failed: [...having('failed'), ...whole('failed').filter((name) => brokenNames.has(name))],
  };
}
