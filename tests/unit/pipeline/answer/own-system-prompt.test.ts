import { describe, expect, test } from 'vitest';
import { ExpectedFailure } from '../../../../src/domain/failure.js';
import type { Prompt } from '../../../../src/domain/prompt.js';
import { DEFAULT_SAMPLING } from '../../../../src/domain/sampling.js';
import type { AnswerTurnDeps } from '../../../../src/pipeline/answer/answer-turn.js';
import type { RoutedPart } from '../../../../src/ports/models/model-router.js';
import { BEGIN, END, openAnswering, say } from './answering.js';

const model = {
  alias: 'scripted',
  contextWindow: 4_096,
  sampling: DEFAULT_SAMPLING,
  countTokens: async () => 10,
};

describe('a conversation with a system prompt of its own', () => {
  const setup = openAnswering();
  const { answered, claimed, deps } = setup;

  /** Settings with this prompt, and a model that reads the prompt it is asked with, or fails. */
  function asking(
    systemPrompt: string | undefined,
    prompts: Prompt[],
    failure?: Error,
  ): Partial<AnswerTurnDeps> {
    const { settingsAt, router } = deps();
    async function* stream(...[request]: Parameters<typeof router.stream>): AsyncGenerator<RoutedPart> {
      prompts.push(await request.prompt(model));
      if (failure) throw failure;
      yield* [BEGIN, { type: 'delta', text: 'Aye.' } as const, END];
    }
    return {
      settingsAt: async (address) => ({
        ...(await settingsAt(address)),
        ...(systemPrompt !== undefined && { systemPrompt }),
      }),
      router: { ...router, stream },
    };
  }

  test('is answered by it, in place of the persona’s', async () => {
    const prompts: Prompt[] = [];
    await answered(await claimed(), asking('Answer as a pirate.', prompts));
    expect(prompts).toMatchObject([
      [{ role: 'system', content: expect.stringMatching(/^Answer as a pirate\./) }, {}],
    ]);
    expect(setup.ended).toMatchObject([{ state: 'done', reply: 'Aye.' }]);
  });

  test('says that the prompt may be what is too long for the model', async () => {
    const tooLong = new ExpectedFailure('context-overflow', 'the message needs 9 tokens');
    await answered(await claimed(), asking('Answer as a pirate.', [], tooLong));
    await answered(await claimed(), asking(undefined, [], tooLong));
    const kind = 'context-overflow';
    expect(setup.ended).toEqual([
      { state: 'failed', kind, notice: say.promptTooLong },
      { state: 'failed', kind, notice: say.failed(kind) },
    ]);
  });
});
