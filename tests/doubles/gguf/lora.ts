import { writeGguf } from './gguf-file.js';
import { TINY, uniformSource } from './llama-model.js';

/** Writes an adapter that turns the tiny random model's attention round: it then says something else. */
export function writeLora(path: string): void {
  const rank = 4;
  const uniform = uniformSource(7);
  const half = (side: 'a' | 'b', shape: readonly [number, number]) => ({
    name: `blk.0.attn_output.weight.lora_${side}`,
    shape,
    type: 'f32' as const,
    values: () => uniform(shape[0] * shape[1], 1),
  });
  writeGguf(
    path,
    new Map([
      ['general.architecture', { type: 'string', value: 'llama' }],
      ['general.type', { type: 'string', value: 'adapter' }],
      ['adapter.type', { type: 'string', value: 'lora' }],
      ['adapter.lora.alpha', { type: 'f32', value: 16 }],
    ]),
    [half('a', [TINY.width, rank]), half('b', [rank, TINY.width])],
  );
}
