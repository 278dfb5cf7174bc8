CREATE TABLE `run_reports` (
	`invoke_id` text PRIMARY KEY NOT NULL,
	`zone_id` text NOT NULL,
	`node_id` text NOT NULL,
	`request_id` text NOT NULL,
	`result` text,
	`failure` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `run_reports_zone` ON `run_reports` (`zone_id`,`invoke_id`);--> statement-breakpoint
CREATE INDEX `run_reports_created_at` ON `run_reports` (`created_at`);--> statement-breakpoint
ALTER TABLE `payments` ADD `quoted_epoch` integer;--> statement-breakpoint
CREATE INDEX `requests_run` ON `requests` (`invoke_id`) WHERE runner is not null;