CREATE TABLE `dashboard_sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`token_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	FOREIGN KEY (`token_id`) REFERENCES `admin_tokens`(`token_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `dashboard_sessions_token` ON `dashboard_sessions` (`token_id`);--> statement-breakpoint
CREATE INDEX `dashboard_sessions_seen` ON `dashboard_sessions` (`seen_at`);