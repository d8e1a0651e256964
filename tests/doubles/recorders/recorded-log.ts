import type { Log } from '../../../src/ports/process/log.js';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** Keeps what was logged. */
export class RecordedLog implements Log {
  readonly lines: LoggedLine[] = [];

  debug(fields: object, message: string): void {
    this.lines.push({ level: 'debug', fields, message });
  }

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }

  /** Messages at `error`. */
  get errors(): readonly string[] {
    return this.lines.filter((line) => line.level === 'error').map((line) => line.message);
  }

  /** Everything in one string, for what must not be in it. */
  get everything(): string {
    return JSON.stringify(this.lines, (_key, value) => (value instanceof Error ? value.stack : value));
  }
}
