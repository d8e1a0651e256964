import type { ListedModel } from './model-list.js';
import { MODEL_SAID } from './model-sentences.js';

/** What a model is, in short words. */
export function modelFacts(model: ListedModel): string[] {
  const { runs, size_bytes: bytes, context_window: tokens, license } = model;
  return [
    runs === 'local' ? MODEL_SAID.local : MODEL_SAID.hosted,
    ...(bytes === null ? [] : [describeSize(bytes)]),
    ...(tokens === null ? [] : [MODEL_SAID.context(tokens)]),
    ...(license === null ? [] : [license]),
  ];
}

/** How it stands with a model, and what to do where it cannot answer at once. */
export function modelState({ state, progress, loaded }: ListedModel): string {
  switch (state) {
    case 'ready':
      if (loaded === null) return MODEL_SAID.ready;
      return loaded ? MODEL_SAID.loaded : MODEL_SAID.onDisk;
    case 'loading':
      return progress === null ? MODEL_SAID.loading : MODEL_SAID.loadingAt(progress);
    case 'not-downloaded':
      return progress === null ? MODEL_SAID.notDownloaded : MODEL_SAID.downloadingAt(progress);
    case 'unavailable':
      return MODEL_SAID.unavailable;
  }
}

/** Decimal units, as model files are named in. */
function describeSize(bytes: number): string {
  const [divisor, unit] = bytes >= 1e9 ? [1e9, 'GB'] : bytes >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  const size = bytes / divisor;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
