DROP INDEX `escrows_node`;--> statement-breakpoint
CREATE INDEX `escrows_id` ON `escrows` (`escrow_id`);