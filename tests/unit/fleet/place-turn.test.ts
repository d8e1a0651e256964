import { describe, expect, test } from 'vitest';
import { DEFAULT_SAMPLING } from '../../../src/domain/sampling.js';
import type { ClaimedTurn } from '../../../src/domain/turn.js';
import { placedModels, placeTurn } from '../../../src/fleet/place-turn.js';
import { drainConversation } from '../../../src/pipeline/answer/drain-conversation.js';
import type { ModelRoutes } from '../../../src/ports/fleet/model-routes.js';
import type { WakeUp } from '../../../src/ports/turns/wake-ups.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';
import { ScriptedProvider } from '../../doubles/scripted-provider.js';
import { openAnswering, speech } from '../pipeline/answer/answering.js';
import { collect, collectUntilError, request, router, textOf } from '../routing/open-router.js';

const never = new AbortController().signal;
const wakeUps = { add: async () => {} };
/** `scripted` is what the settings of these tests choose. */
const routesTo = (served: Readonly<Record<string, string | null>>, gone = false): ModelRoutes => ({
  aliases: Object.keys(served),
  has: (alias) => alias in served,
  isServed: (alias) => served[alias] === alias,
  routeOf: (alias) => served[alias] ?? null,
  isGone: () => gone,
});

describe('placing a turn in a fleet', () => {
  const setup = openAnswering();

  function placing(serves: readonly string[], routes: ModelRoutes) {
    const added: WakeUp[] = [];
    const place = (turn: ClaimedTurn) =>
      placeTurn(turn, {
        serves: new Set(serves),
        routes,
        wakeUps: { add: async (wakeUp) => void added.push(wakeUp) },
        claims: setup.turns().claims,
        settingsAt: setup.deps().settingsAt,
      });
    return { place, added };
  }

  test('what this worker serves stays', async () => {
    const { place, added } = placing(['scripted'], routesTo({ scripted: 'scripted' }));
    const turn = await setup.claimed();
    expect(await place(turn)).toBe(true);
    expect(await setup.stateOf(turn)).toBe('running');
    expect(added).toEqual([]);
  });

  test('what another worker serves is given back, and handed on', async () => {
    const { place, added } = placing(['small'], routesTo({ scripted: 'scripted', small: 'small' }));
    const turn = await setup.claimed();
    expect(await place(turn)).toBe(false);
    expect(await setup.stateOf(turn)).toBe('pending');
    expect(added).toEqual([{ conversationId: turn.conversationId, alias: 'scripted' }]);
  });

  test('what the message itself asks for comes before the settings', async () => {
    const { place } = placing(['scripted'], routesTo({ scripted: 'scripted', large: 'large' }));
    expect(await place({ ...(await setup.claimed()), model: 'large' })).toBe(false);
  });

  test('a fallback is answered here where it is the first that anybody serves', async () => {
    const here = placing(['small'], routesTo({ scripted: 'small', small: 'small' }));
    expect(await here.place(await setup.claimed())).toBe(true);
    const elsewhere = placing(['small'], routesTo({ scripted: 'medium', small: 'small' }));
    expect(await elsewhere.place(await setup.claimed())).toBe(false);
  });

  test('what nobody serves waits, until the model is gone: then any worker says so', async () => {
    const nobody = { scripted: null, small: 'small' };
    expect(await placing(['small'], routesTo(nobody)).place(await setup.claimed())).toBe(false);
    expect(await placing(['small'], routesTo(nobody, true)).place(await setup.claimed())).toBe(true);
  });

  test('a model that was taken out of the configuration is any worker’s to refuse', async () => {
    expect(await placing(['small'], routesTo({ small: 'small' })).place(await setup.claimed())).toBe(true);
  });

  test('a turn that asks no model any more stays wherever it is', async () => {
    const { place } = placing(['small'], routesTo({ scripted: 'scripted' }));
    const turn = await setup.claimed();
    const kept = {
      reply: 'Kept.',
      model: 'scripted',
      finishReason: 'stop' as const,
      usage: { prompt: 1, cached: 0, reply: 1 },
      sampling: DEFAULT_SAMPLING,
      timeToFirstTokenMs: null,
      tokensPerSecond: null,
    };
    expect(await place({ ...turn, kept })).toBe(true);
    expect(await place({ ...turn, forgotten: true })).toBe(true);
    expect(await place({ ...turn, stopRequested: true })).toBe(true);
  });

  test('a worker answers its part of a conversation, and hands on the rest in order', async () => {
    const small = placing(['small'], routesTo({ scripted: 'scripted', small: 'small' }));
    const scripted = placing(['scripted'], routesTo({ scripted: 'scripted', small: 'small' }));
    const asked = await setup.conversation(['small', 'scripted', 'small']);
    setup.speeches = [speech('One.'), speech('Two.'), speech('Three.')];
    const drain = ({ place }: ReturnType<typeof placing>, owner: string) =>
      drainConversation(
        asked.conversationId,
        owner,
        { ...setup.deps(), place, wakeUps, leaving: never },
        never,
      );
    await drain(small, 'one');
    expect(setup.asked).toBe(1);
    await drain(small, 'one');
    expect(setup.asked).toBe(1);
    await drain(scripted, 'two');
    expect(setup.asked).toBe(2);
    await drain(small, 'one');
    expect(setup.delivery.texts).toEqual(['One.', 'Two.', 'Three.']);
    const { conversationId } = asked;
    expect(small.added).toEqual([
      { conversationId, alias: 'scripted' },
      { conversationId, alias: 'scripted' },
    ]);
    expect(scripted.added).toEqual([{ conversationId, alias: 'small' }]);
  });
});

describe('a model that goes while a turn is on its way to it', () => {
  const serves = new Set(['large']);
  const large = new ScriptedProvider(['From large.']);
  const here = router({ large }, undefined, new RecordedLog(), serves);
  const asked = (routes: ModelRoutes) =>
    placedModels(here, routes).stream(request({ alias: 'large' }), never);

  test('is asked while it is here, and later leaves the turn pending', async () => {
    expect(textOf(await collect(asked(routesTo({ large: 'large' }))))).toBe('From large.');
    serves.delete('large');
    const { error } = await collectUntilError(asked(routesTo({ large: 'large' })));
    expect(error).toMatchObject({ kind: 'setup', retryable: true });
  });

  test('is told of where nobody has served it for long', async () => {
    serves.delete('large');
    const { error } = await collectUntilError(asked(routesTo({ large: null }, true)));
    expect(error).toMatchObject({ kind: 'model-unserved', retryable: false });
  });
});
