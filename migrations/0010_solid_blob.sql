CREATE TABLE `claims` (
	`claim_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chain_id` integer NOT NULL,
	`contract` text NOT NULL,
	`token` text NOT NULL,
	`owner` text NOT NULL,
	`state` text NOT NULL,
	`requested_by` text NOT NULL,
	`amount` text,
	`failure` text,
	`tx_id` integer,
	`tx_hash` text,
	`block_number` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `claims_open` ON `claims` (`chain_id`,`contract`,`owner`) WHERE state in ('requested', 'submitted');--> statement-breakpoint
CREATE INDEX `claims_owner` ON `claims` (`chain_id`,`contract`,`owner`);--> statement-breakpoint
CREATE INDEX `claims_state` ON `claims` (`chain_id`,`state`);--> statement-breakpoint
CREATE INDEX `claims_tx` ON `claims` (`tx_id`);--> statement-breakpoint
CREATE TABLE `held_shares` (
	`payment_id` text NOT NULL,
	`share` text NOT NULL,
	`chain_id` integer NOT NULL,
	`contract` text NOT NULL,
	`token` text NOT NULL,
	`owner` text NOT NULL,
	`amount` text NOT NULL,
	`tx_hash` text NOT NULL,
	`block_number` integer NOT NULL,
	`log_index` integer NOT NULL,
	`claimed_block` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`payment_id`, `share`)
);
--> statement-breakpoint
CREATE INDEX `held_shares_tx` ON `held_shares` (`tx_hash`);--> statement-breakpoint
CREATE INDEX `held_shares_unclaimed` ON `held_shares` (`chain_id`,`contract`,`owner`) WHERE claimed_block is null;--> statement-breakpoint
CREATE INDEX `held_shares_claimed` ON `held_shares` (`chain_id`,`claimed_block`);--> statement-breakpoint
ALTER TABLE `refunds` ADD `failure` text;