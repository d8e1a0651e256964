import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Address } from '../../../src/domain/address.js';
import type { CommandName, CommandValues } from '../../../src/domain/commands.js';
import type { IncomingMessage } from '../../../src/domain/turn.js';
import type { AcceptanceLimits, WakeUp } from '../../../src/pipeline/accept-message.js';
import { COMMANDS } from '../../../src/pipeline/commands/definitions.js';
import { openInbox } from '../../../src/pipeline/open-inbox.js';
import { assistant } from '../../../src/pipeline/personas/assistant.js';
import { medical } from '../../../src/pipeline/personas/medical.js';
import { settingsReader } from '../../../src/pipeline/settings-at.js';
import type { CommandReply } from '../../../src/ports/inbox.js';
import type { Database } from '../../../src/storage/database.js';
import { PrismaMemoryStore } from '../../../src/storage/memory-store.js';
import { PrismaSettingsStore } from '../../../src/storage/settings-store.js';
import { PrismaTurnStore } from '../../../src/storage/turn-store.js';
import { PrismaUsageStore } from '../../../src/storage/usage-store.js';
import { systemClock } from '../../../src/system-clock.js';
import { openTestDatabase } from '../../fixtures/open-test-database.js';

const DEFAULTS = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: false,
  sampling: {},
} as const;

const DONE = {
  state: 'done',
  reply: 'yes',
  model: 'small',
  finishReason: 'stop',
  usage: { prompt: 1, cached: 0, reply: 1 },
  sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 1, stop: [] },
  timeToFirstTokenMs: 1,
  tokensPerSecond: 1,
} as const;

let database: Database;
let places = 0;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.stop());

function open(options: { limits?: Partial<AcceptanceLimits>; mayChange?: boolean } = {}) {
  const { prisma } = database;
  const turns = new PrismaTurnStore(prisma);
  const settings = new PrismaSettingsStore(prisma);
  const wokenUp: WakeUp[] = [];
  const stopped: number[] = [];
  const model = (alias: string) => ({
    alias,
    description: `${alias} one`,
    runs: 'local' as const,
    contextWindow: null,
    state: 'ready' as const,
    isDefault: alias === 'small',
  });
  const inbox = openInbox({
    definitions: COMMANDS,
    turns,
    memory: new PrismaMemoryStore(prisma, () => {}),
    settings,
    usage: new PrismaUsageStore(prisma),
    router: {
      has: (alias) => ['small', 'large'].includes(alias),
      models: () => [model('small'), model('large')],
    },
    personas: new Map([assistant, medical].map((persona) => [persona.name, persona])),
    clock: systemClock,
    live: { publish: (turnId, event) => void (event.type === 'stop' && stopped.push(turnId)) },
    wakeUps: { add: async (wakeUp) => void wokenUp.push(wakeUp) },
    settingsAt: settingsReader(DEFAULTS, settings),
    limits: { messageLength: 100, turnsPerMinute: 1_000, tokensPerDay: null, ...options.limits },
    mayChange: () => options.mayChange ?? true,
  });
  places += 1;
  const place = places;
  const address: Address = {
    platform: 'slack',
    app: 'A',
    workspace: 'T',
    channel: `C${place}`,
    kind: 'channel',
  };
  const ada = { key: `slack/T/U${place}`, id: `U${place}`, name: 'Ada' };
  let messages = 0;
  const message = (text: string, more: Partial<IncomingMessage> = {}): IncomingMessage => {
    messages += 1;
    const id = `${place}-${messages}`;
    return {
      key: `slack/${id}`,
      platformMessageId: id,
      address,
      author: ada,
      text,
      target: { platform: 'slack' },
      ...more,
    };
  };
  const command = (name: CommandName, values: CommandValues = {}, author = ada): Promise<CommandReply> => {
    const { key, target } = message('');
    return inbox.command({ name, values, address, author, mayManage: false, message: { key, target } });
  };
  return { inbox, turns, message, command, address, ada, wokenUp, stopped };
}

const text = (reply: CommandReply) => (reply.type === 'notice' ? reply.text : '');

