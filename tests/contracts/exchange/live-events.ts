import { afterEach, describe, expect, test } from 'vitest';
import type { LiveEvents, TurnEvent } from '../../../src/ports/turns/live-events.js';
import { awaitCondition } from '../../doubles/await-condition.js';
import { deferred } from '../../doubles/deferred.js';

/** Live events as a suite opens them. */
export interface OpenedLiveEvents {
  readonly here: LiveEvents;
  /** The same as another process has them; the same object where there is only one process. */
  readonly there: LiveEvents;
  close(): Promise<void>;
}

const text = (offset: number, words = 'so'): TurnEvent => ({ type: 'text', offset, text: words });
const END: TurnEvent = { type: 'ended', outcome: { state: 'cancelled' } };

/** Collects events until an `ended` one came. */
export function collect() {
  const events: TurnEvent[] = [];
  const ended = deferred();
  return {
    events,
    ended: ended.promise,
    listener(event: TurnEvent) {
      events.push(event);
      if (event.type === 'ended') ended.resolve();
    },
  };
}

/** What live events do, within a process or between processes. */
export function describeLiveEvents(name: string, open: () => Promise<OpenedLiveEvents>): void {
  describe(`live events: ${name}`, () => {
    let opened: OpenedLiveEvents | undefined;
    const setUp = async () => {
      opened = await open();
      return opened;
    };
    afterEach(async () => {
      await opened?.here.stop();
      await opened?.there.stop();
      await opened?.close();
    });

    test('what is published arrives in order, at everyone who watches that turn and nobody else', async () => {
      const { here, there } = await setUp();
      const [near, far, other] = [collect(), collect(), collect()];
      await here.subscribe(1, near.listener);
      await there.subscribe(1, far.listener);
      await there.subscribe(2, other.listener);
      const sent = [...Array.from({ length: 50 }, (_, i) => text(i)), END];
      for (const event of sent) here.publish(1, event);
      here.publish(2, END);
      await Promise.all([near.ended, far.ended, other.ended]);
      expect(near.events).toEqual(sent);
      expect(far.events).toEqual(sent);
      expect(other.events).toEqual([END]);
    });

    test('every kind of event arrives as it was', async () => {
      const { here, there } = await setUp();
      const watcher = collect();
      await there.subscribe(1, watcher.listener);
      const sent: TurnEvent[] = [
        { type: 'queued', ahead: 3 },
        { type: 'stop' },
        { type: 'joined' },
        text(0, '你好 👋 "quoted"\n'),
        { type: 'ended', outcome: { state: 'failed', kind: 'bug', notice: 'sorry' } },
        {
          type: 'ended',
          outcome: {
            state: 'done',
            reply: 'hi',
            model: 'small',
            finishReason: 'stop',
            usage: { prompt: 3, cached: 1, reply: 2 },
            sampling: {
              temperature: 0.7,
              topK: 40,
              topP: 0.9,
              minP: 0,
              repeatPenalty: 1,
              maxTokens: 9,
              stop: ['\n'],
            },
            timeToFirstTokenMs: null,
            tokensPerSecond: 12.5,
          },
        },
      ];
      const last = deferred();
      await there.subscribe(1, (event) => {
        if (event.type === 'ended' && event.outcome.state === 'done') last.resolve();
      });
      for (const event of sent) here.publish(1, event);
      await last.promise;
      expect(watcher.events).toEqual(sent);
    });

    test('who comes late gets what comes later', async () => {
      const { here, there } = await setUp();
      const early = collect();
      await there.subscribe(1, early.listener);
      here.publish(1, text(0));
      here.publish(1, END);
      await early.ended;
      const late = collect();
      await there.subscribe(1, late.listener);
      here.publish(1, END);
      await late.ended;
      expect(late.events).toEqual([END]);
    });

    test('who left gets nothing more, and who stayed still does', async () => {
      const { here, there } = await setUp();
      const [left, stayed] = [collect(), collect()];
      const leave = await there.subscribe(1, left.listener);
      await there.subscribe(1, stayed.listener);
      leave();
      leave();
      here.publish(1, END);
      await stayed.ended;
      expect(left.events).toEqual([]);
    });

    test('the last one leaving and another one coming at once loses nothing', async () => {
      const { here, there } = await setUp();
      const leave = await there.subscribe(1, () => {});
      const next = collect();
      leave();
      await there.subscribe(1, next.listener);
      here.publish(1, END);
      await next.ended;
    });

    test('one function may listen twice', async () => {
      const { here, there } = await setUp();
      const watcher = collect();
      const leave = await there.subscribe(1, watcher.listener);
      await there.subscribe(1, watcher.listener);
      leave();
      here.publish(1, END);
      await watcher.ended;
      expect(watcher.events).toEqual([END]);
    });

    test('a listener that throws harms nobody', async () => {
      const { here, there } = await setUp();
      const watcher = collect();
      await there.subscribe(1, () => {
        throw new Error('a bug of the listener');
      });
      await there.subscribe(1, watcher.listener);
      here.publish(1, text(0));
      here.publish(1, END);
      await watcher.ended;
      expect(watcher.events).toHaveLength(2);
    });

    test('publishing never calls a listener before it returns', async () => {
      const { here } = await setUp();
      const watcher = collect();
      await here.subscribe(1, watcher.listener);
      here.publish(1, END);
      expect(watcher.events).toEqual([]);
      await watcher.ended;
    });

    test('what is forgotten is told to every process that listens, until it leaves', async () => {
      const { here, there } = await setUp();
      const [near, far]: [number[], number[]] = [[], []];
      here.onForgotten((id) => near.push(id));
      const leave = there.onForgotten((id) => far.push(id));
      // Nothing says when a listener is heard: what is lost before is told again.
      await awaitCondition(() => {
        here.publishForgotten(7);
        return near.includes(7) && far.includes(7);
      });
      leave();
      leave();
      const heard = far.length;
      there.publishForgotten(8);
      await awaitCondition(() => near.includes(8));
      expect(far).toHaveLength(heard);
      expect(new Set(near)).toEqual(new Set([7, 8]));
    });

    test('stopped twice, and publishing after it, is fine', async () => {
      const { here } = await setUp();
      await here.stop();
      await here.stop();
      here.publish(1, END);
    });
  });
}
