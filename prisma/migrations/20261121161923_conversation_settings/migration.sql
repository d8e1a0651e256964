-- CreateIndex
CREATE INDEX "place_settings_platform_idx" ON "place_settings"("key") WHERE (key !~~ 'web/%'::text);
