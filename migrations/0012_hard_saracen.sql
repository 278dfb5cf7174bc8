PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_provider_runs` (
	`invoke_id` text NOT NULL,
	`node_id` text NOT NULL,
	`zone_id` text NOT NULL,
	`requester` text NOT NULL,
	`request_id` text NOT NULL,
	`sent_at` integer NOT NULL,
	PRIMARY KEY(`invoke_id`, `node_id`),
	FOREIGN KEY (`zone_id`,`requester`,`request_id`) REFERENCES `requests`(`zone_id`,`node_id`,`request_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_provider_runs`("invoke_id", "node_id", "zone_id", "requester", "request_id", "sent_at") SELECT "run"."invoke_id", "run"."node_id", "requests"."zone_id", "run"."requester", "run"."request_id", "run"."sent_at" FROM `provider_runs` "run" JOIN `requests` ON "requests"."node_id" = "run"."requester" AND "requests"."request_id" = "run"."request_id";--> statement-breakpoint
DROP TABLE `provider_runs`;--> statement-breakpoint
ALTER TABLE `__new_provider_runs` RENAME TO `provider_runs`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `provider_runs_request` ON `provider_runs` (`zone_id`,`requester`,`request_id`);--> statement-breakpoint
DROP INDEX `payments_current`;--> statement-breakpoint
DROP INDEX `payments_request`;--> statement-breakpoint
CREATE UNIQUE INDEX `payments_current` ON `payments` (`zone_id`,`node_id`,`request_id`) WHERE current = 1;--> statement-breakpoint
CREATE INDEX `payments_request` ON `payments` (`zone_id`,`node_id`,`request_id`);--> statement-breakpoint
CREATE TABLE `__new_requests` (
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
	`runner` text,
	`sig` text,
	PRIMARY KEY(`zone_id`, `node_id`, `request_id`)
);
--> statement-breakpoint
INSERT INTO `__new_requests`("node_id", "request_id", "zone_id", "action", "params", "content_hash", "state", "paid", "invoke_id", "idempotent", "message_id", "result", "failure", "created_at", "updated_at", "expires_at", "runner", "sig") SELECT "node_id", "request_id", "zone_id", "action", "params", "content_hash", "state", "paid", "invoke_id", "idempotent", "message_id", "result", "failure", "created_at", "updated_at", "expires_at", "runner", "sig" FROM `requests`;--> statement-breakpoint
DROP TABLE `requests`;--> statement-breakpoint
ALTER TABLE `__new_requests` RENAME TO `requests`;--> statement-breakpoint
CREATE INDEX `requests_request` ON `requests` (`node_id`,`request_id`);--> statement-breakpoint
CREATE INDEX `requests_state` ON `requests` (`state`);--> statement-breakpoint
CREATE INDEX `requests_expires_at` ON `requests` (`expires_at`);