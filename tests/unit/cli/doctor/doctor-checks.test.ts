import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  compareVersions,
  type MachineFacts,
  machineChecks,
} from '../../../../src/cli/doctor/check-machine.js';
import { gpuCheck } from '../../../../src/cli/doctor/check-models.js';
import { redisCheck } from '../../../../src/cli/doctor/check-redis.js';
import { databaseCheck, dataFolderCheck } from '../../../../src/cli/doctor/check-storage.js';
import { runChecks } from '../../../../src/cli/doctor/doctor.js';
import type { Check } from '../../../../src/cli/doctor/finding.js';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RedisInfoServer } from '../../../doubles/servers/redis-info-server.js';
import { nobody, open, signal, stopAll, told } from './doctor-fixture.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'doctor-'));
});

afterEach(async () => {
  await stopAll();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  [{ redis_version: '7.2.4', maxmemory_policy: 'noeviction' }, [/^ok 7\.2\.4/]],
  [{ redis_version: '6.0.16', maxmemory_policy: 'noeviction' }, [/^warn 6\.0\.16 works/]],
  [{ redis_version: '4.0.0' }, [/^fail 4\.0\.0 is too old/]],
  [{ redis_version: '7.2.4', maxmemory_policy: 'allkeys-lru' }, [/^ok/, /^warn .*allkeys-lru.*noeviction/]],
])('a Redis that says %j', async (fields, expected) => {
  const server = await RedisInfoServer.start(fields);
  open.push(server);
  const findings = await told(redisCheck(server.url));
  expect(findings).toEqual(expected.map((words) => expect.stringMatching(words)));
});

test('a Redis out of reach', async () => {
  expect((await told(redisCheck((await nobody()).replace('http', 'redis')))).join()).toMatch(
    /^fail cannot be used \(ECONNREFUSED\).*REDIS_URL/,
  );
});

test('a data folder that can be written to, and one that cannot', async () => {
  const inside = path.join(folder, 'new', 'data');
  expect(await told(dataFolderCheck(inside))).toEqual([`ok ${inside} can be written to`]);
  await writeFile(path.join(folder, 'file'), '');
  expect((await told(dataFolderCheck(path.join(folder, 'file', 'data')))).join()).toMatch(
    /^fail .*ENOTDIR.*PARLEY_DATA_DIR/,
  );
  if (process.platform === 'linux')
    expect((await told(dataFolderCheck('/proc/parley/data'))).join()).toMatch(/^fail .*ENOENT/);
});

test.skipIf(process.platform === 'win32')('a data folder that others can read', async () => {
  await chmod(folder, 0o755);
  expect((await told(dataFolderCheck(folder)))[1]).toMatch(/^warn others .* → Run: chmod 700/);
});

test('a database that opens, does not, or belongs to a running Parley', async () => {
  const stopped: string[] = [];
  const stop = async () => {
    stopped.push('once');
  };
  const works = databaseCheck('PostgreSQL', async () => ({ stop }));
  expect(await told(works)).toEqual(['ok PostgreSQL opens, and its tables are up to date']);
  expect(stopped).toEqual(['once']);
  const refuses = (message: string) =>
    databaseCheck('it', async () => {
      throw new ExpectedFailure('setup', message);
    });
  expect((await told(refuses('the database is newer than this build'))).join()).toMatch(
    /^fail the database is newer/,
  );
  expect(await told(refuses('data folder x already in use by process 7: stop'))).toEqual([
    'ok it is in use by process 7: Parley runs on this folder, which is fine',
  ]);
});

const MACHINE: MachineFacts = {
  nodeVersion: '22.1.0',
  nodeFloor: '20.19',
  cores: 4,
  memoryBytes: 16e9,
  diskFreeBytes: 100e9,
};

async function machine(facts: Partial<MachineFacts>, threads: { alias: string; threads: number }[] = []) {
  const findings = await Promise.all(
    machineChecks(async () => ({ ...MACHINE, ...facts }), threads).map(told),
  );
  return findings.flat();
}

test('a machine that is all right', async () => {
  expect((await machine({})).map((line) => line.slice(0, 3))).toEqual(['ok ', 'ok ', 'ok ', 'ok ']);
});

test.each([
  [{ nodeVersion: '20.18.3' }, /^fail 20\.18\.3 is too old/],
  [{ nodeVersion: '18.0.0' }, /^fail/],
  [{ memoryBytes: 1e9 }, /^warn 1\.0 GB/],
  [{ diskFreeBytes: 5e8 }, /^warn 500 MB free/],
])('a machine with %j', async (facts, words) => {
  expect(await machine(facts)).toContainEqual(expect.stringMatching(words));
});

test('more threads than cores', async () => {
  const findings = await machine({ cores: 2 }, [
    { alias: 'coder', threads: 8 },
    { alias: 'tiny', threads: 2 },
  ]);
  expect(findings.at(-1)).toMatch(/^warn coder asks for 8 threads where there are 2 cores.*to 2 at most/);
});

test('versions are compared by number', () => {
  expect(compareVersions('20.9.0', '20.19')).toBeLessThan(0);
  expect(compareVersions('20.19.0', '20.19')).toBe(0);
  expect(compareVersions('21.0.0-nightly', '20.19.1')).toBeGreaterThan(0);
});

test('the GPU that is asked for, found or missing', async () => {
  const having =
    (...kinds: (string | false)[]) =>
    async () =>
      kinds;
  expect(await told(gpuCheck('off', having('cuda')))).toEqual(['ok turned off by the configuration']);
  expect(await told(gpuCheck('auto', having('vulkan', false)))).toEqual(['ok can use vulkan']);
  expect(await told(gpuCheck('auto', having(false)))).toEqual(['ok none: models run on the CPU']);
  expect((await told(gpuCheck('cuda', having('vulkan')))).join()).toMatch(/^fail cuda is asked for/);
});

test('checks end in time, in order, and none takes the others down', async () => {
  const clock = new FakeClock();
  const checks: Check[] = [
    { name: 'hangs', run: () => new Promise(() => {}) },
    { name: 'throws', run: async () => Promise.reject(new TypeError('oops')) },
    { name: 'works', run: async () => [{ state: 'ok', text: 'fine' }] },
  ];
  const results = (async () => {
    const seen = [];
    for await (const result of runChecks(checks, { clock, limitMs: 1000, signal })) seen.push(result);
    return seen;
  })();
  await clock.advance(1000);
  expect(await results).toMatchObject([
    { name: 'hangs', findings: [{ state: 'fail', text: 'no answer within 1 s' }] },
    { name: 'throws', findings: [{ state: 'fail', text: 'the check itself failed: oops' }] },
    { name: 'works', findings: [{ state: 'ok' }] },
  ]);
});
