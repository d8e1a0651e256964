import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ModelSource } from '../../domain/models/model-entry.js';

/**
 * Where a source's file lies once it is here. Sources of one known file share its place; a changed source gets
 * another, so that an old file never passes for a new one.
 */
export function sourceFile(folder: string, source: ModelSource): string {
  if (source.type === 'file') return source.path;
  const name = path.posix
    .basename(fileNameOf(source))
    .replace(/[^\w.-]/g, '_')
    .replace(/\.gguf$/i, '');
  const identity = source.sha256 ?? createHash('sha256').update(describeSource(source)).digest('hex');
  return path.join(folder, `${name.slice(0, 80)}-${identity.slice(0, 12)}.gguf`);
}

/** The source in a few words, for logs and lists. */
export function describeSource(source: ModelSource): string {
  switch (source.type) {
    case 'file':
      return source.path;
    case 'hugging-face':
      return `Hugging Face ${source.repository}/${source.file} (${source.revision.slice(0, 12)})`;
    case 'url': {
      const url = new URL(source.url);
      return `${url.origin}${url.pathname}`;
    }
    case 'python-package':
      return `Python package ${source.name} ${source.version}`;
  }
}

/** Length in bytes, where the source is known that well. */
export function knownBytes(source: ModelSource): number | null {
  return source.type === 'file' ? null : (source.bytes ?? null);
}

function fileNameOf(source: Exclude<ModelSource, { type: 'file' }>): string {
  if (source.type === 'hugging-face') return source.file;
  return source.type === 'url' ? decodeURI(new URL(source.url).pathname) : source.member;
}
