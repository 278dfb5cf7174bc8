CREATE TABLE `webhook_deliveries` (
	`webhook_id` text NOT NULL,
	`event_id` integer NOT NULL,
	`type` text NOT NULL,
	`zone_id` text,
	`lane` text NOT NULL,
	`body` text NOT NULL,
	`state` text NOT NULL,
	`is_held` integer NOT NULL,
	`attempts` integer NOT NULL,
	`happened_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`changed_at` integer NOT NULL,
	`status` integer,
	`error` text,
	PRIMARY KEY(`webhook_id`, `event_id`),
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`webhook_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`webhook_id`,`is_held`,`next_at`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `webhook_deliveries_lane` ON `webhook_deliveries` (`webhook_id`,`lane`,`event_id`) WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`webhook_id`,`state`,`event_id`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`webhook_id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`secret_sealed` text NOT NULL,
	`former_secret_sealed` text,
	`former_secret_until` integer,
	`allow_private` integer NOT NULL,
	`state` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`position` integer NOT NULL
);
