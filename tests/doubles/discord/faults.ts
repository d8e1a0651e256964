import type { Operation } from './spec.js';

/** What goes wrong with a request. `applied` ones have their effect first: the platform did it and lost the answer. */
export type FaultAction =
  | { readonly type: 'status'; readonly status: 500 | 502 | 503 | 504; readonly applied?: boolean }
  | { readonly type: 'drop-socket'; readonly applied?: boolean }
  | { readonly type: 'error'; readonly status: number; readonly code: number; readonly message?: string }
  | {
      readonly type: 'rate-limit';
      readonly retryAfter: number;
      readonly scope?: 'user' | 'global' | 'shared';
      /** As some proxies do: a 429 without Discord's headers. */
      readonly bare?: boolean;
    }
  /** No answer until the promise resolves; then the request goes its way, unless it has done so already: `applied`. */
  | {
      readonly type: 'hold';
      readonly until: Promise<unknown>;
      readonly applied?: boolean;
      readonly onArrival?: () => void;
    };

export interface Fault {
  /** `POST /channels/{channel_id}/messages`: method and path as the specification writes it. */
  readonly on: string;
  /** Only requests whose path holds this: the id of one channel. */
  readonly path?: string;
  readonly action: FaultAction;
  /** How many requests it hits; once unless told. */
  readonly times?: number;
  /** Requests let through first. */
  readonly after?: number;
}

/** Faults waiting for their requests. */
export class Faults {
  readonly #waiting: { fault: Fault; skip: number; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  /** @param path - of the request, decoded */
  next(operation: Operation, path: string): FaultAction | null {
    const name = `${operation.method.toUpperCase()} ${operation.template}`;
    const found = this.#waiting.find(
      ({ fault, left }) => fault.on === name && left > 0 && path.includes(fault.path ?? ''),
    );
    if (!found) return null;
    if (found.skip > 0) {
      found.skip--;
      return null;
    }
    found.left--;
    return found.fault.action;
  }
}
