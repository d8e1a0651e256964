-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "key_id" INTEGER,
ADD COLUMN     "key_tokens_before" BIGINT;

-- CreateTable
CREATE TABLE "api_key" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "turns_per_minute" INTEGER,
    "tokens_per_day" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_key_digest_key" ON "api_key"("digest");

-- CreateIndex
CREATE INDEX "turn_key_idx" ON "turn"("key_id", "created_at") WHERE (key_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "turn_key_regenerated_idx" ON "turn"("key_id", "created_at") WHERE ((key_id IS NOT NULL) AND (cardinality(regenerated_at) > 0));

-- CreateIndex
CREATE INDEX "conversation_place_idx" ON "conversation"("id") WHERE (kind <> 'call'::text);

-- Calls of programs that bring their own prompt: nobody comes back to them.
UPDATE "conversation" SET "kind" = 'call' WHERE "platform" = 'web' AND "workspace" = 'v1';
