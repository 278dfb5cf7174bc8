CREATE TABLE `audit_log` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`at` integer NOT NULL,
	`token_id` text,
	`actor` text,
	`address` text NOT NULL,
	`action` text NOT NULL,
	`request_id` text,
	`status` integer,
	`detail` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_log_kind` ON `audit_log` (`kind`,`seq`);--> statement-breakpoint
ALTER TABLE `admin_tokens` ADD `prefix` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `admin_tokens` ADD `expires_at` integer;--> statement-breakpoint
ALTER TABLE `admin_tokens` ADD `last_used_at` integer;--> statement-breakpoint
CREATE INDEX `admin_tokens_prefix` ON `admin_tokens` (`prefix`);--> statement-breakpoint
CREATE INDEX `idempotency_keys_created_at` ON `idempotency_keys` (`created_at`);