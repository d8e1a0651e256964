import { expect } from 'vitest';
import type { DoubleInteraction } from '../../../../doubles/discord/world.js';
import { type AdapterBench, openAdapter } from '../adapter-fixture.js';

interface Said {
  readonly content: string;
  readonly ephemeral: boolean;
}

export interface InteractionBench extends AdapterBench {
  acknowledged(interaction: DoubleInteraction): Promise<unknown>;
  /** What was said about an interaction, to whom. */
  said(interaction: DoubleInteraction): Said[];
  waitToBeTold(interaction: DoubleInteraction): Promise<Said>;
}

/** An adapter under test whose `close` fails where an interaction did. */
export async function openInteractions(): Promise<InteractionBench> {
  const bench = await openAdapter();

  const said = (interaction: DoubleInteraction): Said[] =>
    [...bench.double.world.messages.values()]
      .filter((message) => message.interactionId === interaction.id && !message.deleted && !message.loading)
      .map(({ content, ephemeral }) => ({ content, ephemeral }));

  return {
    ...bench,
    said,
    acknowledged: (interaction) =>
      bench.until(() => interaction.acknowledged !== null, 'the acknowledgement'),
    waitToBeTold: (interaction) => bench.until(() => said(interaction).at(-1), 'something to be said'),
    async close() {
      const failed = bench.double.log.entries.filter(({ type }) => type === 'interaction-failed');
      await bench.close();
      expect(failed).toEqual([]);
    },
  };
}
