import { describe, expect, test } from 'vitest';
import { barReporter, lineReporter } from '../../../src/cli/progress-reporter.js';
import { FakeClock } from '../../doubles/clocks/fake-clock.js';

test('where no terminal watches, progress is a line every five seconds', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const report = lineReporter((line) => lines.push(line), clock).forModel('small');
  for (let second = 0; second <= 12; second++) {
    report({ phase: 'downloading', bytes: second * 8e6, totalBytes: 98e6 });
    await clock.advance(1000);
  }
  report({ phase: 'verifying', bytes: 98e6, totalBytes: 98e6 });
  report({ phase: 'waiting', bytes: 0, totalBytes: null });
  expect(lines).toEqual([
    'downloading small: 0 MB of 98 MB (0 %)',
    'downloading small: 40 MB of 98 MB (40 %)',
    'downloading small: 80 MB of 98 MB (81 %)',
    'verifying small: 98 MB of 98 MB (100 %)',
    'another process gets small, waiting for it',
  ]);
});

describe('on a terminal', () => {
  const drawnAt = (columns: number) => {
    const { reporter, last } = terminal(columns);
    reporter.forModel('small')({ phase: 'downloading', bytes: 0, totalBytes: 98e6 });
    return last();
  };
  const terminal = (columns = 100) => {
    const written: string[] = [];
    const clock = new FakeClock();
    const reporter = barReporter({ columns, write: (text) => written.push(text) }, clock);
    return { written, clock, reporter, last: () => (written.at(-1) ?? '').replace('\r\u001b[K', '') };
  };

  test('progress is a bar that tells what is left once it can, and leaves when it is done', async () => {
    const { clock, reporter, last, written } = terminal();
    const report = reporter.forModel('small');
    report({ phase: 'downloading', bytes: 0, totalBytes: 98e6 });
    expect(last()).toBe(`${'░'.repeat(30)} downloading small: 0 MB of 98 MB (0 %)`);
    await clock.advance(4_000);
    report({ phase: 'downloading', bytes: 49e6, totalBytes: 98e6 });
    expect(last()).toBe(
      `${'█'.repeat(15)}${'░'.repeat(15)} downloading small: 49 MB of 98 MB (50 %), 4 s left`,
    );
    report({ phase: 'unpacking', bytes: 1e6, totalBytes: 98e6 });
    expect(last()).toMatch(/ unpacking small: 1 MB of 98 MB \(1 %\)$/);
    reporter.stop();
    reporter.stop();
    expect(written.slice(-2)).toEqual([expect.stringContaining('unpacking'), '\r\u001b[K']);
  });

  test('nothing is promised of what does not move, and no bar is drawn of what has no end', async () => {
    const { clock, reporter, last } = terminal();
    const report = reporter.forModel('small');
    report({ phase: 'downloading', bytes: 5e6, totalBytes: 98e6 });
    await clock.advance(60_000);
    report({ phase: 'downloading', bytes: 5e6, totalBytes: 98e6 });
    expect(last()).toMatch(/\(5 %\)$/);
    report({ phase: 'waiting', bytes: 0, totalBytes: 98e6 });
    expect(last()).toBe('another process gets small, waiting for it');
    report({ phase: 'downloading', bytes: 34e6, totalBytes: null });
    expect(last()).toBe('downloading small: 34 MB');
  });

  test('a line fits a narrow window, and is drawn ten times a second at most', async () => {
    expect(drawnAt(0)).toContain('(0 %)');
    const { reporter, last, written } = terminal(40);
    const report = reporter.forModel('small');
    for (let bytes = 0; bytes < 90e6; bytes += 1e6) report({ phase: 'downloading', bytes, totalBytes: 98e6 });
    expect(written).toHaveLength(1);
    expect(last().length).toBeLessThan(40);
  });
});
