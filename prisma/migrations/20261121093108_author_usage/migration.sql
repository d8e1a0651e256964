-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "tokens_before" BIGINT;

-- CreateTable
CREATE TABLE "author_usage" (
    "author_key" TEXT NOT NULL,
    "tokens" BIGINT NOT NULL,

    CONSTRAINT "author_usage_pkey" PRIMARY KEY ("author_key")
);

-- Limits look at one day: older turns need no count.
WITH of_the_day AS (
    SELECT "id", "author_key", "prompt_tokens" + "reply_tokens" + "replaced_tokens" AS "own",
           sum("prompt_tokens" + "reply_tokens" + "replaced_tokens")
             OVER (PARTITION BY "author_key" ORDER BY "created_at", "id") AS "so_far"
    FROM "turn" WHERE "created_at" > now() - interval '1 day'
), counted AS (
    INSERT INTO "author_usage" ("author_key", "tokens")
    SELECT "author_key", sum("own") FROM of_the_day GROUP BY "author_key"
)
UPDATE "turn" SET "tokens_before" = of_the_day."so_far" - of_the_day."own"
FROM of_the_day WHERE "turn"."id" = of_the_day."id";
