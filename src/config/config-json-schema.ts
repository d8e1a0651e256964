import { z } from 'zod';
import { CONFIG_FILE } from './config-file.js';

/** JSON Schema of parley.config.yaml, for editors. */
export function configJsonSchema(): object {
  return {
    ...z.toJSONSchema(CONFIG_FILE, { io: 'input', target: 'draft-7' }),
    title: 'parley.config.yaml',
  };
}
