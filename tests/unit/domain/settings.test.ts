import { describe, expect, test } from 'vitest';
import { type Address, addressKey, conversationKey, settingsKeys } from '../../../src/domain/address.js';
import { DEFAULT_SAMPLING, mergeSampling } from '../../../src/domain/sampling.js';
import { mergeSettings } from '../../../src/domain/settings.js';

const channel: Address = { platform: 'slack', app: 'A1', workspace: 'T1', channel: 'C1', kind: 'channel' };
const thread: Address = { ...channel, thread: '17.5', kind: 'thread' };
const ana = { key: 'slack/T1/U1', id: 'U1', name: 'Ana' };
const bo = { key: 'slack/T1/U2', id: 'U2', name: 'Bo' };

describe('addresses', () => {
  test('name one memory for a channel, one for a thread, and one per user where set', () => {
    expect(conversationKey(channel, 'channel', ana)).toBe(conversationKey(channel, 'channel', bo));
    expect(conversationKey(channel, 'user', ana)).not.toBe(conversationKey(channel, 'user', bo));
    expect(conversationKey(channel, 'channel', ana)).not.toBe(conversationKey(thread, 'channel', ana));
    const direct: Address = { ...channel, channel: 'D1', kind: 'direct' };
    expect(conversationKey(direct, 'user', ana)).toBe(conversationKey(direct, 'channel', ana));
  });

  test('cannot be confused by separators in their parts', () => {
    const odd = { ...channel, channel: 'C1/17.5' };
    expect(addressKey(odd)).not.toBe(addressKey(thread));
  });

  test('read the channel’s settings before the thread’s, on both kinds of threads', () => {
    expect(settingsKeys(thread)).toEqual([addressKey(channel), addressKey(thread)]);
    expect(settingsKeys(channel)).toEqual([addressKey(channel)]);
    const discord: Address = { ...channel, platform: 'discord', channel: '20', parent: '10', kind: 'thread' };
    expect(settingsKeys(discord)).toEqual(['discord/A1/T1/10', 'discord/A1/T1/20']);
  });
});

describe('settings', () => {
  const base = {
    model: 'small',
    persona: 'assistant',
    language: 'auto',
    memory: 'channel',
    followThreads: false,
    sampling: { temperature: 0.5 },
  } as const;

  test('are laid over each other, sampling parameter by parameter', () => {
    const merged = mergeSettings(
      base,
      { model: 'large', sampling: { topK: 5 } },
      { sampling: { temperature: 1 } },
    );
    expect(merged).toEqual({ ...base, model: 'large', sampling: { temperature: 1, topK: 5 } });
  });

  test('leave a model’s default where nothing is set', () => {
    expect(mergeSampling({ topK: undefined }, { topK: 3 }, DEFAULT_SAMPLING)).toMatchObject({
      topK: 3,
      topP: 0.95,
    });
  });
});
