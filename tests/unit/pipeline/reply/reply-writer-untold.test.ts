import { describe, expect, test } from 'vitest';
import { UNTOLD_MESSAGE } from '../../../../src/domain/turn.js';
import { RecordingDelivery } from '../../../doubles/recorders/recording-delivery.js';
import { FINAL, openWriter, unavailable } from './open-writer.js';

describe('ReplyWriter', () => {
  test('knows of a further part before it is posted', async () => {
    const delivery = new RecordingDelivery({ partLimit: 200 });
    const { writer, recorded } = openWriter({ delivery });
    const text = 'word '.repeat(30);
    delivery.post = async (_target, draft) => {
      if (draft.index > 0) expect(recorded.at(-1)).toEqual({ index: draft.index, messageId: UNTOLD_MESSAGE });
      return { index: draft.index, messageId: `m${draft.index}` };
    };
    const parts = await writer.finish({ ...FINAL, text });
    expect(parts.length).toBeGreaterThan(1);
    expect(recorded.filter(({ messageId }) => messageId !== UNTOLD_MESSAGE)).toEqual(parts);
  });

  test('removes a part that a worker before it posted and told nobody of, where the answer needs fewer', async () => {
    const delivery = new RecordingDelivery();
    const first = openWriter({ delivery });
    const dead = {
      turnId: 7,
      revision: 0,
      index: 1,
      text: 'old',
      state: 'streaming',
      controls: 'stop',
    } as const;
    await first.writer.finish({ ...FINAL, text: 'one' });
    await delivery.post({ platform: 'discord' }, dead, first.abort.signal);
    const parts = [...first.recorded, { index: 1, messageId: UNTOLD_MESSAGE }];
    const second = openWriter({ delivery, parts });
    expect(await second.writer.finish({ ...FINAL, text: 'short' })).toHaveLength(1);
    expect(delivery.texts).toEqual(['short']);
  });

  test('removes a part whose posting brought no answer, where the answer needs fewer', async () => {
    const delivery = new RecordingDelivery({ partLimit: 200 });
    const post = delivery.post.bind(delivery);
    let lost = true;
    delivery.post = async (target, draft, signal) => {
      const part = await post(target, draft, signal);
      if (lost && draft.index > 0) throw unavailable();
      return part;
    };
    const { writer, clock } = openWriter({ delivery });
    writer.show({ type: 'streaming', text: 'word '.repeat(25) });
    await clock.advance(0);
    expect(delivery.texts).toHaveLength(2);
    lost = false;
    const finishing = writer.finish({ ...FINAL, text: 'one' });
    await clock.advance(5_000);
    expect(await finishing).toHaveLength(1);
    expect(delivery.texts).toEqual(['one']);
  });
});