describe('a message handed in', () => {
  test('is recorded and its conversation woken up; the same one again is a duplicate', async () => {
    const { inbox, message, wokenUp } = open();
    const hello = message('hello');
    const first = await inbox.accept(hello);
    expect(first).toMatchObject({ type: 'accepted', ahead: 0 });
    const again = await inbox.accept(hello);
    expect(again).toEqual({
      type: 'duplicate',
      turnId: 'turnId' in first && first.turnId,
      conversationId: wokenUp[0]?.conversationId,
    });
    expect(wokenUp).toHaveLength(2);
    expect(await inbox.accept(message('and this?'))).toMatchObject({ type: 'accepted', ahead: 1 });
  });

  test.each([
    ['empty', ' \u200b\u0000 ', {}, 'What would you like to know'],
    ['too-long', 'x'.repeat(101), {}, '101 characters; I can read up to 100'],
    ['unknown-model', 'hi', { model: 'huge' }, 'small, large'],
    ['bad-parameter', 'hi', { sampling: { temperature: 3 } }, 'between 0 and 2'],
    ['bad-parameter', 'hi', { sampling: { topK: 1.5 } }, 'whole number'],
    ['bad-parameter', 'hi', { sampling: { stop: Array(9).fill('x') } }, 'at most 8'],
  ] as const)('is refused as %s, and says what would be right', async (reason, said, more, sentence) => {
    const { inbox, message, wokenUp } = open();
    const refusal = await inbox.accept(message(said, more as Partial<IncomingMessage>));
    expect(refusal).toMatchObject({ type: 'refused', reason });
    expect('text' in refusal && refusal.text).toContain(sentence);
    expect(wokenUp).toEqual([]);
  });

  test('is refused once: the same message again says nothing', async () => {
    const { inbox, message } = open();
    const empty = message('');
    expect(await inbox.accept(empty)).not.toHaveProperty('repeated');
    expect(await inbox.accept(empty)).toMatchObject({ type: 'refused', repeated: true });
  });

  test('over a person’s turns a minute is refused, and one that was taken before is a duplicate all the same', async () => {
    const { inbox, message } = open({ limits: { turnsPerMinute: 2 } });
    const first = message('one');
    await inbox.accept(first);
    await inbox.accept(message('two'));
    const third = await inbox.accept(message('three'));
    expect(third).toMatchObject({ type: 'refused', reason: 'turn-limit', retryAfterMs: 60_000 });
    expect(await inbox.accept(first)).toMatchObject({ type: 'duplicate' });
  });

  test('over a person’s tokens a day is refused', async () => {
    const { inbox, message, turns } = open({ limits: { tokensPerDay: 50 } });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.finish(turn, {
      ...DONE,
      usage: { prompt: 40, cached: 0, reply: 20 },
    });
    expect(await inbox.accept(message('two'))).toMatchObject({ type: 'refused', reason: 'token-limit' });
    expect(await inbox.regenerate(turn.id)).toBe(false);
  });

  test('counts the tokens of answers that a regeneration replaced', async () => {
    const { inbox, message, turns, ada } = open({ limits: { tokensPerDay: 100 } });
    const accepted = await inbox.accept(message('one'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const finish = async () => {
      const turn = await turns.claimNext(accepted.conversationId, 'test', 60_000);
      if (!turn) throw new Error('not claimed');
      await turns.finish(turn, { ...DONE, usage: { prompt: 40, cached: 0, reply: 20 } });
    };
    await finish();
    expect(await inbox.regenerate(accepted.turnId)).toBe(true);
    await finish();
    const usage = new PrismaUsageStore(database.prisma);
    expect(await usage.recent(ada.key, new Date(0), new Date(0))).toEqual({ turns: 1, tokens: 120 });
    expect(await inbox.regenerate(accepted.turnId)).toBe(false);
  });

  test('in Chinese is refused in Chinese', async () => {
    const { inbox, message } = open();
    expect(await inbox.accept(message('长'.repeat(101)))).toMatchObject({
      text: expect.stringContaining('101 个字符'),
    });
  });
});

describe('commands', () => {
  test('model lists the models, sets one for the place, and knows no others', async () => {
    const { inbox, command, address } = open();
    expect(text(await command('model'))).toMatch(/\*\*small\*\*.*answers here/);
    expect(text(await command('model', { name: 'large' }))).toContain('**large**');
    expect(await inbox.settings(address)).toMatchObject({ model: 'large' });
    expect(text(await command('model', { name: 'huge' }))).toContain('small, large');
  });

  test('settings are changed one by one, shown, and reset', async () => {
    const { inbox, command, address } = open();
    await command('settings', { persona: 'medical', temperature: 0.1 });
    await command('settings', { top_k: 7, follow_threads: true });
    expect(await inbox.settings(address)).toMatchObject({
      persona: 'medical',
      followThreads: true,
      sampling: { temperature: 0.1, topK: 7 },
    });
    expect(text(await command('settings'))).toContain('- temperature: 0.1');
    await command('settings', { reset: true });
    expect(await inbox.settings(address)).toEqual(DEFAULTS);
  });

  test.each([
    [{ temperature: 9 }, 'temperature must be between 0 and 2'],
    [{ max_tokens: 1.5 }, 'whole number'],
    [{ persona: 'nobody' }, 'assistant, medical'],
    [{ language: 'fr' }, 'auto, en, zh'],
    [{ memory: 'none' }, 'channel, user'],
  ])('settings %j are refused with what would be right', async (values, sentence) => {
    const { inbox, command, address } = open();
    expect(text(await command('settings', values))).toContain(sentence);
    expect(await inbox.settings(address)).toEqual(DEFAULTS);
  });

  test('change nothing for people who may not', async () => {
    const { inbox, command, address } = open({ mayChange: false });
    for (const reply of [
      await command('model', { name: 'large' }),
      await command('settings', { persona: 'medical' }),
      await command('clear'),
    ]) {
      expect(text(reply)).toContain('may not');
    }
    expect(await inbox.settings(address)).toEqual(DEFAULTS);
  });

  test('stop stops one’s own replies, and others’ only for those who may', async () => {
    const { inbox, message, command, stopped } = open({ mayChange: false });
    const accepted = await inbox.accept(message('a long story'));
    const bo = { key: 'slack/T/UBO', id: 'UBO', name: 'Bo' };
    expect(text(await command('stop', {}, bo))).toContain('No reply of yours');
    expect(text(await command('stop'))).toContain('Stopping the reply');
    expect(stopped).toEqual(['turnId' in accepted && accepted.turnId]);
  });

  test('retry has nothing to do before a first message, and makes a finished turn pending again', async () => {
    const { inbox, turns, message, command } = open();
    expect(text(await command('retry'))).toContain('no message');
    const accepted = await inbox.accept(message('hello'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.finish(turn, { state: 'cancelled' });
    expect(text(await command('retry'))).toContain('again');
    expect(await turns.find(turn.id)).toMatchObject({ state: 'pending' });
  });

  test('retry answers no question of another person again, as the button does not', async () => {
    const { inbox, turns, message, command } = open({ mayChange: false });
    const accepted = await inbox.accept(message('hello'));
    if (accepted.type !== 'accepted') throw new Error('not accepted');
    const turn = await turns.claimNext(accepted.conversationId, 'test', 60_000);
    if (!turn) throw new Error('not claimed');
    await turns.finish(turn, { state: 'cancelled' });
    const bo = { key: 'slack/T/UBO', id: 'UBO', name: 'Bo' };
    await command('retry', {}, bo);
    expect(await turns.find(turn.id)).toMatchObject({ state: 'cancelled' });
    expect(text(await command('retry'))).toContain('again');
  });

  test('usage counts, forget-me erases, clear says when there was nothing', async () => {
    const { inbox, message, command } = open();
    expect(text(await command('clear'))).toContain('nothing to forget');
    await inbox.accept(message('hello'));
    expect(text(await command('usage'))).toContain('last 24 hours: 1 questions');
    expect(text(await command('forget-me'))).toContain('Erased: 1');
    expect(text(await command('forget-me'))).toContain('no messages of yours');
  });

  test('ask becomes a turn, and help names every command', async () => {
    const { command } = open();
    expect(await command('ask', { question: 'really?' })).toMatchObject({
      type: 'turn',
      acceptance: { type: 'accepted' },
    });
    const help = text(await command('help'));
    for (const { name } of COMMANDS) expect(help).toContain(`**${name}**`);
  });

  test('suggest gives what begins with, then what contains, the typed letters', async () => {
    const { inbox } = open();
    expect(await inbox.suggest('models', 'L')).toEqual(['large', 'small']);
    expect(await inbox.suggest('personas', 'med')).toEqual(['medical']);
  });
});
