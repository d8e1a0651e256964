-- CreateIndex
CREATE INDEX "turn_failed_idx" ON "turn"("id") WHERE ((state = 'failed'::text) AND (NOT forgotten));
