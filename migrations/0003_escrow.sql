CREATE TABLE `escrow_cursors` (
	`chain_id` integer NOT NULL,
	`contract` text NOT NULL,
	`block` integer NOT NULL,
	PRIMARY KEY(`chain_id`, `contract`)
);
--> statement-breakpoint
CREATE TABLE `escrow_ops` (
	`op_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chain_id` integer NOT NULL,
	`contract` text NOT NULL,
	`escrow_id` text NOT NULL,
	`op` text NOT NULL,
	`signature` text,
	`party` text,
	`requested_by` text NOT NULL,
	`state` text NOT NULL,
	`tx_id` integer,
	`tx_hash` text,
	`failure` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `escrow_ops_open` ON `escrow_ops` (`chain_id`,`contract`,`escrow_id`,`op`) WHERE state in ('requested', 'submitted');--> statement-breakpoint
CREATE INDEX `escrow_ops_state` ON `escrow_ops` (`chain_id`,`state`);--> statement-breakpoint
CREATE INDEX `escrow_ops_tx` ON `escrow_ops` (`tx_id`);--> statement-breakpoint
CREATE TABLE `escrows` (
	`chain_id` integer NOT NULL,
	`contract` text NOT NULL,
	`escrow_id` text NOT NULL,
	`task_id` text NOT NULL,
	`payment_id` text NOT NULL,
	`node_id` text NOT NULL,
	`request_id` text NOT NULL,
	`zone_id` text NOT NULL,
	`token` text NOT NULL,
	`depositor` text NOT NULL,
	`recipient` text NOT NULL,
	`arbiter` text NOT NULL,
	`amount` text NOT NULL,
	`status` text NOT NULL,
	`deadline` integer NOT NULL,
	`tx_hash` text,
	`resolved_by` text,
	`resolved_tx` text,
	`resolved_at` integer,
	`changed_block` integer,
	`protocol_fee` text,
	`creator_fee` text,
	`recipient_amount` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`chain_id`, `contract`, `escrow_id`)
);
--> statement-breakpoint
CREATE INDEX `escrows_payment` ON `escrows` (`payment_id`);--> statement-breakpoint
CREATE INDEX `escrows_node` ON `escrows` (`node_id`,`escrow_id`);--> statement-breakpoint
CREATE INDEX `escrows_created` ON `escrows` (`created_at`);--> statement-breakpoint
CREATE INDEX `escrows_resolved` ON `escrows` (`resolved_at`);--> statement-breakpoint
ALTER TABLE `payments` ADD `escrow_deadline` integer;--> statement-breakpoint
ALTER TABLE `payments` ADD `arbiter` text;--> statement-breakpoint
ALTER TABLE `payments` ADD `content_key` text;