/** One thing that was looked at. `fail`: Parley or a part of it will not work. `warn`: it will, less well. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do about it; given where the state is not `ok`. */
  readonly mend?: string;
}

/** Looks at one thing. Independent of every other check. */
export interface Check {
  readonly name: string;
  /** @throws anything: told as a failed check */
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

export const ok = (text: string): Finding => ({ state: 'ok', text });
export const warn = (text: string, mend: string): Finding => ({ state: 'warn', text, mend });
export const fail = (text: string, mend: string): Finding => ({ state: 'fail', text, mend });
