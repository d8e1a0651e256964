import { type Json, parsedTexts } from './workspace.js';

/** Arguments of one call, read from the wire. */
export type Arguments = { readonly [key: string]: unknown };

/** An `ok: false` answer. */
export class ApiError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const MARKDOWN_LIMIT = 12_000;

export function contentOf(
  args: Arguments,
  textLimit: number,
): { readonly text: string; readonly blocks: readonly Json[] } {
  const markdown = optionalText(args, 'markdown_text');
  const plain = optionalText(args, 'text') ?? '';
  const blocks = jsonArray(args, 'blocks');
  if (markdown !== undefined) {
    if (plain !== '' || blocks.length > 0) throw new ApiError('markdown_text_conflict');
    if (markdown.length > MARKDOWN_LIMIT) throw new ApiError('msg_too_long');
    return { text: markdown, blocks: [{ type: 'markdown', text: markdown }] };
  }
  if (plain === '' && blocks.length === 0) throw new ApiError('no_text');
  if (plain.length > textLimit) throw new ApiError('msg_too_long');
  checkBlocks(blocks);
  return { text: plain, blocks };
}

export function checkBlocks(blocks: readonly Json[]): void {
  if (blocks.length > 50) throw new ApiError('invalid_blocks');
  let markdown = 0;
  const seen = new Set<string>();
  for (const block of blocks) {
    const body = String(block['text'] ?? '');
    const id = block['block_id'];
    if (typeof id === 'string' && (id.length > 255 || seen.has(id))) throw new ApiError('invalid_blocks');
    if (typeof id === 'string') seen.add(id);
    if (block['type'] === 'markdown') markdown += body.length;
    if (block['type'] === 'markdown' && body === '') throw new ApiError('invalid_blocks');
    if (block['type'] === 'section' && parsedTexts([block]).some((part) => part.length > 3_000)) {
      throw new ApiError('invalid_blocks');
    }
    const elements = Array.isArray(block['elements']) ? (block['elements'] as Json[]) : [];
    if (block['type'] === 'context' && (elements.length === 0 || elements.length > 10)) {
      throw new ApiError('invalid_blocks');
    }
    if (block['type'] === 'actions' && (elements.length === 0 || elements.length > 25)) {
      throw new ApiError('invalid_blocks');
    }
    for (const element of elements) {
      const label = (element['text'] as Json | undefined)?.['text'];
      if (element['type'] === 'button' && (typeof label !== 'string' || label.length > 75)) {
        throw new ApiError('invalid_blocks');
      }
    }
  }
  if (markdown > MARKDOWN_LIMIT) throw new ApiError('msg_blocks_too_long');
}

export function chunksOf(args: Arguments): { readonly streamed: string; readonly blocks: readonly Json[] } {
  const markdown = optionalText(args, 'markdown_text');
  const chunks = jsonArray(args, 'chunks');
  const texts = [...(markdown === undefined ? [] : [markdown])];
  const blocks: Json[] = [];
  for (const chunk of chunks) {
    if (chunk['type'] === 'markdown_text') texts.push(String(chunk['text']));
    else if (chunk['type'] === 'blocks' && Array.isArray(chunk['blocks']))
      blocks.push(...(chunk['blocks'] as Json[]));
    else throw new ApiError('invalid_chunks');
  }
  checkBlocks(blocks);
  const streamed = texts.join('');
  if (streamed.length > MARKDOWN_LIMIT) throw new ApiError('msg_too_long');
  return { streamed, blocks };
}

export function metadataOf(args: Arguments): { readonly metadata?: Json } {
  const metadata = args['metadata'];
  if (metadata === undefined) return {};
  if (typeof metadata !== 'object' || metadata === null || !('event_type' in metadata)) {
    throw new ApiError('invalid_metadata_format');
  }
  return { metadata: metadata as Json };
}

export function text(args: Arguments, name: string): string {
  const value = optionalText(args, name);
  if (value === undefined) throw new ApiError('invalid_arguments');
  return value;
}

export function optionalText(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

export function jsonArray(args: Arguments, name: string): readonly Json[] {
  const value = args[name];
  if (value === undefined) return [];
  if (!Array.isArray(value))
    throw new ApiError(name === 'blocks' ? 'invalid_blocks_format' : 'invalid_arguments');
  return value as Json[];
}
