import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { incoming, newChannel } from '../../fixtures/incoming-message.js';
import { END, type MemoryStoreHarness, withMemory } from './memory-store-setting.js';

/** What every MemoryStore makes of messages that people edit and delete. */
export function describeChangedMessages(name: string, open: () => Promise<MemoryStoreHarness>): void {
  describe(`a memory of messages that change on ${name}`, () => {
    const at = withMemory(open);
    const { exchange, said } = at;

    test('a quote follows the message it is of: edited with it, and gone with it', async () => {
      const address = newChannel();
      const [id, other] = [randomUUID(), randomUUID()];
      const of = (...messageIds: string[]) => ({ quoted: { author: 'Ben', text: 'old', messageIds } });
      const { conversationId } = await exchange(address, 'one', 'yes', of(id));
      await exchange(address, 'two', 'yes', of(id, other));
      await exchange(address, 'three', 'yes', of(other));
      const elsewhere = await exchange(newChannel(), 'four', 'yes', of(id));
      const quotes = async (place = conversationId) =>
        (await at.memory.window(place, END, 10)).map(({ quoted }) => quoted?.text ?? null);
      expect(await at.memory.editMessage('discord', address.channel, id, 'new')).toBe(false);
      expect(await quotes()).toEqual(['new', 'old', 'old']);
      expect(at.harness.forgotten()).toEqual([conversationId]);
      expect(await at.memory.deleteMessage('discord', address.channel, id)).toBe(false);
      expect(await quotes()).toEqual([null, null, 'old']);
      expect(at.harness.forgotten()).toEqual([conversationId]);
      expect(await quotes(elsewhere.conversationId)).toEqual(['old']);
      expect(await said(conversationId)).toEqual(['one yes', 'two yes', 'three yes']);
    });

    test('reads an edited message anew', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'old', 'yes', { platformMessageId });
      expect(await at.memory.editMessage('discord', address.channel, platformMessageId, 'new\0')).toBe(true);
      expect(await said(conversationId)).toEqual(['new yes']);
      expect(at.harness.forgotten()).toEqual([conversationId]);
      expect(await at.memory.editMessage('slack', address.channel, platformMessageId, 'x')).toBe(false);
      expect(await at.memory.editMessage('discord', 'elsewhere', platformMessageId, 'x')).toBe(false);
    });

    test('an edit does not bring back what was forgotten', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'old', 'yes', { platformMessageId });
      await at.memory.clear(conversationId);
      expect(await at.memory.editMessage('discord', address.channel, platformMessageId, 'back')).toBe(false);
      expect(await said(conversationId)).toEqual([]);
    });

    test('a deleted message leaves memory with its reply; one that waited is not answered', async () => {
      const address = newChannel();
      const platformMessageId = randomUUID();
      const { conversationId } = await exchange(address, 'gone', 'yes', { platformMessageId });
      await exchange(address, 'stays', 'too');
      const waiting = incoming(address);
      const { turnId } = await at.turns.recorder.record(waiting, 'channel');
      expect(await at.memory.deleteMessage('discord', address.channel, platformMessageId)).toBe(true);
      expect(await at.memory.deleteMessage('discord', address.channel, platformMessageId)).toBe(false);
      expect(await said(conversationId)).toEqual(['stays too']);
      await at.memory.deleteMessage('discord', address.channel, waiting.platformMessageId ?? '');
      expect((await at.turns.lookup.find(turnId))?.state).toBe('cancelled');
    });
  });
}
