/**
 * How an answer begins. `answer`: with itself or with an opening tag. `unknown`: perhaps inside reasoning whose
 * opening tag stands in the model's template, so that only the closing one is streamed.
 */
export type AnswerBeginning = 'answer' | 'unknown';

/** What the stream turned out to hold. `unopened`: a closing tag whose opening one never came. */
export type ReasoningFound = 'none' | 'tagged' | 'unopened';

/** Takes hidden reasoning out of a stream. What it gives does not depend on how the text is cut. */
export interface ReasoningFilter {
  /** What may be shown of the text so far and was not given before. */
  push(text: string): string;
  /**
   * The rest.
   *
   * @param complete - whether the model ended by itself: of an answer that was cut, nothing is shown that
   *   may be reasoning
   */
  flush(complete: boolean): string;
  found(): ReasoningFound;
}

const NAMES = ['think', 'thinking'];
const OPENER = /^\s*<(think|thinking)>/i;
const MENTION = /<(?:think|thinking)>/i;
const CLOSER = /<\/(?:think|thinking)>/i;
const LONGEST_CLOSER = '</thinking>'.length;

type State =
  /** Only whitespace or the beginning of an opening tag has come; `text` is all of it. */
  | {
      readonly at: 'start';
      readonly text: string;
      readonly begins: AnswerBeginning;
      readonly trim: boolean;
    }
  /** `held` may be answer or reasoning; `text` is its end, which may begin the closing tag. */
  | { readonly at: 'unknown'; readonly text: string; readonly held: string }
  /** `text` may be the beginning of the closing tag. */
  | { readonly at: 'reasoning'; readonly text: string; readonly closer: RegExp }
  /** `text` is the end of what was shown. */
  | { readonly at: 'answer'; readonly text: string; readonly mentioned: boolean };

interface Step {
  readonly state: State;
  readonly shown: string;
  /** Text that the new state is to read. */
  readonly rest: string;
  readonly found?: ReasoningFound;
}

const AFTER_BLOCK: State = { at: 'start', text: '', begins: 'answer', trim: true };

/**
 * Removes `<think>…</think>` and `<thinking>…</thinking>` blocks at the start of an answer, with the space
 * after them. Later in the answer a tag is text like any other.
 */
export function createReasoningFilter(begins: AnswerBeginning): ReasoningFilter {
  let state: State = { at: 'start', text: '', begins, trim: false };
  let found: ReasoningFound = 'none';
  return {
    push(text) {
      let shown = '';
      for (let rest = text; rest !== ''; ) {
        const next = read(state, rest);
        state = next.state;
        shown += next.shown;
        rest = next.rest;
        if (found === 'none') found = next.found ?? 'none';
      }
      return shown;
    },
    flush(complete) {
      if (!complete) return '';
      if (state.at === 'unknown') return state.held;
      if (state.at !== 'start') return '';
      return state.trim ? state.text.trimStart() : state.text;
    },
    found: () => found,
  };
}

function read(state: State, text: string): Step {
  const all = state.text + text;
  switch (state.at) {
    case 'start': {
      const opener = OPENER.exec(all);
      if (opener) {
        const closer = new RegExp(`</${opener[1]}>`, 'i');
        return {
          state: { at: 'reasoning', text: '', closer },
          shown: '',
          rest: all.slice(opener[0].length),
          found: 'tagged',
        };
      }
      if (mayOpen(all)) return { state: { ...state, text: all }, shown: '', rest: '' };
      const next: State =
        state.begins === 'answer'
          ? { at: 'answer', text: '', mentioned: false }
          : { at: 'unknown', text: '', held: '' };
      return { state: next, shown: '', rest: state.trim ? all.trimStart() : all };
    }
    case 'unknown': {
      const closer = CLOSER.exec(all);
      if (closer) return { ...afterCloser(all, closer), found: 'unopened' };
      return { state: { ...state, text: mayClose(all), held: state.held + text }, shown: '', rest: '' };
    }
    case 'reasoning': {
      const closer = state.closer.exec(all);
      if (closer) return afterCloser(all, closer);
      return { state: { ...state, text: mayClose(all) }, shown: '', rest: '' };
    }
    case 'answer': {
      const opener = all.search(MENTION);
      const closer = state.mentioned ? -1 : all.search(CLOSER);
      const unopened = closer >= 0 && (opener < 0 || closer < opener);
      return {
        state: { at: 'answer', text: mayClose(all), mentioned: state.mentioned || opener >= 0 },
        shown: text,
        rest: '',
        ...(unopened && { found: 'unopened' }),
      };
    }
  }
}

function afterCloser(all: string, closer: RegExpExecArray): Step {
  return { state: AFTER_BLOCK, shown: '', rest: all.slice(closer.index + closer[0].length) };
}

/** The end of a text that a closing tag could still begin in. */
function mayClose(text: string): string {
  return text.slice(-(LONGEST_CLOSER - 1));
}

/** Whether more text could make an opening tag of it. */
function mayOpen(text: string): boolean {
  const begun = text.trimStart().toLowerCase();
  return NAMES.some((name) => `<${name}>`.startsWith(begun));
}

/** Names of models whose templates open the reasoning themselves, as far as a name can tell. */
export function mayReasonUnopened(model: string): boolean {
  return /(?<![a-z])(r1|qwq|thinking|reasoner|reasoning|magistral)(?![a-z])/i.test(model);
}
