CREATE TABLE `deleted_zones` (
	`zone_id` text PRIMARY KEY NOT NULL,
	`epoch` integer NOT NULL,
	`envelope_hash` text NOT NULL,
	`creator` text NOT NULL,
	`deleted_at` integer NOT NULL,
	`purged_at` integer
);
--> statement-breakpoint
CREATE INDEX `deleted_zones_purged_at` ON `deleted_zones` (`purged_at`);