-- AlterTable
ALTER TABLE "turn" ADD COLUMN     "given_prompt" JSONB;

-- CreateIndex
CREATE INDEX "turn_given_prompt_idx" ON "turn"("id") WHERE (given_prompt IS NOT NULL);
