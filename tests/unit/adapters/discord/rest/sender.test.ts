import { getEventListeners } from 'node:events';
import { REST } from '@discordjs/rest';
import { describe, expect, test } from 'vitest';
import { DiscordSender } from '../../../../../adapters/discord/rest/sender.js';
import { FakeClock } from '../../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

const GET = { method: 'GET', route: '/gateway' } as const;

/** A sender over a client whose requests end as `request` says. */
function senderOver(request: (signal: AbortSignal) => Promise<unknown>) {
  const rest = new REST();
  rest.request = async ({ signal }) => request(signal ?? AbortSignal.abort());
  return new DiscordSender({ rest, clock: new FakeClock(), log: new RecordedLog() });
}

describe('DiscordSender', () => {
  test('ends at once on abort, though the client waits for a bucket and notices nothing', async () => {
    const given: AbortSignal[] = [];
    const sender = senderOver((signal) => {
      given.push(signal);
      return new Promise(() => {});
    });
    const turn = new AbortController();
    const sent = sender.send(GET, turn.signal);
    turn.abort(new Error('the worker stops'));
    await expect(sent).rejects.toThrow('the worker stops');
    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('leaves nothing on a signal that outlives its requests, whatever the client leaves on its own', async () => {
    const sender = senderOver(async (signal) => {
      signal.addEventListener('abort', () => {});
      return {};
    });
    const turn = new AbortController();
    for (let i = 0; i < 20; i++) await sender.send(GET, turn.signal);
    expect(getEventListeners(turn.signal, 'abort')).toEqual([]);
  });
});
