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
CREATE TABLE `payer_failures` (
	`chain_id` integer NOT NULL,
	`payer` text NOT NULL,
	`payment_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`chain_id`, `payer`, `payment_id`, `at`)
);
--> statement-breakpoint
CREATE INDEX `payer_failures_at` ON `payer_failures` (`at`);--> statement-breakpoint
CREATE TABLE `payment_history` (
	`history_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`payment_id` text NOT NULL,
	`state` text NOT NULL,
	`at` integer NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `payment_history_payment` ON `payment_history` (`payment_id`);--> statement-breakpoint
CREATE TABLE `payments` (
	`payment_id` text PRIMARY KEY NOT NULL,
	`node_id` text NOT NULL,
	`request_id` text NOT NULL,
	`zone_id` text NOT NULL,
	`action` text NOT NULL,
	`current` integer NOT NULL,
	`chain_id` integer NOT NULL,
	`token` text NOT NULL,
	`contract` text NOT NULL,
	`mode` text NOT NULL,
	`recipient` text NOT NULL,
	`creator` text NOT NULL,
	`creator_fee_bps` integer NOT NULL,
	`amount` text NOT NULL,
	`zone_key` text NOT NULL,
	`request_key` text NOT NULL,
	`deadline` integer NOT NULL,
	`escrow_deadline` integer,
	`arbiter` text,
	`content_key` text,
	`salt` text NOT NULL,
	`nonce` text NOT NULL,
	`quote_signature` text NOT NULL,
	`quoted_block` integer NOT NULL,
	`state` text NOT NULL,
	`payer` text,
	`kind` text,
	`valid_after` text,
	`signature` text,
	`by_contract` integer,
	`tx_id` integer,
	`attempts` integer NOT NULL,
	`void_at` integer,
	`failure_reason` text,
	`failure_message` text,
	`tx_hash` text,
	`block_number` integer,
	`block_hash` text,
	`settled_at` integer,
	`protocol_fee` text,
	`creator_fee` text,
	`recipient_amount` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payments_nonce_unique` ON `payments` (`nonce`);--> statement-breakpoint
CREATE UNIQUE INDEX `payments_current` ON `payments` (`node_id`,`request_id`) WHERE current = 1;--> statement-breakpoint
CREATE UNIQUE INDEX `payments_authorization` ON `payments` (`chain_id`,`token`,`payer`,`nonce`);--> statement-breakpoint
CREATE INDEX `payments_state` ON `payments` (`chain_id`,`state`);--> statement-breakpoint
CREATE INDEX `payments_request` ON `payments` (`node_id`,`request_id`);--> statement-breakpoint
CREATE INDEX `payments_zone` ON `payments` (`zone_id`);--> statement-breakpoint
CREATE INDEX `payments_ended` ON `payments` (`chain_id`,`deadline`) WHERE state in ('rejected', 'failed') and void_at is null;--> statement-breakpoint
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
CREATE TABLE `settlement_attempts` (
	`hash` text PRIMARY KEY NOT NULL,
	`tx_id` integer NOT NULL,
	`raw` text NOT NULL,
	`max_fee` text NOT NULL,
	`priority_fee` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `settlement_attempts_tx` ON `settlement_attempts` (`tx_id`);--> statement-breakpoint
CREATE TABLE `settlement_items` (
	`tx_id` integer NOT NULL,
	`position` integer NOT NULL,
	`payment_id` text NOT NULL,
	`outcome` text,
	`reason` text,
	PRIMARY KEY(`tx_id`, `position`)
);
--> statement-breakpoint
CREATE INDEX `settlement_items_payment` ON `settlement_items` (`payment_id`);--> statement-breakpoint
CREATE TABLE `settlement_txs` (
	`tx_id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`chain_id` integer NOT NULL,
	`sender` text NOT NULL,
	`nonce` integer NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`to` text NOT NULL,
	`data` text NOT NULL,
	`gas_limit` integer NOT NULL,
	`mined_hash` text,
	`block_number` integer,
	`block_hash` text,
	`succeeded` integer,
	`gas_used` integer,
	`gas_cost` text,
	`sent_at` integer,
	`applied` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `settlement_txs_nonce` ON `settlement_txs` (`chain_id`,`sender`,`nonce`) WHERE state <> 'lost';--> statement-breakpoint
CREATE INDEX `settlement_txs_state` ON `settlement_txs` (`chain_id`,`sender`,`state`);--> statement-breakpoint
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
CREATE TABLE `provider_runs` (
	`invoke_id` text NOT NULL,
	`node_id` text NOT NULL,
	`requester` text NOT NULL,
	`request_id` text NOT NULL,
	`sent_at` integer NOT NULL,
	PRIMARY KEY(`invoke_id`, `node_id`),
	FOREIGN KEY (`requester`,`request_id`) REFERENCES `requests`(`node_id`,`request_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `provider_runs_request` ON `provider_runs` (`requester`,`request_id`);--> statement-breakpoint
CREATE TABLE `zone_providers` (
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	`actions` text NOT NULL,
	`approved_by` text NOT NULL,
	`approved_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `node_id`)
);
--> statement-breakpoint
CREATE TABLE `admin_tokens` (
	`token_id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`name` text NOT NULL,
	`scope` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `admin_tokens_hash_unique` ON `admin_tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `direct_messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sender` text NOT NULL,
	`receiver` text NOT NULL,
	`message_id` text NOT NULL,
	`message` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `direct_messages_message_id` ON `direct_messages` (`sender`,`receiver`,`message_id`);--> statement-breakpoint
CREATE INDEX `direct_messages_receiver` ON `direct_messages` (`receiver`,`id`);--> statement-breakpoint
CREATE INDEX `direct_messages_created_at` ON `direct_messages` (`created_at`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`content_hash` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `invites` (
	`invite_id` text PRIMARY KEY NOT NULL,
	`zone_id` text NOT NULL,
	`hash` text NOT NULL,
	`node_id` text,
	`max_uses` integer NOT NULL,
	`uses` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invites_hash_unique` ON `invites` (`hash`);--> statement-breakpoint
CREATE INDEX `invites_zone_id` ON `invites` (`zone_id`,`invite_id`);--> statement-breakpoint
CREATE TABLE `members` (
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`skills` text NOT NULL,
	`joined_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `node_id`)
);
--> statement-breakpoint
CREATE INDEX `members_node_id` ON `members` (`node_id`);--> statement-breakpoint
CREATE TABLE `peers` (
	`node_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`skills` text NOT NULL,
	`bound_at` integer,
	`seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `requests` (
	`node_id` text NOT NULL,
	`request_id` text NOT NULL,
	`zone_id` text NOT NULL,
	`action` text NOT NULL,
	`params` text NOT NULL,
	`content_hash` text NOT NULL,
	`state` text NOT NULL,
	`paid` integer NOT NULL,
	`invoke_id` text NOT NULL,
	`idempotent` integer NOT NULL,
	`message_id` text NOT NULL,
	`result` text,
	`failure` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer,
	PRIMARY KEY(`node_id`, `request_id`)
);
--> statement-breakpoint
CREATE INDEX `requests_state` ON `requests` (`state`);--> statement-breakpoint
CREATE INDEX `requests_expires_at` ON `requests` (`expires_at`);--> statement-breakpoint
CREATE TABLE `seen_messages` (
	`node_id` text NOT NULL,
	`message_id` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`node_id`, `message_id`)
);
--> statement-breakpoint
CREATE INDEX `seen_messages_seen_at` ON `seen_messages` (`seen_at`);--> statement-breakpoint
CREATE TABLE `wire_bans` (
	`node_id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `zone_bans` (
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	`reason` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	PRIMARY KEY(`zone_id`, `node_id`)
);
--> statement-breakpoint
CREATE TABLE `zone_checkpoints` (
	`zone_id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL,
	`head` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `zone_envelopes` (
	`zone_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`envelope` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `epoch`)
);
--> statement-breakpoint
CREATE TABLE `zone_forks` (
	`zone_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`hash` text NOT NULL,
	`envelope` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `epoch`, `hash`)
);
--> statement-breakpoint
CREATE TABLE `zone_log` (
	`zone_id` text NOT NULL,
	`seq` integer NOT NULL,
	`timestamp` integer NOT NULL,
	`kind` text NOT NULL,
	`node_id` text NOT NULL,
	`data` text NOT NULL,
	`hash` text NOT NULL,
	`message_id` text,
	PRIMARY KEY(`zone_id`, `seq`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `zone_log_message_id` ON `zone_log` (`zone_id`,`node_id`,`message_id`);--> statement-breakpoint
CREATE TABLE `zones` (
	`zone_id` text PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`envelope_hash` text NOT NULL,
	`state` text NOT NULL,
	`suspended_at` integer,
	`creator` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`topic` text,
	`description` text NOT NULL,
	`head_seq` integer NOT NULL,
	`head_hash` text NOT NULL,
	`member_count` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `zones_type` ON `zones` (`type`);