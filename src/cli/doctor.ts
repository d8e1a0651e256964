import type { ParleyConfig } from '../config/parley-config.js';
import type { Log } from '../ports/log.js';

/** `parley doctor` */
export async function doctor(
  config: ParleyConfig | Error,
  _options: { readonly log: Log },
): Promise<boolean> {
  return !(config instanceof Error);
}
