DROP INDEX `requests_request`;--> statement-breakpoint
CREATE INDEX `requests_name` ON `requests` (`request_id`,`node_id`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_seen_messages` (
	`node_id` text NOT NULL,
	`message_id` text NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`message_id`, `node_id`)
);
--> statement-breakpoint
INSERT INTO `__new_seen_messages`("node_id", "message_id", "seen_at") SELECT "node_id", "message_id", "seen_at" FROM `seen_messages` ORDER BY rowid;--> statement-breakpoint
DROP TABLE `seen_messages`;--> statement-breakpoint
ALTER TABLE `__new_seen_messages` RENAME TO `seen_messages`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
DROP INDEX `zone_log_message_id`;--> statement-breakpoint
CREATE UNIQUE INDEX `zone_log_message` ON `zone_log` (`zone_id`,`message_id`,`node_id`) WHERE message_id is not null;