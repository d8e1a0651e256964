import type { ByteTokenizer } from './byte-tokenizer.js';
import type { GgufTensor, GgufValue } from './gguf-file.js';
import { TENSOR_TYPES, type TensorType } from './tensor-data.js';

/** Dimensions of a llama-architecture model. */
export interface ModelShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly feedForward: number;
  readonly contextLength: number;
  readonly ropeBase: number;
  /** llama.cpp's name of the pre-tokenizer. */
  readonly preTokenizer: string;
}

export const TINY: ModelShape = {
  width: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 128,
  contextLength: 8192,
  ropeBase: 10_000,
  preTokenizer: 'gpt-2',
};

/** SmolLM2-135M's shape, as its config.json states it. */
export const SMOL_135M: ModelShape = {
  width: 576,
  layers: 30,
  heads: 9,
  keyValueHeads: 3,
  feedForward: 1536,
  contextLength: 8192,
  ropeBase: 100_000,
  preTokenizer: 'smollm',
};

const CHATML_TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** All that llama.cpp asks of a llama model's metadata. */
export function llamaMetadata(
  name: string,
  shape: ModelShape,
  type: TensorType,
  tokenizer: ByteTokenizer,
): Map<string, GgufValue> {
  const u32 = (value: number): GgufValue => ({ type: 'u32', value });
  const f32 = (value: number): GgufValue => ({ type: 'f32', value });
  const string = (value: string): GgufValue => ({ type: 'string', value });
  return new Map<string, GgufValue>([
    ['general.architecture', string('llama')],
    ['general.name', string(name)],
    ['general.file_type', u32(TENSOR_TYPES[type].fileType)],
    ['general.quantization_version', u32(2)],
    ['llama.vocab_size', u32(tokenizer.tokens.length)],
    ['llama.context_length', u32(shape.contextLength)],
    ['llama.embedding_length', u32(shape.width)],
    ['llama.block_count', u32(shape.layers)],
    ['llama.feed_forward_length', u32(shape.feedForward)],
    ['llama.attention.head_count', u32(shape.heads)],
    ['llama.attention.head_count_kv', u32(shape.keyValueHeads)],
    ['llama.attention.layer_norm_rms_epsilon', f32(1e-5)],
    ['llama.rope.dimension_count', u32(shape.width / shape.heads)],
    ['llama.rope.freq_base', f32(shape.ropeBase)],
    ['tokenizer.ggml.model', string('gpt2')],
    ['tokenizer.ggml.pre', string(shape.preTokenizer)],
    ['tokenizer.ggml.tokens', { type: 'string[]', value: tokenizer.tokens }],
    ['tokenizer.ggml.token_type', { type: 'i32[]', value: tokenizer.types }],
    ['tokenizer.ggml.merges', { type: 'string[]', value: tokenizer.merges }],
    ['tokenizer.ggml.bos_token_id', u32(tokenizer.bos)],
    ['tokenizer.ggml.eos_token_id', u32(tokenizer.eos)],
    ['tokenizer.ggml.padding_token_id', u32(tokenizer.eos)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.chat_template', string(CHATML_TEMPLATE)],
  ]);
}

/** The tensors of every block. `silent` blocks add nothing to what passes through them. */
export function blockTensors(
  shape: ModelShape,
  type: TensorType,
  silent: boolean,
  uniform: (count: number, limit: number) => Float32Array,
): GgufTensor[] {
  const headWidth = shape.width / shape.heads;
  const keyValueWidth = shape.keyValueHeads * headWidth;
  return Array.from({ length: shape.layers }, (_, layer) => {
    const norm = (name: string): GgufTensor => ({
      name: `blk.${layer}.${name}.weight`,
      shape: [shape.width],
      type: 'f32',
      values: () => new Float32Array(shape.width).fill(1),
    });
    const matrix = (name: string, from: number, to: number, zero = false): GgufTensor => ({
      name: `blk.${layer}.${name}.weight`,
      shape: [from, to],
      type,
      // The limit keeps the variance of what passes through at 1.
      values: () => (zero ? new Float32Array(from * to) : uniform(from * to, Math.sqrt(3 / from))),
    });
    return [
      norm('attn_norm'),
      matrix('attn_q', shape.width, shape.width),
      matrix('attn_k', shape.width, keyValueWidth),
      matrix('attn_v', shape.width, keyValueWidth),
      matrix('attn_output', shape.width, shape.width, silent),
      norm('ffn_norm'),
      matrix('ffn_gate', shape.width, shape.feedForward),
      matrix('ffn_up', shape.width, shape.feedForward),
      matrix('ffn_down', shape.feedForward, shape.width, silent),
    ];
  }).flat();
}

/** The same numbers for the same seed, evenly spread between plus and minus `limit`. */
export function uniformSource(seed: number): (count: number, limit: number) => Float32Array {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
  return (count, limit) => Float32Array.from({ length: count }, () => next() * limit);
}
