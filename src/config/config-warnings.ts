import type { ParleyConfig } from './parley-config.js';

/** Sentences about settings that work but probably are not meant. */
export function configWarnings(config: ParleyConfig): string[] {
  const warnings: string[] = [];
  if (config.logExport !== null && config.logExport.secret === null)
    warnings.push('LOGGING_URL is set without LOGGING_SECRET: what is posted there is not signed.');
  if (config.redisUrl !== null && config.databaseUrl === null)
    warnings.push(
      'REDIS_URL is set without DATABASE_URL: conversations stay in the embedded database of this one process.',
    );
  return warnings;
}
