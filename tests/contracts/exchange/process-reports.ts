import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PlatformReport, PlatformReports } from '../../../src/ports/fleet/platform-reports.js';

export interface ProcessReportsHarness {
  readonly reports: PlatformReports;
  /** The same reports, as another process sees them. */
  readonly elsewhere: PlatformReports;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const TTL_MS = 300;
const DISCORD: PlatformReport = {
  platform: 'discord',
  state: 'connected',
  detail: 'connected',
  reach: 3,
  missing: [],
};
const SLACK: PlatformReport = {
  platform: 'slack',
  state: 'failed',
  detail: 'The token "x" — 令牌 — is refused.',
  reach: null,
  missing: ['A scope: add it.'],
};

/** What every ProcessReports does, shown on those of platforms. */
export function describeProcessReports(name: string, open: () => Promise<ProcessReportsHarness>): void {
  describe(`process reports ${name}`, () => {
    let harness: ProcessReportsHarness;
    let reports: PlatformReports;
    let elsewhere: PlatformReports;
    beforeEach(async () => {
      harness = await open();
      ({ reports, elsewhere } = harness);
    });
    afterEach(() => harness.close());

    test('are none at first', async () => {
      expect(await elsewhere.all()).toEqual(new Map());
    });

    test('tell in every process what each said last', async () => {
      await reports.report('one', [{ ...DISCORD, state: 'connecting' }], TTL_MS * 100);
      await reports.report('one', [DISCORD, SLACK], TTL_MS * 100);
      await elsewhere.report('two', [{ ...DISCORD, state: 'standby' }], TTL_MS * 100);
      expect(await elsewhere.all()).toEqual(
        new Map([
          ['one', [DISCORD, SLACK]],
          ['two', [{ ...DISCORD, state: 'standby' }]],
        ]),
      );
    });

    test('run out unless they are said again, each by itself', async () => {
      await reports.report('one', [DISCORD], TTL_MS * 100);
      await reports.report('two', [SLACK], TTL_MS);
      await harness.pass(TTL_MS * 2);
      expect(await elsewhere.all()).toEqual(new Map([['one', [DISCORD]]]));
    });

    test('are gone at once when their process withdraws', async () => {
      await reports.report('one', [DISCORD], TTL_MS * 100);
      await reports.report('two', [DISCORD], TTL_MS * 100);
      await reports.withdraw('one');
      await reports.withdraw('nobody');
      expect([...(await elsewhere.all()).keys()]).toEqual(['two']);
    });
  });
}
