CREATE TABLE `operator_bindings` (
	`node_id` text PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`confirmed` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `operator_bindings_first_seen_at` ON `operator_bindings` (`first_seen_at`);--> statement-breakpoint
CREATE INDEX `operator_bindings_trim` ON `operator_bindings` (`confirmed`,`first_seen_at`);