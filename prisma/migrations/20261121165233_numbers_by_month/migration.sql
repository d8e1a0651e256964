-- All of it can be added up again from the turns, and is: a day at a time.
TRUNCATE "numbers_day", "numbers_due", "numbers_turns", "numbers_people", "numbers_spread";

-- AlterTable
ALTER TABLE "numbers_people" DROP CONSTRAINT "numbers_people_pkey",
DROP COLUMN "conversations",
DROP COLUMN "users",
ADD COLUMN     "author_key" TEXT NOT NULL,
ADD COLUMN     "span" TEXT NOT NULL,
ADD COLUMN     "tokens" BIGINT NOT NULL,
ADD COLUMN     "turns" INTEGER NOT NULL,
ADD CONSTRAINT "numbers_people_pkey" PRIMARY KEY ("span", "day", "platform", "model", "author_key");

-- AlterTable
ALTER TABLE "numbers_spread" DROP CONSTRAINT "numbers_spread_pkey",
ADD COLUMN     "span" TEXT NOT NULL,
ADD CONSTRAINT "numbers_spread_pkey" PRIMARY KEY ("span", "platform", "model", "day", "measure", "bucket");

-- AlterTable
ALTER TABLE "numbers_turns" DROP CONSTRAINT "numbers_turns_pkey",
ADD COLUMN     "span" TEXT NOT NULL,
ADD CONSTRAINT "numbers_turns_pkey" PRIMARY KEY ("span", "day", "platform", "model", "persona", "outcome");

-- CreateTable
CREATE TABLE "numbers_totals" (
    "day" DATE NOT NULL,
    "platform" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "turns" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "users" INTEGER NOT NULL,
    "conversations" INTEGER NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "cached_tokens" BIGINT NOT NULL,
    "reply_tokens" BIGINT NOT NULL,
    "replaced_tokens" BIGINT NOT NULL,
    "timed_tokens" BIGINT NOT NULL,
    "timed_ms" DOUBLE PRECISION NOT NULL,
    "first_token_p50" INTEGER,
    "first_token_p95" INTEGER,
    "first_text_p50" INTEGER,
    "first_text_p95" INTEGER,
    "conversation_p50" INTEGER,
    "conversation_p95" INTEGER,

    CONSTRAINT "numbers_totals_pkey" PRIMARY KEY ("platform","model","day")
);

-- CreateTable
CREATE TABLE "numbers_conversations" (
    "span" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "platform" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "turns" INTEGER NOT NULL,

    CONSTRAINT "numbers_conversations_pkey" PRIMARY KEY ("span","day","platform","model","conversation_id")
);
