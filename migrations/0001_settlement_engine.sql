CREATE TABLE `refunds` (
	`payment_id` text PRIMARY KEY NOT NULL,
	`chain_id` integer NOT NULL,
	`token` text NOT NULL,
	`to` text NOT NULL,
	`amount` text NOT NULL,
	`state` text NOT NULL,
	`requested_by` text NOT NULL,
	`reason` text,
	`tx_id` integer,
	`tx_hash` text,
	`block_number` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `refunds_state` ON `refunds` (`chain_id`,`state`);--> statement-breakpoint
CREATE TABLE `zone_registrations` (
	`chain_id` integer NOT NULL,
	`zone_id` text NOT NULL,
	`creator` text NOT NULL,
	`creator_fee_bps` integer NOT NULL,
	`epoch` integer NOT NULL,
	`envelope_hash` text NOT NULL,
	`state` text NOT NULL,
	`tx_id` integer,
	`tx_hash` text,
	`detail` text,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`chain_id`, `zone_id`)
);
--> statement-breakpoint
CREATE INDEX `zone_registrations_state` ON `zone_registrations` (`chain_id`,`state`);--> statement-breakpoint
ALTER TABLE `settlement_txs` ADD `sent_at` integer;