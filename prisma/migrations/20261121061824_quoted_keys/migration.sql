-- AlterTable
ALTER TABLE "message" ADD COLUMN     "quoted_author_keys" TEXT[],
ADD COLUMN     "quoted_message_ids" TEXT[];

-- CreateIndex
CREATE INDEX "message_quoted_author_keys_idx" ON "message" USING GIN ("quoted_author_keys");

-- CreateIndex
CREATE INDEX "message_quoted_message_ids_idx" ON "message" USING GIN ("quoted_message_ids");
