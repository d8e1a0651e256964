-- DropIndex
DROP INDEX "turn_conversation_id_state_id_idx";

-- DropIndex
DROP INDEX "turn_state_lease_until_idx";

-- CreateIndex
CREATE INDEX "turn_unfinished_idx" ON "turn"("conversation_id", "id") WHERE (state = ANY (ARRAY['pending'::text, 'running'::text]));

-- CreateIndex
CREATE INDEX "turn_regenerated_idx" ON "turn"("author_key", "created_at") WHERE (cardinality(regenerated_at) > 0);

-- CreateIndex
CREATE INDEX "turn_credential_idx" ON "turn"("id") WHERE (jsonb_exists(target, 'credential'::text));
