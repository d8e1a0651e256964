import { copyText } from './copy-text.js';
import { sanitize } from './sanitize.js';

/** More than this would hold the page up, in UTF-16 code units. */
const HIGHLIGHT_LIMIT = 50_000;
const COPIED_MS = 2_000;

/** What the button shows, and what it is called, which holds what it shows. */
interface CopyWords {
  readonly seen: string;
  readonly heard: string;
}
const COPY: CopyWords = { seen: 'Copy', heard: 'Copy the code' };
const COPIED: CopyWords = { seen: 'Copied', heard: 'Copied the code' };
const NOT_COPIED: CopyWords = {
  seen: 'Not copied',
  heard: 'Not copied: select the code and copy it yourself',
};

/** Puts a bar with the language and a copy button above a block of code, and colours it once that has loaded. */
export function dressCode(pre: HTMLPreElement): void {
  const code = pre.querySelector('code');
  if (!code) return;
  const language = pre.dataset['language'] ?? '';
  const text = code.textContent ?? '';
  const bar = document.createElement('div');
  bar.className = 'code-bar';
  const name = document.createElement('span');
  name.textContent = language || 'text';
  bar.append(name, copyButton(text));
  const frame = document.createElement('div');
  frame.className = 'code';
  pre.replaceWith(frame);
  frame.append(bar, pre);
  pre.tabIndex = 0;
  if (language && text.length <= HIGHLIGHT_LIMIT) void colour(code, text, language);
}

function copyButton(text: string): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  const say = ({ seen, heard }: CopyWords) => {
    button.textContent = seen;
    button.setAttribute('aria-label', heard);
  };
  say(COPY);
  button.addEventListener('click', () => {
    void copyText(text).then((copied) => {
      say(copied ? COPIED : NOT_COPIED);
      setTimeout(() => say(COPY), COPIED_MS);
    });
  });
  return button;
}

/** In steps of at most a frame or two each: what else moves on the page goes on. */
async function colour(code: HTMLElement, text: string, language: string): Promise<void> {
  const { highlighter } = await import('./highlighter.js');
  if (!highlighter.getLanguage(language)) return;
  await nextFrame();
  const { value } = highlighter.highlight(text, { language, ignoreIllegals: true });
  await nextFrame();
  const coloured = sanitize(value);
  await nextFrame();
  code.replaceChildren(coloured);
}

function nextFrame(): Promise<unknown> {
  return new Promise(requestAnimationFrame);
}
