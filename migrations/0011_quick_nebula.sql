CREATE TABLE `replica_chunks` (
	`zone_id` text NOT NULL,
	`snapshot` text NOT NULL,
	`index` integer NOT NULL,
	`text` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `snapshot`, `index`)
);
--> statement-breakpoint
CREATE TABLE `replica_evidence` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`zone_id` text NOT NULL,
	`kind` text NOT NULL,
	`signer` text NOT NULL,
	`epoch` integer NOT NULL,
	`n` integer,
	`seq` integer,
	`documents` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `replica_evidence_zone` ON `replica_evidence` (`zone_id`,`id`);--> statement-breakpoint
CREATE TABLE `replica_quarantine` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`zone_id` text NOT NULL,
	`epoch` integer NOT NULL,
	`cut` text NOT NULL,
	`kind` text NOT NULL,
	`document` text NOT NULL,
	`bytes` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `replica_quarantine_zone` ON `replica_quarantine` (`zone_id`,`id`);--> statement-breakpoint
CREATE TABLE `replica_requests` (
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	`request_id` text NOT NULL,
	`value` text NOT NULL,
	`wallet` text,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`zone_id`, `node_id`, `request_id`)
);
--> statement-breakpoint
CREATE INDEX `replica_requests_request` ON `replica_requests` (`node_id`,`request_id`);--> statement-breakpoint
CREATE INDEX `replica_requests_expires_at` ON `replica_requests` (`expires_at`);--> statement-breakpoint
CREATE TABLE `replicated_zones` (
	`zone_id` text PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`n` integer NOT NULL,
	`digest` text NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL,
	`complete` integer NOT NULL,
	`lost` integer NOT NULL,
	`halted` text,
	`released` integer NOT NULL,
	`head` text,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `zone_commits` (
	`zone_id` text NOT NULL,
	`n` integer NOT NULL,
	`epoch` integer NOT NULL,
	`seq` integer NOT NULL,
	`hash` text NOT NULL,
	`salt` text NOT NULL,
	`digest` text NOT NULL,
	`total_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`records` text NOT NULL,
	`head` text,
	PRIMARY KEY(`zone_id`, `n`)
);
--> statement-breakpoint
ALTER TABLE `refunds` ADD `steward` text;--> statement-breakpoint
ALTER TABLE `members` ADD `signs` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `requests` ADD `runner` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `sig` text;