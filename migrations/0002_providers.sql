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
