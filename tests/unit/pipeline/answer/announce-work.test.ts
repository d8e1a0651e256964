import { expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import { announceWork } from '../../../../src/pipeline/answer/announce-work.js';
import type { ReplyView } from '../../../../src/pipeline/reply/reply-view.js';
import type { Delivery } from '../../../../src/ports/delivery/delivery.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';

const target = { platform: 'slack' } as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };

async function announce(showWorking: Delivery['showWorking']): Promise<readonly ReplyView[]> {
  const views: ReplyView[] = [];
  const writer = { visible: false, showFirst: (view: ReplyView) => void views.push(view) };
  const clock = new FakeClock();
  const ended = new AbortController();
  const delivery: Pick<Delivery, 'showWorking'> = { showWorking };
  const announcing = announceWork(target, delivery, writer, { clock, log }, ended.signal);
  await clock.advance(10_000);
  ended.abort();
  await announcing;
  return views;
}

test('a place that shows no typing gets a placeholder', async () => {
  const nowhere = new ExpectedFailure('delivery-failed', 'no status here', { reason: 'rejected' });
  expect(await announce(() => Promise.reject(nowhere))).toEqual([{ type: 'placeholder', notice: '…' }]);
});

test('a hint that is lost, or shown, leaves the reply alone', async () => {
  const lost = new ExpectedFailure('delivery-failed', 'out of reach', { reason: 'unavailable' });
  expect(await announce(() => Promise.reject(lost))).toEqual([]);
  expect(await announce(async () => {})).toEqual([]);
});
