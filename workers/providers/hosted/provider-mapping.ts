import { z } from 'zod';

const Provided = z.object({ providerId: z.string(), status: z.string(), task: z.string() });

/** The hub's answer, as text, on which of Hugging Face's providers have a model, and under which name. */
export const ProviderMapping = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'broken JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.object({
      // Left out where no provider has it.
      inferenceProviderMapping: z
        .union([z.array(Provided.extend({ provider: z.string() })), z.record(z.string(), Provided)])
        .default([]),
    }),
  );
