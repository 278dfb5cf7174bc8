DROP INDEX `held_shares_unclaimed`;--> statement-breakpoint
CREATE INDEX `held_shares_unclaimed` ON `held_shares` (`chain_id`,`contract`,`owner`,`token`) WHERE claimed_block is null;--> statement-breakpoint
DROP INDEX `escrows_id`;--> statement-breakpoint
DROP INDEX `escrows_created`;--> statement-breakpoint
DROP INDEX `escrows_resolved`;--> statement-breakpoint
CREATE INDEX `escrows_zone` ON `escrows` (`zone_id`,`created_at`,`escrow_id`);--> statement-breakpoint
CREATE INDEX `escrows_status` ON `escrows` (`status`,`created_at`,`escrow_id`);--> statement-breakpoint
CREATE INDEX `escrows_id` ON `escrows` (`escrow_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `escrows_created` ON `escrows` (`created_at`,`escrow_id`);--> statement-breakpoint
CREATE INDEX `escrows_resolved` ON `escrows` (`resolved_at`,`escrow_id`);--> statement-breakpoint
DROP INDEX `payments_zone`;--> statement-breakpoint
CREATE INDEX `payments_listed` ON `payments` (`state`,`payment_id`,`zone_id`);--> statement-breakpoint
CREATE INDEX `payments_settled` ON `payments` (`settled_at`,`payment_id`) WHERE mode = 'direct' and settled_at is not null;--> statement-breakpoint
CREATE INDEX `payments_zone` ON `payments` (`zone_id`,`payment_id`);--> statement-breakpoint
CREATE INDEX `escrow_ops_escrow` ON `escrow_ops` (`chain_id`,`contract`,`escrow_id`);--> statement-breakpoint
CREATE INDEX `refunds_tx` ON `refunds` (`tx_id`);--> statement-breakpoint
CREATE INDEX `refunds_open` ON `refunds` (`state`,`payment_id`) WHERE state <> 'confirmed' and (state <> 'failed' or steward is null);--> statement-breakpoint
CREATE INDEX `settlement_txs_unfinished` ON `settlement_txs` (`chain_id`,`state`) WHERE state <> 'final';--> statement-breakpoint
CREATE INDEX `settlement_txs_mined` ON `settlement_txs` (`mined_hash`) WHERE mined_hash is not null;--> statement-breakpoint
CREATE INDEX `zone_registrations_tx` ON `zone_registrations` (`tx_id`);--> statement-breakpoint
CREATE INDEX `requests_waiting` ON `requests` (`zone_id`) WHERE state in ('undelivered', 'failed') and paid = 1;--> statement-breakpoint
CREATE INDEX `zones_creator` ON `zones` (`creator`);