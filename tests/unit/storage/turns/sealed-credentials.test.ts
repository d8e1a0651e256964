import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryTarget } from '../../../../src/domain/turn.js';
import type { Database } from '../../../../src/storage/database/database.js';
import {
  type CredentialBoxes,
  credentialBox,
  openCredential,
  sealCredential,
} from '../../../../src/storage/turns/sealed-credentials.js';
import { incoming, newChannel } from '../../../fixtures/incoming-message.js';
import { openTestDatabase } from '../../../fixtures/open-test-database.js';
import { openTurns } from '../../../fixtures/open-turns.js';

const TOKEN = 'MARKED-interaction-token';
const target = (token = TOKEN): DeliveryTarget => ({
  platform: 'discord',
  channel: 'c',
  credential: { token, expiresAt: 5_000 },
});
const { credential: _none, ...WITHOUT } = target();
const boxes = (secret = 'the.bot.token'): CredentialBoxes => new Map([['discord', credentialBox([secret])]]);

describe('a credential', () => {
  test('opens with a box made from the same secret, for the same message', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 5, maxLength: 200 });
    fc.assert(
      fc.property(text, text, text, (token, secret, key) => {
        const sealed = sealCredential(boxes(secret), target(token), key);
        expect(sealed.credential?.['token']).not.toContain(token);
        expect(sealed.credential?.expiresAt).toBe(5_000);
        expect(openCredential(boxes(secret), sealed, key)).toEqual(target(token));
      }),
    );
  });

  test('is left away where it was moved to another message, or this process has another secret, or none', () => {
    const sealed = sealCredential(boxes(), target(), 'message-1');
    expect(openCredential(boxes(), sealed, 'message-2')).toEqual(WITHOUT);
    expect(openCredential(boxes('another.token'), sealed, 'message-1')).toEqual(WITHOUT);
    expect(openCredential(new Map(), sealed, 'message-1')).toEqual(WITHOUT);
  });

  test('is stored nowhere without a box, and a target without one stays as it is', () => {
    expect(sealCredential(new Map(), target(), 'message-1')).toEqual(WITHOUT);
    expect(sealCredential(boxes(), WITHOUT, 'message-1')).toEqual(WITHOUT);
    expect(openCredential(boxes(), WITHOUT, 'message-1')).toEqual(WITHOUT);
  });

  test('opens with any of several secrets: one may be replaced by another', () => {
    const sealed = sealCredential(boxes('old'), target(), 'message-1');
    const both: CredentialBoxes = new Map([['discord', credentialBox(['new', 'old'])]]);
    expect(openCredential(both, sealed, 'message-1')).toEqual(target());
  });
});

describe('in the database, a credential', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.stop());
  const store = (secret?: string) => openTurns(database.prisma, boxes(secret));
  const stored = async (turnId: number) =>
    JSON.stringify((await database.pool.query('SELECT * FROM turn WHERE id = $1', [turnId])).rows);

  test('is encrypted, and whoever has the token claims it in clear', async () => {
    const { turnId, conversationId } = await store().recorder.record(
      incoming(newChannel(), { target: target() }),
      'channel',
    );
    expect(await stored(turnId)).not.toContain(TOKEN);
    expect(await stored(turnId)).toContain('"expiresAt":5000');
    expect((await store().claims.claimNext(conversationId, 'worker', 60_000))?.target).toEqual(target());
  });

  test('is there for those who tell somebody that they wait', async () => {
    const channel = newChannel();
    await store().recorder.record(incoming(channel), 'channel');
    const { conversationId } = await store().recorder.record(
      incoming(channel, { target: target() }),
      'channel',
    );
    expect(await store().waiting.take(conversationId, 10)).toMatchObject([{ ahead: 1, target: target() }]);
  });

  test('does not keep a worker with another token, or none, from claiming the turn', async () => {
    for (const other of [store('another.token'), openTurns(database.prisma)]) {
      const { conversationId } = await store().recorder.record(
        incoming(newChannel(), { target: target() }),
        'channel',
      );
      expect((await other.claims.claimNext(conversationId, 'worker', 60_000))?.target).toEqual(WITHOUT);
    }
  });

  test('that an older release stored in clear still works', async () => {
    const { turnId, conversationId } = await store().recorder.record(incoming(newChannel()), 'channel');
    await database.pool.query('UPDATE turn SET target = $2 WHERE id = $1', [turnId, target()]);
    expect((await store().claims.claimNext(conversationId, 'worker', 60_000))?.target).toEqual(target());
  });
});
