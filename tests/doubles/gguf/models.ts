import { buildTokenizer, tokenOfBytes } from './byte-tokenizer.js';
import { type GgufTensor, writeGguf } from './gguf-file.js';
import {
  blockTensors,
  llamaMetadata,
  type ModelShape,
  SMOL_135M,
  TINY,
  uniformSource,
} from './llama-model.js';
import { scriptedPieces } from './scripted-pieces.js';
import type { TensorType } from './tensor-data.js';

/** What to leave out, for files that a loader must refuse. */
export interface Omissions {
  readonly metadata?: readonly string[];
  readonly tensors?: readonly string[];
}

export interface ScriptedModel {
  /** Said word for word in answer to every prompt; empty ends the reply at once. */
  readonly reply: string;
  /** What follows the last piece: the end of the reply, that piece for ever, or the first one again. */
  readonly ending?: 'stop' | 'repeat' | 'again';
  /** Cuts the reply into tokens of this many bytes, through characters too, instead of words. */
  readonly bytesPerToken?: number;
}

const SEED = 42;

/**
 * Writes a model of a few hundred kilobytes that answers every prompt with `reply`.
 *
 * Its blocks add nothing, and its output matrix leads from each token to the one after it: the last token alone decides.
 *
 * @throws {Error} where two tokens of the reply would be the same
 */
export function writeScriptedModel(path: string, script: ScriptedModel): void {
  const pieces = replyPieces(script).map(tokenOfBytes);
  if (new Set(pieces).size !== pieces.length) throw new Error('two tokens of the reply are the same');
  const tokenizer = buildTokenizer(pieces, 400 + pieces.length);
  const count = tokenizer.tokens.length;
  const uniform = uniformSource(SEED);
  const embeddings = uniform(count * TINY.width, 1);

  const output = new Float32Array(count * TINY.width);
  const lead = (from: number, to: number) => {
    for (let i = 0; i < TINY.width; i++) {
      // Four times over: far enough ahead of the rest for any temperature and penalty in range.
      output[to * TINY.width + i] =
        (output[to * TINY.width + i] ?? 0) + 4 * (embeddings[from * TINY.width + i] ?? 0);
    }
  };
  // The template's last token is the newline after "assistant".
  const chain = [tokenOfBytes(Buffer.from('\n')), ...pieces].map((piece) => tokenizer.tokens.indexOf(piece));
  const [, first = tokenizer.eos] = chain;
  chain.forEach((token, i) => {
    const afterLast = { stop: tokenizer.eos, repeat: token, again: first }[script.ending ?? 'stop'];
    lead(token, chain[i + 1] ?? afterLast);
  });

  writeGguf(path, llamaMetadata('scripted', TINY, 'f32', tokenizer), [
    embeddingTensor(TINY, 'f32', count, () => embeddings),
    { name: 'output.weight', shape: [TINY.width, count], type: 'f32', values: () => output },
    ...blockTensors(TINY, 'f32', true, uniform),
    outputNorm(TINY),
  ]);
}

export interface RandomModel {
  readonly shape: 'tiny' | 'smol135m';
  /** Default f32. */
  readonly type?: TensorType;
  readonly omit?: Omissions;
}

/** Writes a model with random weights: it answers nonsense of printable letters, without an end, as fast as a real one. */
export function writeRandomModel(path: string, model: RandomModel): void {
  const shape = model.shape === 'tiny' ? TINY : SMOL_135M;
  const type = model.type ?? 'f32';
  const tokenizer = buildTokenizer([], model.shape === 'tiny' ? 400 : 49_152);
  const count = tokenizer.tokens.length;
  const uniform = uniformSource(SEED);
  const metadata = llamaMetadata(`random-${model.shape}`, shape, type, tokenizer);
  for (const key of model.omit?.metadata ?? []) metadata.delete(key);
  const tensors = [
    embeddingTensor(shape, type, count, () => {
      const values = uniform(count * shape.width, 0.05);
      tokenizer.tokens.forEach((token, id) => {
        // A zero row is never the likeliest: control tokens and halves of characters stay unsaid.
        const printable = tokenizer.types[id] === 1 && /^[\x21-\x7eĠ]+$/.test(token);
        if (!printable) values.fill(0, id * shape.width, (id + 1) * shape.width);
      });
      return values;
    }),
    ...blockTensors(shape, type, false, uniform),
    outputNorm(shape),
  ].filter((tensor) => !model.omit?.tensors?.includes(tensor.name));
  writeGguf(path, metadata, tensors);
}

function replyPieces(script: ScriptedModel): Buffer[] {
  const size = script.bytesPerToken;
  if (size === undefined) return scriptedPieces(script.reply).map((piece) => Buffer.from(piece));
  const bytes = Buffer.from(script.reply);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

function embeddingTensor(
  shape: ModelShape,
  type: TensorType,
  tokens: number,
  values: () => Float32Array,
): GgufTensor {
  return { name: 'token_embd.weight', shape: [shape.width, tokens], type, values };
}

function outputNorm(shape: ModelShape): GgufTensor {
  return {
    name: 'output_norm.weight',
    shape: [shape.width],
    type: 'f32',
    values: () => new Float32Array(shape.width).fill(1),
  };
}
