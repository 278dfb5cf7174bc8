CREATE TABLE `events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`zone_id` text,
	`subject` text,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `open_alarms` (
	`key` text PRIMARY KEY NOT NULL,
	`what` text NOT NULL,
	`remedy` text NOT NULL,
	`raised_at` integer NOT NULL
);
