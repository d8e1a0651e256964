import { describe, expect, test } from 'vitest';
import { DONE, openInboxes } from './open-inboxes.js';

const { open } = openInboxes();
const NEVER = new AbortController().signal;

/** A turn that a worker answers, with all that happens while the inbox waits. */
async function answering(whileWaiting: (waits: number, store: () => Promise<void>) => Promise<unknown>) {
  let waits = 0;
  const { inbox, actions, turns, message, address } = open({
    sleep: async () => {
      waits += 1;
      await whileWaiting(waits, store);
    },
  });
  const accepted = await inbox.accept(message('talk to me'));
  if (accepted.type !== 'accepted') throw new Error('not accepted');
  const turn = await turns.claims.claimNext(accepted.conversationId, 'test', 60_000);
  if (!turn) throw new Error('not claimed');
  const messageId = `${address.channel}/1.1`;
  async function store() {
    if (turn) await turns.claims.recordPart(turn, { index: 0, messageId });
  }
  const pressed = (claimed = turn.id, signal = NEVER) =>
    actions.turnOfControl({ platform: 'slack', messageId, claimed }, signal);
  return { turns, turn, store, pressed, waits: () => waits };
}

describe('a control under a message', () => {
  test('belongs to the turn whose part the message is, whatever it claims', async () => {
    const { turn, store, pressed, waits } = await answering(async () => {});
    await store();
    expect(await pressed()).toMatchObject({ id: turn.id, state: 'running' });
    for (const claimed of [turn.id + 1, 2_000_000_000, 2 ** 31, -1, Number.NaN]) {
      expect(await pressed(claimed), String(claimed)).toBeNull();
    }
    expect(waits()).toBe(0);
  });

  test('pressed before the worker has stored the part is found once that is done', async () => {
    const { turn, pressed, waits } = await answering(async (count, store) => {
      if (count === 4) await store();
    });
    expect(await pressed()).toMatchObject({ id: turn.id });
    expect(waits()).toBe(4);
  });

  test('of a turn that has ended, or that nobody knows, is waited for by nobody', async () => {
    const { turns, turn, pressed, waits } = await answering(async () => {});
    expect(await pressed(2_000_000_000)).toBeNull();
    await turns.claims.finish(turn, DONE);
    expect(await pressed()).toBeNull();
    expect(waits()).toBe(0);
  });

  test('of a turn that ends meanwhile is found all the same', async () => {
    const { turns, turn, pressed } = await answering(async (_waits, store) => {
      await store();
      await turns.claims.finish(turn, DONE);
    });
    expect(await pressed()).toMatchObject({ id: turn.id, state: 'done' });
  });

  test('that no part comes for is given up, and at once where the process stops', async () => {
    const { pressed, waits } = await answering(async () => {});
    expect(await pressed()).toBeNull();
    expect(waits()).toBeGreaterThan(5);
    const stopping = new AbortController();
    const reason = new Error('stopping');
    const stopped = await answering(async () => {
      stopping.abort(reason);
      stopping.signal.throwIfAborted();
    });
    await expect(stopped.pressed(stopped.turn.id, stopping.signal)).rejects.toBe(reason);
  });
});
